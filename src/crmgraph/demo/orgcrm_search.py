"""The org-scoped CRM's smart-list filter: OR over groups, AND within a group (fact sheet: search model).

Frozen here, where the sheet leaves it open: `eq`, `neq` and `in` compare exactly, `contains` and `starts_with` without
regard to case; negative operators are the exact complement of their positive ones, so an empty value passes them.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

Contact = Mapping[str, Any]
Test = Callable[[Contact], bool]

OPERATORS = (
    "eq",
    "neq",
    "contains",
    "not_contains",
    "starts_with",
    "gt",
    "gte",
    "lt",
    "lte",
    "in",
    "is_empty",
    "is_not_empty",
)
_ORDER = frozenset({"gt", "gte", "lt", "lte"})
_EMPTINESS = frozenset({"is_empty", "is_not_empty"})
_TEXT = frozenset(OPERATORS) - _ORDER
_ALLOWED: Mapping[str, frozenset[str]] = {
    "name": _TEXT,
    "email": _TEXT,
    "phone": _TEXT,
    "company": _TEXT,
    "source": _TEXT,
    "notes": _TEXT,
    "tags": frozenset({"contains", "not_contains", "in"}) | _EMPTINESS,
    "dnc": frozenset({"eq", "neq"}),
    "created_at": frozenset({"eq", "neq"}) | _ORDER,
}
_NEGATIVES = {"neq": "eq", "not_contains": "contains", "is_not_empty": "is_empty"}
_COMPARABLE = (str, int | float, datetime)
_SEARCHED = ("name", "email", "phone", "company")


class BadFilter(Exception):
    """A filter the CRM answers with 422; the message is its `detail`."""


def compile_filter(query: Any) -> Test:
    """Turn `{"groups": [{"conditions": [{field, op, value}]}]}` into a test; no groups means no filter.

    Raises BadFilter for an unknown field or operator, an empty group or a value of the wrong type.
    """
    if query is None:
        return lambda contact: True
    groups = query.get("groups", []) if isinstance(query, dict) else None
    if not isinstance(groups, list):
        raise BadFilter("query.groups must be a list")
    tests = [_group(group) for group in groups]
    return lambda contact: not tests or any(test(contact) for test in tests)


def free_text(q: str | None) -> Test:
    """Whether `q` stands, in any case, in a contact's name, e-mail, phone or company."""
    wanted = (q or "").strip().casefold()
    return lambda contact: not wanted or any(wanted in (contact[field] or "").casefold() for field in _SEARCHED)


def _group(group: Any) -> Test:
    conditions = group.get("conditions") if isinstance(group, dict) else None
    if not isinstance(conditions, list) or not conditions:
        raise BadFilter("a group needs at least one condition")
    tests = [_condition(condition) for condition in conditions]
    return lambda contact: all(test(contact) for test in tests)


def _condition(condition: Any) -> Test:
    if not isinstance(condition, dict):
        raise BadFilter("a condition must be an object")
    field, op = condition.get("field"), condition.get("op")
    if op not in OPERATORS:
        raise BadFilter(f"unknown operator: {op}")
    if op not in _allowed(field):
        raise BadFilter(f"operator {op} is not allowed for field {field}")
    if op not in _EMPTINESS and condition.get("value") is None:
        raise BadFilter(f"operator {op} needs a value")
    positive = _positive(str(field), _NEGATIVES.get(str(op), str(op)), condition.get("value"))
    if op in _NEGATIVES:
        return lambda contact: not positive(contact)
    return positive


def _allowed(field: Any) -> frozenset[str]:
    if isinstance(field, str) and field.startswith("custom.") and len(field) > len("custom."):
        return frozenset(OPERATORS)
    if field not in _ALLOWED:
        raise BadFilter(f"unknown field: {field}")
    return _ALLOWED[field]


def _positive(field: str, op: str, value: Any) -> Test:
    read = _reader(field)
    if op == "is_empty":
        return lambda contact: read(contact) in (None, "", [])
    if op == "in" and not isinstance(value, list):
        raise BadFilter("operator in needs a list")
    if field == "created_at":
        return _ordered(lambda contact: _instant(read(contact)), op, _instant(value))
    if field == "tags":
        return _has_tag(value)
    if op in _ORDER:
        return _ordered(read, op, value)
    if op == "eq":
        return lambda contact: read(contact) == value
    if op == "in":
        return lambda contact: read(contact) in value
    return _text(read, op, str(value).casefold())


def _reader(field: str) -> Callable[[Contact], Any]:
    if field.startswith("custom."):
        key = field.removeprefix("custom.")
        return lambda contact: contact["custom"].get(key)
    return lambda contact: contact[field]


def _has_tag(value: Any) -> Test:
    wanted = {str(name).casefold() for name in (value if isinstance(value, list) else [value])}
    return lambda contact: any(name.casefold() in wanted for name in contact["tags"])


def _text(read: Callable[[Contact], Any], op: str, wanted: str) -> Test:
    def holds(contact: Contact) -> bool:
        value = read(contact)
        texts = value if isinstance(value, list) else [] if value is None else [value]
        found = [str(text).casefold() for text in texts]
        return any(text.startswith(wanted) if op == "starts_with" else wanted in text for text in found)

    return holds


def _ordered(read: Callable[[Contact], Any], op: str, bound: Any) -> Test:
    def holds(contact: Contact) -> bool:
        value = read(contact)
        if not any(isinstance(value, kind) and isinstance(bound, kind) for kind in _COMPARABLE):
            return False
        less, equal = value < bound, value == bound
        holding = {"eq": equal, "gt": not less and not equal, "gte": not less, "lt": less, "lte": less or equal}
        return bool(holding[op])

    return holds


def _instant(text: Any) -> datetime:
    """Read an ISO-8601 instant; one without an offset is UTC."""
    try:
        instant = datetime.fromisoformat(str(text))
    except ValueError as error:
        raise BadFilter(f"not an ISO-8601 instant: {text}") from error
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
