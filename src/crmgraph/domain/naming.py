"""What one record says of a person's name, in both forms: whole and in its parts."""

from collections.abc import Iterable

from crmgraph.domain.names import split_name
from crmgraph.domain.records import Record

PARTS = ("givenName", "familyName")
NAMES = frozenset({"fullName", *PARTS})
"""The fields of which each can be told from the others."""


def name_of(record: Record, field: str) -> str | None:
    """What a record says in one of `NAMES`; told from the other form where its definition does not map this one.

    A field that the definition maps is never told from others, so that a CRM's own filter on it finds no fewer records
    than we do. Raises BadReply where the CRM holds something undescribed.
    """
    if record.maps(field):
        said: str | None = record.get(field)
        return said
    parts = _parts(record)
    if field == "fullName":
        return " ".join(parts) or None
    return None if parts else split_name(record.get("fullName") or "")[PARTS.index(field)] or None


def display_name(
    full: str | None,
    given: str | None,
    family: str | None,
    emails: Iterable[str] = (),
    phones: Iterable[str] = (),
) -> str | None:
    """What to call somebody: the full name, else its parts, else the first e-mail, else the first phone."""
    parts = " ".join(part for part in (given, family) if part)
    return full or parts or next(iter(emails), None) or next(iter(phones), None)


def whole_name(record: Record) -> str | None:
    """The full name, else both parts; a full name that is just the one part the record has is only half a name.

    Raises BadReply where the CRM holds something undescribed.
    """
    full, parts = (record.get("fullName") or "").strip(), _parts(record)
    return full if full and parts != [full] else " ".join(parts) if len(parts) == 2 else None


def half_name(record: Record) -> str | None:
    """The parts that the record has, be it one only; raises BadReply as `whole_name` does."""
    return " ".join(_parts(record)) or None


def told_from(record: Record, name: str) -> str:
    """The fields that a whole name was put together from, as "givenName and familyName"; empty where it stands so."""
    said = [field for field in PARTS if (record.peek(field) or "").strip()]
    return "" if (record.peek("fullName") or "").strip() == name else " and ".join(said)


def _parts(record: Record) -> list[str]:
    return [part for name in PARTS if (part := (record.get(name) or "").strip())]
