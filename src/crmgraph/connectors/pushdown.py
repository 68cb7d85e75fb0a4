"""A filter put into a CRM's own words, as far as it goes.

What is put may let more records through than the filter does, never fewer: the gateway applies the whole filter again. So a
conjunct that the CRM cannot say is left out, and a disjunction of which one part cannot be said is not put at all.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from crmgraph.connectors.mapping import parse_step
from crmgraph.connectors.paths import put_path
from crmgraph.connectors.spec import FilterField, FilterSpec
from crmgraph.connectors.templates import fill
from crmgraph.domain.errors import TooCostly
from crmgraph.domain.filtering import And, Condition, Filter, Not, Or, conjuncts, dnf, nnf

KeyOf = Callable[[str], str | None]
"""A custom field's logical key → the CRM's own, None where it has none."""

Literal_ = Condition | Not


def push(spec: FilterSpec, wanted: Filter, key_of: KeyOf = lambda key: key) -> dict[str, Any]:
    """What the call carries for `wanted`; empty where nothing of it can be put."""
    wanted = nnf(_spread(wanted, spec))
    if spec.style == "params":
        return _params(spec, wanted, key_of)
    return _groups(spec, wanted, key_of) if spec.style == "groups" else _tree(spec, wanted, key_of)


def can_push(spec: FilterSpec | None, field: str, op: str) -> bool:
    """Whether the CRM can say this operator on this field at all."""
    if spec is None:
        return False
    known = spec.fields.get("customFields" if field.startswith("customFields.") else field)
    return known is not None and op in known.ops


def _spread(wanted: Filter, spec: FilterSpec) -> Filter:
    """`in` as any of several `eq`, where the CRM knows only the latter."""
    if isinstance(wanted, And):
        return And(tuple(_spread(item, spec) for item in wanted.items))
    if isinstance(wanted, Or):
        return Or(tuple(_spread(item, spec) for item in wanted.items))
    if isinstance(wanted, Not):
        return Not(_spread(wanted.item, spec))
    if wanted.op == "in" and not can_push(spec, wanted.field, "in"):
        return Or(tuple(Condition(wanted.field, type(wanted.op)("eq"), one) for one in wanted.value))
    return wanted


def _params(spec: FilterSpec, wanted: Filter, key_of: KeyOf) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for conjunct in conjuncts(wanted):
        one = _condition(spec, _only(conjunct), key_of)
        for name, value in (one or {}).items():
            if name in said and spec.separator is None:
                continue
            said[name] = f"{said[name]}{spec.separator}{value}" if name in said else value
    return {**said, **fill(spec.extra, {})} if said else {}


def _only(wanted: Filter) -> Filter:
    """A disjunction of one is that one."""
    return wanted.items[0] if isinstance(wanted, Or) and len(wanted.items) == 1 else wanted


def _groups(spec: FilterSpec, wanted: Filter, key_of: KeyOf) -> dict[str, Any]:
    try:
        groups = dnf(wanted, spec.max)
    except TooCostly:
        groups = None
    if not groups:
        return {}
    said = [[one for one in (_condition(spec, item, key_of) for item in group) if one] for group in groups]
    if not all(said):
        return {}
    return _into(spec, [fill(spec.group, {"items": conditions}) for conditions in said])


def _tree(spec: FilterSpec, wanted: Filter, key_of: KeyOf) -> dict[str, Any]:
    said = [one for one in (_branch(spec, item, key_of) for item in conjuncts(wanted)) if one is not None]
    return _into(spec, said) if said else {}


def _branch(spec: FilterSpec, wanted: Filter, key_of: KeyOf) -> Any:
    if isinstance(wanted, Or):
        either = [_branch(spec, item, key_of) for item in wanted.items]
        if not either or len(either) > spec.max or any(one is None for one in either):
            return None
        return either[0] if len(either) == 1 else fill(spec.either, {"items": either})
    if isinstance(wanted, And):
        both = [one for one in (_branch(spec, item, key_of) for item in wanted.items) if one is not None]
        return None if not both else both[0] if len(both) == 1 else fill(spec.both, {"items": both})
    return _condition(spec, wanted, key_of)


def _into(spec: FilterSpec, said: Sequence[Any]) -> dict[str, Any]:
    body: dict[str, Any] = dict(fill(spec.extra, {}))
    put_path(body, spec.into or "", list(said))
    return body


def _condition(spec: FilterSpec, wanted: Filter, key_of: KeyOf) -> dict[str, Any] | None:
    """One condition in the CRM's words, None where it cannot say it."""
    inner = wanted.item if isinstance(wanted, Not) else wanted
    if not isinstance(inner, Condition):
        return None
    op = f"not.{inner.op}" if isinstance(wanted, Not) else str(inner.op)
    if inner.op == "isNull":
        op = "isNull" if bool(inner.value) != isinstance(wanted, Not) else "not.isNull"
    field, key = _field(spec, inner.field, key_of)
    word = field.ops.get(op) if field else None
    value = _value(field, op, inner.value) if field else None
    if field is None or word is None or not _fits(spec, value):
        return None
    slots = {"name": fill(field.name, {"key": key}), "value": value, "key": key}
    if isinstance(word, str):
        return dict(fill(spec.condition, {**slots, "op": word}))
    return dict(fill(word, slots))


def _field(spec: FilterSpec, name: str, key_of: KeyOf) -> tuple[FilterField | None, str | None]:
    if not name.startswith("customFields."):
        return spec.fields.get(name), None
    key = key_of(name.removeprefix("customFields."))
    return (spec.fields.get("customFields"), key) if key is not None else (None, None)


def _fits(spec: FilterSpec, value: Any) -> bool:
    texts = [str(one) for one in (value if isinstance(value, list) else [value])]
    too_long = spec.longest is not None and any(len(one) > spec.longest for one in texts)
    return not too_long and not any(char in one for one in texts for char in spec.forbid)


_WIDER = {"gt": -1, "gte": -1, "lt": 1, "lte": 1}


def _value(field: FilterField, op: str, value: Any) -> Any:
    if field.widen is not None and isinstance(value, datetime | date):
        value = value + _WIDER.get(op, 0) * timedelta(**{f"{field.widen}s": 1})
    for transform, argument in [parse_step(call.strip()) for call in field.format.split("|")] if field.format else []:
        value = (transform.write or transform.read)(value, argument)
    return _json(value)


def _json(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return [_json(one) for one in value] if isinstance(value, tuple | list) else value


def terms(spec: FilterSpec) -> Mapping[str, frozenset[str]]:
    """Our fields and the operators that the CRM can say on them."""
    return {name: frozenset(field.ops) for name, field in spec.fields.items()}
