"""Whose values a rule looks at: those that can be right, and those that are not too old."""

from collections.abc import Sequence
from datetime import timedelta
from functools import lru_cache

from msgspec.structs import replace

from crmgraph.domain.model import Address, Email, FieldType, Link, Phone
from crmgraph.domain.names import person_name
from crmgraph.domain.normalize import Standing, email_standing, phone_key, text_key
from crmgraph.domain.survivorship.rules import FieldRule
from crmgraph.domain.survivorship.saying import Case, Said, changed

_NOTHING = frozenset({"unknown", "na", "n a", "none", "null", "nil", "undefined", "anonymous", "not provided", "tbd"})
_PEOPLE = frozenset({"givenName", "familyName", "fullName"})

INVALID, TOO_OLD = "it cannot be right", "its record was not changed for too long"


def passing(held: Sequence[Said], rule: FieldRule, case: Case) -> Sequence[Said]:
    """What the rule looks at; of a list the elements that can be right."""
    if rule.not_older_than is not None:
        held = [one for one in held if _is_fresh(one, rule.not_older_than, case)]
    if rule.valid:
        held = [kept for one in held if (kept := _valid(one, case)) is not None]
    return held


def _is_fresh(one: Said, within: timedelta, case: Case) -> bool:
    """Whether the record was changed within that time before the CRM told us of it."""
    return one.record.fetched_at - changed(one.record, case.problems) <= within


def _valid(one: Said, case: Case) -> Said | None:
    value = one.value
    if case.type in (FieldType.TEXT, FieldType.LINK):
        text = value.name if isinstance(value, Link) else value
        return one if text is None or is_telling(text, case.field) else None
    if isinstance(value, tuple):
        region = case.regions.get(one.ref.source, "")
        kept = tuple(element for element in value if can_be_right(element, region))
        return one if kept == value else replace(one, value=kept) if kept else None
    return one


@lru_cache(65_536)
def is_telling(text: str, field: str) -> bool:
    """Whether a text says something: no placeholder, and as a name no number or e-mail address either."""
    if field in _PEOPLE:
        return bool(person_name(text, None, None).full)
    plain = " ".join(text_key(text).replace("/", "").replace(".", "").split())
    return plain not in _NOTHING and any(letter.isalnum() for letter in plain)


def can_be_right(element: object, region: str) -> bool:
    """Whether an element of a list parses: an e-mail that somebody may read, a number that can be dialled."""
    if isinstance(element, Email):
        return email_standing(element.value) in (Standing.PERSONAL, Standing.ROLE)
    if isinstance(element, Phone):
        return phone_key(element.value, region) is not None
    return not isinstance(element, Address) or any((element.street, element.city, element.postal_code))
