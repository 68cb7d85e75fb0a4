"""Forgetting a person: which of our records are theirs, and by what else they can be told from in what we keep."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from crmgraph.domain.assigning import PersonId
from crmgraph.domain.columns import email_form, phone_form
from crmgraph.domain.errors import BadReply, InputError
from crmgraph.domain.model import Kind
from crmgraph.domain.naming import name_of
from crmgraph.domain.normalize import email_key, phone_key
from crmgraph.domain.profiles import joining_email
from crmgraph.domain.records import Record, Ref
from crmgraph.service.ids import decode
from crmgraph.service.learning import record_of
from crmgraph.service.persons import PersonIds
from crmgraph.service.ports import Source
from crmgraph.service.replica import Replica

_TELLING = 8
"""How long an id is at the least that tells of one record wherever it stands; a shorter one may be any number."""

_LINE = 7
"""How many digits a phone number has at the least by which somebody is told."""


@dataclass(frozen=True, slots=True)
class Traces:
    """What somebody is known by: `refs` are their records, `emails` and `names` folded texts, `phones` digits alone."""

    refs: frozenset[Ref]
    emails: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()

    def are_in(self, text: str) -> bool:
        """Whether a text tells of them: by an e-mail, a phone in any spelling, a whole name, or a record's id."""
        folded = text.casefold()
        if any(_stands(one, folded) for one in (*self.emails, *self.names)):
            return True
        digits = re.sub(r"[^\d\"\n]", "", text)
        if any(one in digits for one in self.phones if len(one) >= _LINE):
            return True
        return any(_stands(ref.id.casefold(), folded) for ref in self.refs if len(ref.id) >= _TELLING)

    def has(self, source: str | None, ident: str | None) -> bool:
        """Whether a source's record is one of theirs."""
        return any(ref.source == source and ref.id == ident for ref in self.refs)


def traces(refs: Collection[Ref], emails: Collection[str], phones: Collection[str], names: Collection[str]) -> Traces:
    """Traces from what records say, each value in its own spelling and in its normal form."""
    written = {one.strip().casefold() for one in emails}
    normal = {key for one in emails if (key := email_key(one)) is not None}
    lines = {re.sub(r"\D", "", one) for one in phones}
    lines |= {key.removeprefix("+") for one in phones if (key := phone_key(one, "")) is not None}
    whole = {" ".join(one.casefold().split()) for one in names}
    return Traces(
        frozenset(refs),
        frozenset(one for one in written | normal if one),
        frozenset(one for one in lines if len(one) >= _LINE),
        # One word is many people's name.
        frozenset(one for one in whole if " " in one),
    )


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was erased: table → how many rows; `open` is how many writes about them are still under way and stay, `shut`
    how many sealed texts, of whoever, did not open and stay.
    """

    counts: Mapping[str, int]
    open: int = 0
    shut: int = 0


class Forgetting(Protocol):
    """Erases somebody from everything we store; raises StoreUnavailable."""

    async def forget(self, traces: Traces) -> Forgotten:
        """Erase them, so that nothing of them is left in the file either."""


async def traced(
    replica: Replica, sources: Sequence[Source], wanted: Sequence[str], region: str, persons: PersonIds
) -> Traces:
    """Whom e-mails, phones, global ids and `SOURCE:ID` name, with every record that shares an e-mail with them.

    Who has nothing but a phone in common stays: a family shares one. Raises InputError for what names nobody.
    """
    by_name = {one.name: one for one in sources}
    emails = [one for one in wanted if "@" in one and email_key(one) is not None]
    phones = [one for one in wanted if one not in emails and phone_key(one, region) is not None and ":" not in one]
    others = [one for one in wanted if one not in (*emails, *phones)]
    refs = {ref for one in others for ref in await _named(one, by_name, persons)}
    asked = {f"emails={email_form(one)}" for one in emails} | {f"phones={phone_form(one, region)}" for one in phones}
    said: dict[str, set[str]] = {"emails": set(emails), "phones": set(phones), "names": set()}
    seen: set[Ref] = set()
    while asked or refs - seen:
        refs |= {ref for found in (await replica.by_keys(asked)).values() for ref in found}
        rows, asked = await replica.by_refs(refs - seen), set()
        seen |= refs
        for row in rows.values():
            record = record_of(by_name[row.ref.source], row)
            mine = {one.value for one in record.peek("emails") or ()}
            said["emails"] |= mine
            said["phones"] |= {one.value for one in record.peek("phones") or ()}
            said["names"] |= {name for name in (_whole(record),) if name}
            asked |= {f"emails={email_form(one)}" for one in mine if joining_email(one) is not None}
    return traces(refs, said["emails"], said["phones"], said["names"])


def _whole(record: Record) -> str | None:
    try:
        return name_of(record, "fullName")
    except BadReply:  # Then it is told by its other values.
        return None


async def _named(given: str, sources: Mapping[str, Source], persons: PersonIds) -> Sequence[Ref]:
    """The records that a global id or `SOURCE:ID` may name."""
    source, colon, ident = given.partition(":")
    if colon and source in sources and ident:
        return [Ref(source, one.name, ident) for one in sources[source].reader.definition.of_kind(Kind.CONTACT)]
    refs = await _of_id(given, persons)
    if not refs:
        raise InputError(
            f"`{given[:80]}` names nobody; write an e-mail, a phone with its country code, a person's id,"
            " or a record as SOURCE:ID."
        )
    return refs


async def _of_id(given: str, persons: PersonIds) -> Sequence[Ref]:
    """The records that a global id stands for, none for what is no id of a person."""
    try:
        named = decode(given)
    except InputError:
        return ()
    if named.ref is not None:
        return (named.ref,)
    found = await persons.resolve(PersonId(named.key or "")) if named.kind is Kind.CONTACT else None
    return () if found is None else found.members


def texts_in(value: Any) -> Iterable[str]:
    """All texts and numbers in a JSON, one by one."""
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from texts_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_in(inner)
    elif value is not None:
        yield str(value)


def _stands(wanted: str, text: str) -> bool:
    """Whether it stands in a text by itself, not within a longer word."""
    at = text.find(wanted)
    while at >= 0:
        before, behind = text[at - 1 : at], text[at + len(wanted) : at + len(wanted) + 1]
        if not before.isalnum() and not behind.isalnum():
            return True
        at = text.find(wanted, at + 1)
    return False
