"""What identity needs of one record, small enough to be held for every record in an index."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from crmgraph.domain.errors import BadReply
from crmgraph.domain.model import Email, Phone
from crmgraph.domain.names import PersonName, person_name
from crmgraph.domain.normalize import Standing, email_key, email_standing, phone_key
from crmgraph.domain.records import Record, Ref

NEEDED = frozenset({"givenName", "familyName", "fullName", "emails", "phones", "createdAt"})
"""The fields that identity looks at."""


class Profile(Struct, frozen=True, gc=False):
    """Whom a record may be: `emails` and `phones` are normal forms, and only those that can name one person."""

    ref: Ref
    name: PersonName
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    created_at: datetime | None = None


def profile_of(record: Record, region: str) -> Profile:
    """Read a contact's profile; `region` (ISO 3166) is where its numbers without a country code belong.

    A field whose value the definition does not describe counts as empty here; reading that field itself still tells.
    """
    record.at_hand(NEEDED)
    emails: Sequence[Email] = _read(record, "emails") or ()
    phones: Sequence[Phone] = _read(record, "phones") or ()
    return Profile(
        ref=record.ref,
        name=person_name(_read(record, "givenName"), _read(record, "familyName"), _read(record, "fullName")),
        emails=_distinct([joining_email(email.value) for email in emails]),
        phones=_distinct([phone_key(phone.value, region) for phone in phones]),
        created_at=_read(record, "createdAt"),
    )


def keys(profile: Profile) -> tuple[str, ...]:
    """What the profile can be found by, such as "email:anna@kovacs.example" and "phone:+14155550142"."""
    return (*(f"email:{email}" for email in profile.emails), *(f"phone:{phone}" for phone in profile.phones))


def joining_email(raw: str) -> str | None:
    """The normal form of an address that one person reads; None for role mailboxes, placeholders and nonsense."""
    return email_key(raw) if email_standing(raw) is Standing.PERSONAL else None


def order(ref: Ref) -> tuple[str, str, str, str]:
    """A total order of refs, also where only some have a parent."""
    return (ref.source, ref.resource, ref.id, ref.parent or "")


def _read(record: Record, field: str) -> Any:
    try:
        return record.get(field)
    except BadReply:  # Identity goes on with the record's other fields; whoever reads this one is told.
        return None


def _distinct(found: Sequence[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for key in found if key is not None))
