"""Filters: a small grammar of conditions on a record's fields, evaluated by us, and the laws by which it is rewritten.

Rewriting (`nnf`, `dnf`) never changes which records pass; it serves sources whose own filters know no OR or no NOT.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import product
from typing import Any, TypeVar

from crmgraph.domain.comparing import OPS, compares, is_null, satisfies
from crmgraph.domain.comparing import Op as Op
from crmgraph.domain.errors import InputError, TooCostly
from crmgraph.domain.model import FIELDS, Custom, FieldType, Kind
from crmgraph.domain.naming import NAMES, name_of
from crmgraph.domain.records import Record

CUSTOM_PREFIX = "customFields."
T = TypeVar("T")
_MOST_CONDITIONS = 100
_MOST_DEPTH = 20
_MOST_VALUES = 500


@dataclass(frozen=True, slots=True)
class Condition:
    """`field op value`: the field a graph name of the kind, or `customFields.KEY`.

    `value` is a str, Decimal, bool, date or aware datetime; for `in` a tuple of these, for `isNull` a bool.
    """

    field: str
    op: Op
    value: Any


@dataclass(frozen=True, slots=True)
class And:
    """All of them; of none, everything passes."""

    items: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of them; of none, nothing passes."""

    items: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Whatever does not pass `item`, records with a missing value among them."""

    item: "Filter"


Filter = Condition | And | Or | Not
Literal = Condition | Not
"""A condition, or the negation of one."""


def passes(
    filter: Filter,
    record: Record,
    *,
    region: str = "",
    key_of_custom: Callable[[Custom], str] = lambda custom: custom.key,
) -> bool:
    """Whether `record` passes; `key_of_custom` gives the logical key that `customFields.KEY` asks for.

    `region` (ISO 3166) is where the source's phone numbers without a country code belong. Raises BadReply when the CRM
    holds something undescribed in a field the filter has to read.
    """

    def holds(one: Filter) -> bool:
        match one:
            case And(items):
                return all(holds(item) for item in items)
            case Or(items):
                return any(holds(item) for item in items)
            case Not(item):
                return not holds(item)
            case Condition(field, op, value):
                found = _value(record, field, key_of_custom)
                return satisfies(field_type(record.kind, field), op, found, value, region)

    return holds(filter)


def check(filter: Filter, kind: Kind) -> None:
    """Raise InputError for a condition that means nothing on `kind`, TooCostly for a filter too big to evaluate."""
    _check_size(filter)
    for condition in conditions(filter):
        type = field_type(kind, condition.field)
        if condition.op not in OPS[type]:
            known = ", ".join(op for op in Op if op in OPS[type])
            raise InputError(f"The filter on {condition.field} cannot use {condition.op}; it understands {known}.")
        if not compares(type, condition.op, condition.value):
            raise InputError(f"The filter on {condition.field} needs a value of type {type}, and has one of another.")


def conditions(filter: Filter) -> Iterator[Condition]:
    """All conditions of the filter, left to right."""
    match filter:
        case Condition():
            yield filter
        case Not(item):
            yield from conditions(item)
        case And(items) | Or(items):
            for item in items:
                yield from conditions(item)


def field_type(kind: Kind, field: str) -> FieldType:
    """The type a filter's field is compared by; raises InputError, naming the nearest field, for an unknown one."""
    if field.startswith(CUSTOM_PREFIX) and "customFields" in FIELDS[kind]:
        return FieldType.CUSTOM
    known = FIELDS[kind].get(field)
    if known is None:
        near = get_close_matches(field, FIELDS[kind], n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise InputError(f"The filter names {field}, which is no field of a {kind}.{hint}")
    return FieldType.JSON if known.type is FieldType.CUSTOM else known.type


def conjuncts(filter: Filter) -> tuple[Filter, ...]:
    """The filters that all have to pass: what nested ANDs spell out."""
    if isinstance(filter, And):
        return tuple(part for item in filter.items for part in conjuncts(item))
    return (filter,)


def each(items: Iterable[T]) -> tuple[T, ...]:
    """Every filter once, in their order. They are told apart by what they say: Python takes 1 and true for equal."""
    return tuple({repr(item): item for item in items}.values())


def nnf(filter: Filter) -> Filter:
    """The same filter with NOT before single conditions only."""
    return _pushed(filter, negated=False)


def dnf(filter: Filter, limit: int) -> tuple[tuple[Literal, ...], ...] | None:
    """The same filter as an OR of ANDs; None when writing it out takes more than `limit` of them.

    No alternatives mean that nothing passes; an alternative without conditions means that everything does.
    """
    return _alternatives(nnf(filter), limit)


def _value(record: Record, field: str, key_of_custom: Callable[[Custom], str]) -> Any:
    if field in NAMES:
        return name_of(record, field)
    if not field.startswith(CUSTOM_PREFIX):
        return record.get(field)
    wanted = field.removeprefix(CUSTOM_PREFIX)
    found = (custom.value for custom in record.get("customFields") or () if key_of_custom(custom) == wanted)
    return next((value for value in found if not is_null(value)), None)


def _check_size(filter: Filter) -> None:
    """Measured without recursion, for a filter may come nested a hundred thousand deep."""
    waiting: list[tuple[Filter, int]] = [(filter, 1)]
    seen = values = 0
    while waiting:
        one, depth = waiting.pop()
        if isinstance(one, Condition):
            seen += 1
            values += len(one.value) if isinstance(one.value, tuple) else 1
        if depth > _MOST_DEPTH or seen > _MOST_CONDITIONS:
            raise TooCostly(
                f"A filter may hold {_MOST_CONDITIONS} conditions, nested {_MOST_DEPTH} deep; this one holds more."
            )
        if values > _MOST_VALUES:
            raise TooCostly(f"A filter may compare with {_MOST_VALUES} values; this one holds more.")
        inner = one.items if isinstance(one, And | Or) else (one.item,) if isinstance(one, Not) else ()
        waiting.extend((item, depth + 1) for item in inner)


def _pushed(filter: Filter, negated: bool) -> Filter:
    match filter:
        case Not(item):
            return _pushed(item, not negated)
        case And(items) | Or(items):
            pushed = tuple(_pushed(item, negated) for item in items)
            return And(pushed) if isinstance(filter, And) is not negated else Or(pushed)
        case _:
            return Not(filter) if negated else filter


def _alternatives(filter: Filter, limit: int) -> tuple[tuple[Literal, ...], ...] | None:
    if isinstance(filter, Condition | Not):
        return ((filter,),) if limit > 0 else None
    written: tuple[tuple[Literal, ...], ...] = () if isinstance(filter, Or) else ((),)
    for item in filter.items:
        inner = _alternatives(item, limit)
        if inner is None:
            return None
        if isinstance(filter, Or):
            written = each((*written, *inner))
        else:
            written = each(each(left + right) for left, right in product(written, inner))
        if len(written) > limit:
            return None
    return written
