"""A contact as flat values that any database can compare: what the graph filters and orders people by.

Texts are folded as `comparing` folds them. Of a list, all elements stand in one text, each between two line ends, so
that "is one of them" and "one of them begins so" are searches within it.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from msgspec import Struct

from crmgraph.domain.comparing import is_null
from crmgraph.domain.doubles import as_double
from crmgraph.domain.errors import BadReply
from crmgraph.domain.model import ConsentState, Custom, Email, Link, Phone, TagName
from crmgraph.domain.naming import NAMES, name_of
from crmgraph.domain.normalize import email_key, phone_key, text_key
from crmgraph.domain.records import Record

END = "\n"
"""What stands around each element of a list."""

TEXTS: Mapping[str, str] = {
    "fullName": "full_name",
    "givenName": "given_name",
    "familyName": "family_name",
    "companyName": "company_name",
    "jobTitle": "job_title",
    "leadSource": "lead_source",
    "lifecycleStage": "lifecycle_stage",
    "website": "website",
    "timezone": "timezone",
}
"""Our field → its column, a folded text."""

LINKS: Mapping[str, str] = {"company": "company", "owner": "owner"}
"""Our field → its column, the id that is pointed to."""

TIMES: Mapping[str, str] = {"createdAt": "created_at", "updatedAt": "updated_at"}

LISTS = ("emails", "phones", "tags", "custom_keys")
"""The columns that hold several elements."""

OPTIONS = "options"
"""The column of short custom values, each behind its key: another list."""

_SHORT = 40
"""So many letters a short one has at most."""

_IS = "\t"
"""What stands between a key and its value."""

ORDERS: Mapping[str, str] = {**TIMES, "givenName": "given_name", "familyName": "family_name"}
"""The fields that people can be ordered by → their columns."""


class CustomValue(Struct, frozen=True, gc=False):
    """One element of a custom field's value under the CRM's own key, in every type that it can be read as."""

    key: str
    text: str | None
    number: float | None = None
    instant: datetime | None = None
    day: str | None = None


def columns_of(record: Record, region: str) -> dict[str, Any]:
    """A contact's columns by name; None where it says nothing, or something that its definition does not describe.

    `region` (ISO 3166) is where its numbers without a country code belong.
    """
    emails: Sequence[Email] = record.peek("emails") or ()
    phones: Sequence[Phone] = record.peek("phones") or ()
    tags: Sequence[TagName] = record.peek("tags") or ()
    customs: Sequence[Custom] = record.peek("customFields") or ()
    born, consent = record.peek("birthDate"), record.peek("doNotContact")
    return {
        **{column: text_of(record, field) for field, column in TEXTS.items()},
        **{column: _pointed(record.peek(field)) for field, column in LINKS.items()},
        **{column: record.peek(field) for field, column in TIMES.items()},
        "birth_date": born.isoformat() if isinstance(born, date) else None,
        "blocked": None if consent is None else consent.any is ConsentState.BLOCKED,
        "emails": listed(folded(one.value) for one in emails),
        "phones": listed(form for one in phones for form in _dialled(one.value, region)),
        "tags": listed(text_key(one.name) for one in tags),
        "custom_keys": listed(one.key for one in customs if not is_null(one.value)),
        OPTIONS: listed(dict.fromkeys(filter(None, (option(key, _text(said)) for key, said in _elements(record))))),
    }


def forms_of(record: Record, region: str) -> list[str]:
    """What a contact's e-mails and phones are equal by, those included that name no one person."""
    emails = {f"emails={email_form(one.value)}" for one in record.peek("emails") or ()}
    return sorted(emails | {f"phones={phone_form(one.value, region)}" for one in record.peek("phones") or ()})


def customs_of(record: Record) -> list[CustomValue]:
    """The elements of a contact's custom values."""
    return [_custom(key, element) for key, element in _elements(record)]


def option(key: str, text: str | None) -> str | None:
    """A custom value of few letters, as most of those are that people choose from, with its key; None of another."""
    if text is None or len(text) > _SHORT:
        return None
    said = f"{key}{_IS}{text}"
    return said if said.count(_IS) == 1 and END not in said and "\0" not in said else None


def text_of(record: Record, field: str) -> str | None:
    """A text field folded, a name told from its other form where need be; None where there is none."""
    try:
        said = name_of(record, field) if field in NAMES else record.get(field)
    except BadReply:  # Whoever reads the field itself is told.
        return None
    return None if is_null(said) else folded(str(said))


def folded(text: str) -> str:
    """The text as texts are compared: without capitals, and without what a database cannot hold."""
    return text.casefold().replace("\0", "")


def listed(elements: Iterable[str]) -> str | None:
    """Several elements as one text; None of none."""
    held = [one_line(element) for element in elements]
    return f"{END}{END.join(held)}{END}" if held else None


def one_line(element: str) -> str:
    """An element without line ends and without what a database cannot hold."""
    return element.replace(END, " ").replace("\0", "")


def email_form(raw: str) -> str:
    """What two addresses of one mailbox have in common; the folded text where it is no address."""
    return email_key(raw) or raw.strip().casefold()


def phone_form(raw: str, region: str) -> str:
    """What two spellings of one line have in common; the digits alone where it is no number that can be dialled."""
    return phone_key(raw, region) or digits(raw)


def digits(raw: str) -> str:
    return re.sub(r"\D", "", raw)


def _dialled(raw: str, region: str) -> tuple[str, str]:
    return digits(raw), phone_key(raw, region) or ""


def _pointed(link: Link | None) -> str | None:
    """The id; an empty text for a link that has a name only, which is a value and equals no id."""
    return None if link is None else (link.id or "").replace("\0", "")


def _elements(record: Record) -> Iterator[tuple[str, Any]]:
    """Of several values under one key, the elements of the first that is not empty."""
    first: dict[str, Any] = {}
    for custom in record.peek("customFields") or ():
        if not is_null(custom.value):
            first.setdefault(custom.key, custom.value)
    for key, value in first.items():
        yield from ((key, element) for element in (value if isinstance(value, (list, tuple)) else (value,)))


def _text(element: Any) -> str | None:
    return folded(str(element)) if isinstance(element, (str, int, float, Decimal)) else None


def _custom(key: str, element: Any) -> CustomValue:
    said = str(element).strip()
    instant = _read(datetime.fromisoformat, said)
    day = _read(date.fromisoformat, said[:10])
    return CustomValue(
        one_line(key),
        _text(element),
        None if isinstance(element, bool) else _number(said),
        instant if instant is not None and instant.tzinfo is not None else None,
        None if day is None else day.isoformat(),
    )


def _number(said: str) -> float | None:
    try:
        number = Decimal(said)
    except InvalidOperation:  # Not everything is a number.
        return None
    return as_double(number) if number.is_finite() else None


def _read(read: Callable[[str], Any], said: str) -> Any:
    try:
        return read(said)
    except (ValueError, OverflowError):  # Not everything is a time.
        return None
