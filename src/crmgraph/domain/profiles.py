"""What identity needs of one record, small enough to be held for every record in an index."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from msgspec import Struct

from crmgraph.domain.births import day
from crmgraph.domain.companies import company_key
from crmgraph.domain.countries import country_code
from crmgraph.domain.errors import BadReply
from crmgraph.domain.folding import fold, squeezed
from crmgraph.domain.mail_domains import corrected_domain, free_mail
from crmgraph.domain.mailbox_names import spelt
from crmgraph.domain.model import Address, Email, Phone
from crmgraph.domain.names import PersonName, person_name
from crmgraph.domain.normalize import Standing, email_key, email_standing, phone_key, phone_line
from crmgraph.domain.records import Record, Ref

NEEDED = frozenset({"givenName", "familyName", "fullName", "emails", "phones", "createdAt"})
"""The fields that identity looks at."""

ALSO = ("companyName", "addresses", "birthDate")
"""The fields that it looks at too where a record holds them anyway: nothing is asked for on their account."""

_LOOKED_AT = NEEDED.union(ALSO)


class Profile(Struct, frozen=True, gc=False, cache_hash=True):
    """Whom a record may be, in normal forms; what it does not say is empty.

    `emails` and `phones` (E.164) are those that can name one person, and what records are found by. `lines` are the
    last digits of all numbers, which agree also where no country is known. `domains` are those of companies that the
    record's addresses belong to, a role's among them. `givens` and `families` are the single words that the name, then
    those that the mailboxes spell.
    """

    ref: Ref
    name: PersonName
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    spelt_given: tuple[str, ...] = ()
    spelt_family: tuple[str, ...] = ()
    company: str = ""
    city: str = ""
    country: str = ""
    street: str = ""
    postal_code: str = ""
    birth_date: str = ""
    created_at: datetime | None = None


class Said(Struct, frozen=True, gc=False):
    """What a record says of a person, as it is spelt there."""

    given: str | None = None
    family: str | None = None
    full: str | None = None
    emails: Sequence[str] = ()
    phones: Sequence[str] = ()
    company: str | None = None
    city: str | None = None
    country: str | None = None
    street: str | None = None
    postal_code: str | None = None
    birth_date: date | str | None = None
    created_at: datetime | None = None


def profile_of(record: Record, region: str) -> Profile:
    """Read a contact's profile; `region` (ISO 3166) is where its numbers without a country code belong.

    A field whose value the definition does not describe counts as empty here; reading that field itself still tells.
    """
    record.at_hand(_LOOKED_AT)
    address = next(iter(_read(record, "addresses") or ()), Address())
    return _remembered(
        record.ref,
        Said(
            given=_read(record, "givenName"),
            family=_read(record, "familyName"),
            full=_read(record, "fullName"),
            emails=tuple([email.value for email in _emails(record)]),
            phones=tuple([phone.value for phone in _phones(record)]),
            company=_read(record, "companyName"),
            city=address.city,
            country=address.country,
            street=address.street,
            postal_code=address.postal_code,
            birth_date=_read(record, "birthDate"),
            created_at=_read(record, "createdAt"),
        ),
        region,
    )


def profile_from(ref: Ref, said: Said, region: str | None = None) -> Profile:
    """The profile of a record that says this; `region` as in `profile_of`, where it tells no country of its own.

    Without one the profile has no `phones`: matching goes by the `lines`, and nobody means to look anything up.
    """
    name = person_name(said.given, said.family, said.full)
    mailboxes = [mailbox for one in said.emails if (mailbox := joining_email(one))]
    roles = [mailbox for one in said.emails if email_standing(one) is Standing.ROLE and (mailbox := _mailbox(one))]
    told = [spelt(_as_typed(one), name.given, name.family) for one in said.emails if joining_email(one)]
    country = country_code(said.country or "")
    return Profile(
        ref=ref,
        name=name,
        emails=_distinct(mailboxes),
        phones=() if region is None else _distinct([phone_key(one, country or region) for one in said.phones]),
        lines=_distinct([phone_line(one) for one in said.phones]),
        domains=_distinct([_company_domain(one) for one in (*mailboxes, *roles)]),
        spelt_given=_distinct([word for one in told for word in one.given]),
        spelt_family=_distinct([word for one in told for word in one.family]),
        company=company_key(said.company) if said.company else "",
        city=fold(said.city) if said.city else "",
        country=country,
        street=fold(said.street) if said.street else "",
        postal_code=fold(said.postal_code).replace(" ", "") if said.postal_code else "",
        birth_date=day(said.birth_date),
        created_at=said.created_at,
    )


@lru_cache(16_384)
def keys(profile: Profile) -> tuple[str, ...]:
    """What the profile can be found by, such as "email:anna@kovacs.example" and "phone:+14155550142"."""
    return (*(f"email:{email}" for email in profile.emails), *(f"phone:{phone}" for phone in profile.phones))


@lru_cache(65_536)
def joining_email(raw: str) -> str | None:
    """The mailbox of an address that one person reads; None for role mailboxes, placeholders and nonsense."""
    return _mailbox(raw) if email_standing(raw) is Standing.PERSONAL else None


def counted(profile: Profile) -> Iterator[tuple[str, str]]:
    """What the profile adds to the counts of how common values are: pairs of a kind that `rarity` knows and a value."""
    if profile.name.given:
        yield "given", squeezed(profile.name.given.split()[0])
    for word in profile.name.family.split():
        yield "family", squeezed(word)
    yield "company", profile.company
    yield "city", squeezed(profile.city)
    yield "postal_code", profile.postal_code
    for domain in profile.domains:
        yield "domain", domain


def order(ref: Ref) -> tuple[str, str, str, str]:
    """A total order of refs, also where only some have a parent."""
    return (ref.source, ref.resource, ref.id, ref.parent or "")


_remembered = lru_cache(4_096)(profile_from)
"""Most records say the same when they are read again."""


def _emails(record: Record) -> Sequence[Email]:
    return _read(record, "emails") or ()


def _phones(record: Record) -> Sequence[Phone]:
    return _read(record, "phones") or ()


def _read(record: Record, field: str) -> Any:
    try:
        return record.get(field)
    except BadReply:  # Identity goes on with the record's other fields; whoever reads this one is told.
        return None


def _mailbox(raw: str) -> str | None:
    """The normal form of an address, its domain's typing error corrected where it can only be one."""
    key = email_key(raw)
    if key is None:
        return None
    local, _, domain = key.rpartition("@")
    meant = corrected_domain(domain)
    return key if meant == domain else email_key(f"{local}@{meant}")


def _as_typed(raw: str) -> str:
    """The part before the @ and a tag, with the dots that part its words."""
    return fold(raw.partition("@")[0].partition("+")[0]).replace(" ", ".")


def _company_domain(mailbox: str) -> str | None:
    domain = mailbox.rpartition("@")[2]
    return None if free_mail(domain) else domain


def _distinct(found: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for key in found if key is not None))
