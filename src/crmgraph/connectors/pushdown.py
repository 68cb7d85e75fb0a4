"""A filter put into a CRM's own words, as far as it goes.

What is put may let more records through than the filter does, never fewer: the gateway applies the whole filter again.
So a conjunct that the CRM cannot say is left out, and a disjunction of which one part cannot be said is not put at all.
"""

from collections.abc import Sequence
from typing import Any

from crmgraph.connectors.paths import put_path
from crmgraph.connectors.saying import NOTHING, KeyOf, Words, name_of, say
from crmgraph.connectors.spec_filters import FilterSpec
from crmgraph.connectors.templates import fill
from crmgraph.domain.filtering import And, Condition, Filter, Literal, Not, Op, Or, conditions, conjuncts, dnf, nnf
from crmgraph.domain.records import Tables

__all__ = ["KeyOf", "can_push", "push", "push_keys", "tables_asked"]


def push(spec: FilterSpec, wanted: Filter, key_of: KeyOf = lambda key: key, tables: Tables = NOTHING) -> dict[str, Any]:
    """What the call carries for `wanted`; empty where nothing of it can be put.

    `key_of` gives the CRM's own key of a logical custom field; `tables` are the vocabularies at hand (`tables_asked`).
    """
    return _put(Words(spec, key_of, tables), wanted)


def push_keys(spec: FilterSpec, keys: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """What the call carries to look up what holds one of `keys` (field and value), each asked as it is spelt.

    Empty where one of them cannot be put. Unlike `push` this may miss records that spell the value otherwise.
    """
    wanted: Filter = Or(tuple(Condition(field, Op.EQ, value) for field, value in keys))
    first = keys[0][0]
    if can_push(spec, first, Op.IN) and all(field == first for field, _ in keys):
        wanted = Condition(first, Op.IN, tuple(value for _, value in keys))
    return _put(Words(spec, lambda key: key, NOTHING, lookup=True), wanted)


def can_push(spec: FilterSpec | None, field: str, op: str) -> bool:
    """Whether the CRM can say this operator on this field at all."""
    if spec is None:
        return False
    known = spec.fields.get(name_of(field))
    return known is not None and op in known.ops


def tables_asked(spec: FilterSpec | None, wanted: Filter | None) -> frozenset[str]:
    """The vocabularies by which `wanted` is put: without them at hand, its conditions on those fields are not put."""
    if spec is None or wanted is None:
        return frozenset()
    fields = [spec.fields[name_of(one.field)] for one in conditions(wanted) if name_of(one.field) in spec.fields]
    return frozenset(table for field in fields for table in (field.table, field.spellings) if table is not None)


def _put(words: Words, wanted: Filter) -> dict[str, Any]:
    spec = words.spec
    wanted = nnf(_spread(wanted, words))
    put = {"params": _params, "groups": _groups, "tree": _tree}[spec.style](words, wanted)
    return {**put, **fill(spec.extra, {})} if put else {}


def _spread(wanted: Filter, words: Words) -> Filter:
    """Several values as any of several conditions, where the CRM takes only one at a time."""
    if isinstance(wanted, Not):
        return Not(_spread(wanted.item, words))
    if isinstance(wanted, And | Or):
        return type(wanted)(tuple(_spread(item, words) for item in wanted.items))
    return words.spread(wanted)


def _params(words: Words, wanted: Filter) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for conjunct in conjuncts(wanted):
        one = say(words, _only(conjunct)) or {}
        if words.spec.separator is None and not said.keys().isdisjoint(one):
            continue
        for name, value in one.items():
            said[name] = f"{said[name]}{words.spec.separator}{value}" if name in said else value
    return said


def _only(wanted: Filter) -> Filter:
    """A disjunction of one is that one."""
    return wanted.items[0] if isinstance(wanted, Or) and len(wanted.items) == 1 else wanted


def _groups(words: Words, wanted: Filter) -> dict[str, Any]:
    """As many conjuncts as fit into the groups that the CRM takes."""
    groups: list[list[Any]] = []
    kept: tuple[Filter, ...] = ()
    for conjunct in conjuncts(wanted):
        alternatives = dnf(And((*kept, conjunct)), words.spec.max)
        said = [_group(words, group) for group in alternatives or ()]
        if said and all(said):
            groups, kept = said, (*kept, conjunct)
    return _into(words.spec, [fill(words.spec.group, {"items": group}) for group in groups])


def _group(words: Words, group: Sequence[Literal]) -> list[Any]:
    said = [one for one in (say(words, item) for item in group) if one is not None]
    return said[: words.spec.max]


def _tree(words: Words, wanted: Filter) -> dict[str, Any]:
    said = [one for one in (_branch(words, item) for item in conjuncts(wanted)) if one is not None]
    return _into(words.spec, said[: words.spec.max])


def _branch(words: Words, wanted: Filter) -> Any:
    if isinstance(wanted, Or):
        either = [_branch(words, item) for item in wanted.items]
        if not either or len(either) > words.spec.max or any(one is None for one in either):
            return None
        return either[0] if len(either) == 1 else fill(words.spec.either, {"items": either})
    if isinstance(wanted, And):
        both = [one for one in (_branch(words, item) for item in wanted.items) if one is not None][: words.spec.max]
        return None if not both else both[0] if len(both) == 1 else fill(words.spec.both, {"items": both})
    return say(words, wanted)


def _into(spec: FilterSpec, said: Sequence[Any]) -> dict[str, Any]:
    if not said:
        return {}
    body: dict[str, Any] = {}
    put_path(body, spec.into or "", list(said))
    return body
