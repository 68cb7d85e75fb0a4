"""Which fields a question selects, so that no more is fetched and mapped than it needs."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionNode,
    value_from_ast_untyped,
)

from crmgraph.api.context import Asking
from crmgraph.domain.model import FIELDS, Kind

_NAME = ("fullName", "givenName", "familyName")

READS: Mapping[str, Sequence[str]] = {
    "givenName": _NAME,
    "familyName": _NAME,
    "fullName": _NAME,
    "displayName": (*_NAME, "emails", "phones"),
    "email": ("emails", "email"),
    "phone": ("phones", "phone"),
    "address": ("addresses",),
    "companies": ("companies", "company"),
    "activities": (),
    "sources": ("tags",),
    "subject": ("subject", "title"),
}
"""Graph field → the record's fields it is made from, where that is not the field of the same name."""

_ALL = frozenset({"provenance", "gaps"})
_RECORDS = frozenset({"records", "record"})


def fields_below(info: Asking, kind: Kind, path: Sequence[str]) -> frozenset[str]:
    """The record fields of `kind` that the selection at `path` below this field needs; everything where it asks for
    all.
    """
    raw = info._raw_info
    return fields_selected(raw.field_nodes, raw.fragments, kind, path, info.variable_values)


def selects(info: Asking, name: str, path: Sequence[str]) -> bool:
    """Whether a field is selected at `path` below this field."""
    raw = info._raw_info
    nodes: Iterable[FieldNode] = raw.field_nodes
    for step in path:
        nodes = [one for one in _children(nodes, raw.fragments) if one.name.value == step]
    return any(one.name.value == name for one in _children(nodes, raw.fragments))


def fields_of_nodes(info: Asking, kind: Kind) -> frozenset[str]:
    """The record fields that a connection's nodes need, by either way to them."""
    return fields_below(info, kind, ("nodes",)) | fields_below(info, kind, ("edges", "node"))


def fields_selected(
    nodes: Iterable[FieldNode],
    fragments: Mapping[str, FragmentDefinitionNode],
    kind: Kind,
    path: Sequence[str] = (),
    variables: Mapping[str, Any] = MappingProxyType({}),
) -> frozenset[str]:
    """As `fields_below`, from a field's own nodes."""
    for step in path:
        nodes = [one for one in _children(nodes, fragments) if one.name.value == step]
    children = _children(nodes, fragments)
    own = _children([one for one in children if one.name.value in _RECORDS], fragments)
    names = {one.name.value for one in children} | {one.name.value for one in own}
    told = [_told_of(one, variables) for one in children if one.name.value in _ALL]
    if None in told or names & {"values", "version"}:
        return frozenset(FIELDS[kind])
    names = names.union(*(one for one in told if one is not None))
    found = {read for name in names for read in READS.get(name, (name,))}
    return frozenset(found & FIELDS[kind].keys())


def _told_of(one: FieldNode, variables: Mapping[str, Any]) -> frozenset[str] | None:
    """The fields that a field about fields is asked for in its argument `fields`; None where it tells of all."""
    given = next((argument.value for argument in one.arguments or () if argument.name.value == "fields"), None)
    said = None if given is None else value_from_ast_untyped(given, dict(variables))
    named = [said] if isinstance(said, str) else said
    return frozenset(read for name in named for read in READS.get(name, (name,))) if isinstance(named, list) else None


def _children(nodes: Iterable[FieldNode], fragments: Mapping[str, FragmentDefinitionNode]) -> list[FieldNode]:
    """The fields one level down, through fragments, each fragment once."""
    found: list[FieldNode] = []
    waiting: list[SelectionNode] = [
        child for node in nodes if node.selection_set is not None for child in node.selection_set.selections
    ]
    seen: set[str] = set()
    while waiting:
        one = waiting.pop()
        if isinstance(one, FieldNode):
            found.append(one)
            continue
        if isinstance(one, FragmentSpreadNode):
            if one.name.value in seen:
                continue
            seen.add(one.name.value)
            waiting += fragments[one.name.value].selection_set.selections
        elif isinstance(one, InlineFragmentNode):
            waiting += one.selection_set.selections
    return found
