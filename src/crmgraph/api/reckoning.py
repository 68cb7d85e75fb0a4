"""What an operation's selections may come to, reckoned from the schema and its page sizes in one pass: each fragment is
looked at once, however often it is spread.

The operation is a valid one, so that its fragments do not go round and nest no deeper than graphql-core lets them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import ceil
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_abstract_type,
    is_input_object_type,
    is_input_type,
    is_list_type,
)

from crmgraph.api.connections import MOST
from crmgraph.api.nodes import FIRST

SHORT = 5
"""What is reckoned for a list without pages, such as e-mails or tags of one thing."""

LOOK_UP = 1_000
"""What one look-up of a person or node is reckoned as: it asks every source."""

BESIDE = 20
"""How many values one of the schema counts for where it is told beside other things: graphql-core makes it while
everybody waits.
"""


@dataclass(frozen=True, slots=True)
class Sum:
    """What selections come to: values to make; fields with fragments spelled out, on this level and in all; levels."""

    values: int = 0
    width: int = 0
    fields: int = 0
    depth: int = 0

    def __add__(self, other: "Sum") -> "Sum":
        return Sum(
            self.values + other.values,
            self.width + other.width,
            self.fields + other.fields,
            max(self.depth, other.depth),
        )


class Lengths:
    """How long the lists are that a schema tells of itself, on the average."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._types = list(schema.type_map.values())

    @cached_property
    def by_name(self) -> Mapping[str, float]:
        """The list's name → its length."""
        types = len(self._types)
        fields = [
            one for each in self._types if not is_input_type(each) for one in getattr(each, "fields", {}).values()
        ]
        given = sum(len(one.fields) for one in self._types if is_input_object_type(one))
        words = sum(len(getattr(one, "values", ())) for one in self._types)
        return {
            "types": types,
            "fields": len(fields) / types,
            "inputFields": given / types,
            "enumValues": words / types,
            "args": sum(len(one.args) for one in fields) / len(fields),
        }

    @cached_property
    def longest(self) -> int:
        """How much more the largest type may tell than an average one."""
        most = max(len(getattr(one, "fields", ())) for one in self._types)
        return ceil(most / self.by_name["fields"])


class Reckoning:
    """Sums up selections; `looked` counts those looked at. With `aside` nobody waits for what the schema tells."""

    def __init__(
        self,
        schema: GraphQLSchema,
        lengths: Lengths,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: Mapping[str, Any],
        aside: bool = False,
    ) -> None:
        self._schema = schema
        self._lengths = lengths
        self._fragments = fragments
        self._variables = variables
        self._weight = 1 if aside else BESIDE
        self._known: dict[str, Sum] = {}
        self.looked = 0

    def of(self, selections: SelectionSetNode | None, parent: GraphQLNamedType) -> Sum:
        """What a selection set on a type comes to."""
        total = Sum()
        for one in selections.selections if selections is not None else ():
            self.looked += 1
            if isinstance(one, FieldNode):
                total += self._field(one, parent)
            elif isinstance(one, InlineFragmentNode):
                total += self.of(one.selection_set, self._on(one, parent))
            elif isinstance(one, FragmentSpreadNode):
                total += self._fragment(one.name.value)
        return total

    def _fragment(self, name: str) -> Sum:
        if name not in self._known:
            fragment = self._fragments[name]
            self._known[name] = self.of(fragment.selection_set, self._on(fragment, self._schema.query_type))
        return self._known[name]

    def _on(self, one: InlineFragmentNode | FragmentDefinitionNode, otherwise: Any) -> GraphQLNamedType:
        condition = one.type_condition
        found: Any = otherwise if condition is None else self._schema.get_type(condition.name.value)
        return found  # type: ignore[no-any-return]  # Valid documents name types that there are.

    def _field(self, node: FieldNode, parent: Any) -> Sum:
        field = self._schema.get_field(parent, node.name.value)
        assert field is not None
        inner = get_named_type(field.type)
        below = self.of(node.selection_set, inner)
        kinds = len(self._schema.get_possible_types(parent)) if is_abstract_type(parent) else 1
        return Sum(self._values(node, field, parent, below.values), 1, kinds * (1 + below.fields), 1 + below.depth)

    def _values(self, node: FieldNode, field: GraphQLField, parent: Any, below: int) -> int:
        name = node.name.value
        if parent is self._schema.query_type:
            if name in ("contact", "node"):
                return LOOK_UP + below
            if name == "nodes":
                return self._size(node, "ids", MOST) * (LOOK_UP + below)
            if name in ("__schema", "__type"):
                return self._weight * (1 + (self._lengths.longest if name == "__type" else 1) * below)
        if "first" in field.args:
            return 1 + self._size(node, "first", FIRST) * max(below, 1)
        return 1 + ceil(self._length(name, field, parent) * below)

    def _length(self, name: str, field: GraphQLField, parent: Any) -> float:
        """How many of it there may be; what a connection holds is counted by its page size."""
        inner = field.type.of_type if isinstance(field.type, GraphQLNonNull) else field.type
        if not is_list_type(inner) or "pageInfo" in parent.fields:
            return 1
        return self._lengths.by_name.get(name, 1) if parent.name.startswith("__") else SHORT

    def _size(self, node: FieldNode, argument: str, otherwise: int) -> int:
        """A page's size, or how many ids are given: as written, or as the variable says."""
        value: Any = next((one.value for one in node.arguments or () if one.name.value == argument), None)
        if isinstance(value, VariableNode):
            value = self._variables.get(value.name.value)
            size = len(value) if isinstance(value, list | tuple) else value
        elif isinstance(value, ListValueNode):
            size = len(value.values)
        else:
            size = int(value.value) if isinstance(value, IntValueNode) else None
        # More than the largest page is refused by the field itself.
        return otherwise if size is None else max(0, min(size, MOST))
