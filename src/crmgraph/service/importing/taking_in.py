"""Taking an import in: every mistake in its rows at once, then all of them durable, before anything is sent."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from crmgraph.domain.model import Kind
from crmgraph.service.importing.rows import Row, Wrong, keys_of, known_by, values_of
from crmgraph.service.imports import Import, ImportMode, Order
from crmgraph.service.reading import Reading
from crmgraph.service.writing.changes import Action, offers
from crmgraph.service.writing.checking import Checking
from crmgraph.service.writing.doing import Mutation
from crmgraph.service.writing.encoding import as_bytes
from crmgraph.service.writing.mistakes import MistakeCode
from crmgraph.service.writing.once import Once, digest_of
from crmgraph.service.writing.stores import Stores

NAME = "importContacts"

MOST = 10_000
"""How many rows one import takes."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a caller wants imported."""

    caller: str
    rows: Sequence[Row]
    mode: ImportMode = ImportMode.UPSERT
    sources: tuple[str, ...] | None = None
    key: str | None = None
    dry_run: bool = False


async def taken_in(reading: Reading, stores: Stores, asked: Asked) -> Import:
    """The import that was begun, now or when this was first asked with its key; raises Mistaken.

    One that was stopped goes on when it is asked for again.
    """
    plain = {"contacts": asked.rows, "mode": asked.mode, "sources": asked.sources}
    mutation = Mutation(NAME, asked.caller, as_bytes(plain), asked.key, asked.dry_run)
    order = _checked(reading, asked)

    async def work() -> bytes:
        named = replace(order, id=_id_for(mutation) if mutation.key is not None and not asked.dry_run else None)
        return (await stores.imports.begin(named)).id.encode()

    ident = await Once(stores, reading.gateway.clock).answer(mutation, work)
    found = await stores.imports.resume(ident.decode())
    assert found is not None, "An import is kept for as long as its key."
    return found


def _id_for(mutation: Mutation) -> str:
    """The same for the same key and input: asked again after a crash, it is the import that was begun before."""
    parts = (mutation.caller.encode(), str(mutation.key).encode(), digest_of(mutation))
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:32]


def _checked(reading: Reading, asked: Asked) -> Order:
    checking = Checking(reading)
    chosen = checking.sources(asked.sources)
    stores = reading.session.resources(Kind.CONTACT, chosen)
    able = [one.name for one, resource in stores if asked.sources is not None or offers(resource, Action.CREATE)]
    for source in chosen if asked.sources is not None else ():
        if source.name not in able:
            checking.wrong("sources", f"{source.name} keeps no contacts.")
    for name in sorted(reading.gateway.own & set(able)):
        # It goes on when the caller is gone, and then it would go with the operator's credentials.
        said = f"An import into {name} cannot go with credentials of your own; name other sources."
        checking.wrong("sources", said, MistakeCode.FORBIDDEN)
    if not asked.rows:
        checking.wrong("contacts", "There is nothing to import; give at least one row.", MistakeCode.REQUIRED)
    if len(asked.rows) > MOST:
        checking.wrong("contacts", f"These are {len(asked.rows)} rows; one import takes {MOST}.")
    _check_rows(checking, asked, reading.gateway.identity.region)
    checking.done()
    return Order(asked.caller, asked.mode, tuple(able), tuple(map(as_bytes, asked.rows)), asked.dry_run)


def _check_rows(checking: Checking, asked: Asked, region: str) -> None:
    """Every mistake of every row; where rows are matched, no two may be of one person."""
    first: dict[str, int] = {}
    for number, row in enumerate(asked.rows):
        wrong = _wrong_in(checking, number)
        values = values_of(row, region, wrong)
        checking.hidden_values(Kind.CONTACT, values, f"contacts.{number}.")
        if not any(row.values()):
            wrong("", "The row is empty.", MistakeCode.REQUIRED)
        elif asked.mode is ImportMode.UPSERT:
            _check_keys(values, region, number, first, wrong)


def _wrong_in(checking: Checking, number: int) -> Wrong:
    def wrong(column: str, message: str, code: MistakeCode) -> None:
        checking.wrong(f"contacts.{number}.{column}".rstrip("."), message, code)

    return wrong


def _check_keys(values: Mapping[str, Any], region: str, number: int, first: dict[str, int], wrong: Wrong) -> None:
    if not known_by(values):
        said = "Nothing tells whether this person is there already: give an e-mail or a phone, or create them all."
        wrong("", said, MistakeCode.REQUIRED)
    twins = {first[key] for key in keys_of(values, region) if first.setdefault(key, number) != number}
    for twin in sorted(twins):
        said = f"Row {twin + 1} is of the same person, by e-mail or phone; one row says it all."
        wrong("", said, MistakeCode.CONFLICT)
