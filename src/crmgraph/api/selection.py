"""Which fields a question selects, so that no more is fetched and mapped than it needs."""

from collections.abc import Iterable, Mapping, Sequence

from graphql import FieldNode, FragmentDefinitionNode, FragmentSpreadNode, InlineFragmentNode, SelectionNode

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
}
"""Graph field → the record's fields it is made from, where that is not the field of the same name."""

_ALL = frozenset({"provenance", "gaps"})
_RECORDS = frozenset({"records", "record"})


def fields_below(info: Asking, kind: Kind, path: Sequence[str]) -> frozenset[str]:
    """The record fields of `kind` that the selection at `path` below this field needs; everything where it asks for
    all.
    """
    raw = info._raw_info
    nodes: Iterable[FieldNode] = raw.field_nodes
    for step in path:
        nodes = [one for one in _children(nodes, raw.fragments) if one.name.value == step]
    children = _children(nodes, raw.fragments)
    own = _children([one for one in children if one.name.value in _RECORDS], raw.fragments)
    names = {one.name.value for one in children}
    if names & _ALL or any(one.name.value == "values" for one in own):
        return frozenset(FIELDS[kind])
    names |= {one.name.value for one in own}
    found = {read for name in names for read in READS.get(name, (name,))}
    return frozenset(found & FIELDS[kind].keys())


def fields_of_nodes(info: Asking, kind: Kind) -> frozenset[str]:
    """The record fields that a connection's nodes need, by either way to them."""
    return fields_below(info, kind, ("nodes",)) | fields_below(info, kind, ("edges", "node"))


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
