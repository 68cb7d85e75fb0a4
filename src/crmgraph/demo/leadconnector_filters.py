"""LeadConnector's filter trees: which fields and operators a search takes, and what they mean (fact sheet section 4).

A tree is a list of entries that are AND-ed; an entry is `{field, operator, value}` or `{group: AND|OR, filters:
[...]}`.

Frozen here, where the sheet leaves it open: values compare as texts without regard to case, except `firstNameLowerCase`
and `lastNameLowerCase`, which hold lower-case text and compare exactly; `not_eq` and `not_contains` are exact
complements; on a list, `eq` means "holds this" and takes a list of values as "holds one of these".
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

Document = Mapping[str, Any]
Test = Callable[[Document], bool]
Read = Callable[[Document], Any]

_EQUAL = frozenset({"eq", "not_eq"})
_EXISTS = frozenset({"exists", "not_exists"})
_CONTAINS = frozenset({"contains", "not_contains"})
_OPERATORS = _EQUAL | _EXISTS | _CONTAINS | {"range", "nested"}
_NEGATIVES = {"not_eq": "eq", "not_contains": "contains", "not_exists": "exists"}
_LONGEST_VALUE = 75
_PLAIN = re.compile(r"[\w\s-]*")


@dataclass(frozen=True, slots=True)
class FilterField:
    """A field that can be filtered: where it lies, which operators it takes, and whether its text compares exactly."""

    read: Read
    operators: frozenset[str]
    exact: bool = False


Fields = Mapping[str, FilterField]


class BadSearch(Exception):
    """A search the CRM answers with 422; `messages` is its list of complaints."""

    def __init__(self, *messages: str) -> None:
        super().__init__("; ".join(messages))
        self.messages = list(messages)


def at(name: str) -> Read:
    """Read a document's own property."""
    return lambda document: document.get(name)


def text(name: str) -> FilterField:
    return FilterField(at(name), _EQUAL | _EXISTS | _CONTAINS)


def word(name: str, exact: bool = False) -> FilterField:
    """A text without `contains`."""
    return FilterField(at(name), _EQUAL | _EXISTS, exact)


def date(name: str) -> FilterField:
    return FilterField(at(name), _EXISTS | {"range"})


def number(name: str) -> FilterField:
    return FilterField(at(name), _EQUAL | _EXISTS | {"range"})


def flag(name: str) -> FilterField:
    return FilterField(at(name), _EQUAL)


def compile_filters(filters: Any, fields: Fields) -> Test:
    """Turn a list of entries into one test, all entries holding.

    Raises BadSearch for an unknown field, an operator the field does not take, or a value it cannot compare.
    """
    if not isinstance(filters, list):
        raise BadSearch("filters must be an array")
    tests = [_entry(entry, fields) for entry in filters]
    return lambda document: all(test(document) for test in tests)


def _entry(entry: Any, fields: Fields) -> Test:
    if not isinstance(entry, dict):
        raise BadSearch("each filter must be an object")
    return _group(entry, fields) if "group" in entry else _condition(entry, fields)


def _group(entry: Mapping[str, Any], fields: Fields) -> Test:
    if entry["group"] not in ("AND", "OR"):
        raise BadSearch("group must be one of: AND, OR")
    if not isinstance(entry.get("filters"), list):
        raise BadSearch("filters must be an array")
    tests = [_entry(inner, fields) for inner in entry["filters"]]
    join = all if entry["group"] == "AND" else any
    return lambda document: join(test(document) for test in tests)


def _condition(entry: Mapping[str, Any], fields: Fields) -> Test:
    name, operator, value = entry.get("field"), entry.get("operator"), entry.get("value")
    if not isinstance(name, str) or name not in fields:
        raise BadSearch(f"Invalid field: {name}")
    if operator not in _OPERATORS or operator not in fields[name].operators:
        raise BadSearch(f"Invalid operator {operator} for field {name}")
    positive = _positive(fields[name], _NEGATIVES.get(operator, operator), value)
    if operator in _NEGATIVES:
        return lambda document: not positive(document)
    return positive


def _positive(field: FilterField, operator: str, value: Any) -> Test:
    if operator == "exists":
        return lambda document: field.read(document) not in (None, "", [])
    if operator == "range":
        return _range(field.read, value)
    if operator == "nested":
        return _nested(field.read, value)
    _check(value)
    return _equals(field, value) if operator == "eq" else _holds(field.read, value)


def _check(value: Any) -> None:
    for single in value if isinstance(value, list) else [value]:
        if single is None or isinstance(single, dict):
            raise BadSearch("value should not be empty")
        if len(str(single)) > _LONGEST_VALUE:
            raise BadSearch(f"value must be shorter than or equal to {_LONGEST_VALUE} characters")


def _equals(field: FilterField, value: Any) -> Test:
    fold: Callable[[Any], Any] = _as_is if field.exact else _folded
    wanted = [fold(one) for one in (value if isinstance(value, list) else [value])]
    return lambda document: any(fold(one) in wanted for one in _listed(field.read(document)))


def _holds(read: Read, value: Any) -> Test:
    if not isinstance(value, str) or not _PLAIN.fullmatch(value):
        raise BadSearch("value should not contain special characters")
    wanted = value.casefold()
    return lambda document: any(wanted in str(one).casefold() for one in _listed(read(document)))


def _nested(read: Read, value: Any) -> Test:
    """All conditions must hold on the same inner object; its fields compare by `eq`, `not_eq` and the exists pair."""
    inner = {name: word(name) for name in ("pipelineId", "pipelineStageId", "status")}
    test = compile_filters(value, inner)
    return lambda document: any(test(one) for one in _listed(read(document)))


def _range(read: Read, value: Any) -> Test:
    if not isinstance(value, dict) or not value or not value.keys() <= {"gt", "gte", "lt", "lte"}:
        raise BadSearch("range value must be an object with gt, gte, lt or lte")
    bounds = [(name, _scale(bound)) for name, bound in value.items()]

    def holds(document: Document) -> bool:
        found = read(document)
        return found not in (None, "") and all(_within(_scale(found), name, bound) for name, bound in bounds)

    return holds


def _within(value: float, name: str, bound: float) -> bool:
    return {"gt": value > bound, "gte": value >= bound, "lt": value < bound, "lte": value <= bound}[name]


def _scale(value: Any) -> float:
    """Bring a number, a date or an instant onto one scale: the number itself, or milliseconds since 1970."""
    if isinstance(value, int | float):
        return value
    try:
        return float(value)
    except (TypeError, ValueError):
        return millis(value)


def millis(iso: Any) -> int:
    """Milliseconds since 1970 of an ISO-8601 date or instant; one without an offset is UTC.

    Raises BadSearch for anything else.
    """
    try:
        instant = datetime.fromisoformat(str(iso))
    except ValueError as error:
        raise BadSearch(f"Invalid date: {iso}") from error
    aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    return round(aware.timestamp() * 1000)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _as_is(value: Any) -> Any:
    return value


def _folded(value: Any) -> str:
    return str(value).casefold()
