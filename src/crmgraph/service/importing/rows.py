"""A row of an import: plain JSON under names that are columns as well, and the values of a contact that it stands for.

An empty cell says nothing: it clears no field.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from typing import Any

from crmgraph.domain.model import Address, Consent, ConsentState, Custom, Email, Kind, Phone, TagName
from crmgraph.domain.normalize import email_key, phone_key
from crmgraph.service.writing.mistakes import MistakeCode
from crmgraph.service.writing.pointing import Pointer

Row = Mapping[str, Any]
Wrong = Callable[[str, str, MistakeCode], None]
"""Takes a mistake: the column, a sentence, and its sort."""

TEXTS = (
    *("givenName", "familyName", "fullName", "companyName", "jobTitle", "leadSource"),
    *("website", "timezone", "lifecycleStage"),
)
ADDRESS = {
    "street": "street",
    "city": "city",
    "region": "region",
    "postalCode": "postal_code",
    "country": "country",
}
SINGLE = ("email", "phone", *TEXTS, *ADDRESS, "owner", "birthDate")
LISTS = ("emails", "phones", "tags")
COLUMNS = (*SINGLE, *LISTS, "doNotContact", "customFields")


def values_of(row: Row, region: str, wrong: Wrong) -> dict[str, Any]:
    """Our field → its value, for what a row says; every mistake in it goes to `wrong`."""
    said = {name: value for name, value in row.items() if value not in (None, "", [], {})}
    for name in [one for one in said if not _is_column(one, said[one], wrong)]:
        del said[name]
    values = {name: said[name].strip() for name in TEXTS if name in said}
    values |= dict(_keys(said, region, wrong))
    values |= dict(_others(said, wrong))
    return {name: value for name, value in values.items() if value}


def _is_column(name: str, value: Any, wrong: Wrong) -> bool:
    """Whether a name is one of ours and its value of the right shape."""
    if name not in COLUMNS:
        near = get_close_matches(name, COLUMNS, 1)
        hint = f"; `{near[0]}` is near it" if near else f"; there are {', '.join(COLUMNS)}"
        wrong(name, f"There is no field `{name}`{hint}.", MistakeCode.INVALID)
        return False
    wanted = "a text" if name in SINGLE else _SHAPES[name]
    if _has_shape(name, value):
        return True
    wrong(name, f"`{name}` is {wanted}.", MistakeCode.INVALID)
    return False


_SHAPES = {
    "emails": "a list of texts",
    "phones": "a list of texts",
    "tags": "a list of texts",
    "doNotContact": "true or false",
    "customFields": "an object of values by their keys",
}


def _has_shape(name: str, value: Any) -> bool:
    if name in SINGLE:
        return isinstance(value, str)
    if name in LISTS:
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    return isinstance(value, bool if name == "doNotContact" else Mapping)


def _keys(said: Row, region: str, wrong: Wrong) -> Iterator[tuple[str, Any]]:
    """What a person is known by: the one in `email` or `phone` first, then the others."""
    emails = [one.strip() for one in (said.get("email", ""), *said.get("emails", ())) if one.strip()]
    phones = [one.strip() for one in (said.get("phone", ""), *said.get("phones", ())) if one.strip()]
    for one in emails:
        if email_key(one) is None:
            message = f"`{one[:80]}` is no e-mail address; write one like name@example.com."
            wrong("email" if one == emails[0] else "emails", message, MistakeCode.INVALID)
    for one in phones:
        if phone_key(one, region) is None:
            message = f"`{one[:80]}` is no phone number; write one like +14155550100."
            wrong("phone" if one == phones[0] else "phones", message, MistakeCode.INVALID)
    yield "emails", tuple(map(Email, dict.fromkeys(emails)))
    yield "phones", tuple(map(Phone, dict.fromkeys(phones)))


def _others(said: Row, wrong: Wrong) -> Iterator[tuple[str, Any]]:
    yield "tags", tuple(TagName(one.strip()) for one in dict.fromkeys(said.get("tags", ())) if one.strip())
    yield "customFields", tuple(Custom(key, value) for key, value in said.get("customFields", {}).items())
    parts = {ADDRESS[name]: said[name].strip() for name in ADDRESS if name in said}
    yield "addresses", (Address(**parts),) if parts else ()
    if "owner" in said:
        yield "owner", Pointer(Kind.USER, text=said["owner"].strip())
    if "doNotContact" in said:
        yield "doNotContact", Consent(ConsentState.BLOCKED if said["doNotContact"] else ConsentState.ALLOWED)
    if "birthDate" in said:
        yield "birthDate", _day(said["birthDate"].strip(), wrong)


def _day(text: str, wrong: Wrong) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        wrong("birthDate", f"`{text[:80]}` is no day; write one like 1990-12-31.", MistakeCode.INVALID)
        return None


def known_by(values: Mapping[str, Any]) -> dict[str, Any]:
    """What a person is looked up by: their e-mails, else their phones."""
    return next(({sort: values[sort]} for sort in ("emails", "phones") if values.get(sort)), {})


def keys_of(values: Mapping[str, Any], region: str) -> list[str]:
    """The normal forms of that."""
    found = [email_key(one.value) for one in known_by(values).get("emails", ())]
    found += [phone_key(one.value, region) for one in known_by(values).get("phones", ())]
    return [one for one in found if one is not None]
