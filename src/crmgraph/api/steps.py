"""An operation as the fields it asks for, told without executing it: fragments, aliases and conditions resolved."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLError,
    GraphQLField,
    GraphQLIncludeDirective,
    GraphQLNamedType,
    GraphQLSchema,
    GraphQLSkipDirective,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    get_named_type,
    is_composite_type,
    print_ast,
)
from graphql.execution.values import VariableValues, get_argument_values, get_directive_values
from graphql.utilities.type_comparators import do_types_overlap

from crmgraph.domain.errors import InputError


@dataclass(frozen=True, slots=True)
class Step:
    """One field that is asked for: the names in the answer that lead to it, and what it is asked with."""

    path: str
    name: str
    arguments: Mapping[str, Any]
    nodes: tuple[FieldNode, ...]
    gives: GraphQLNamedType


class Steps:
    """One valid operation's fields, level by level. Raises InputError for arguments that do not coerce."""

    def __init__(
        self,
        schema: GraphQLSchema,
        operation: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: VariableValues,
    ) -> None:
        self.schema = schema
        self.operation = operation
        self.fragments = fragments
        self.variables = variables

    def first(self) -> list[Step]:
        """The operation's own fields."""
        root = self.schema.get_root_type(self.operation.operation)
        assert root is not None
        return self._merged(root, [*self.operation.selection_set.selections], "")

    def below(self, step: Step, kind: str | None = None) -> list[Step]:
        """The fields asked of what a step gives; `kind` names its type where that is known to be narrower."""
        parent = self.schema.get_type(kind) if kind is not None else step.gives
        if not is_composite_type(parent):
            return []
        inner = [one for node in step.nodes if node.selection_set for one in node.selection_set.selections]
        return self._merged(parent, inner, f"{step.path}.")

    def _merged(self, parent: GraphQLCompositeType, selected: Iterable[SelectionNode], path: str) -> list[Step]:
        found: dict[tuple[str, str], tuple[GraphQLField, list[FieldNode]]] = {}
        for field, node in self._fields(parent, parent, selected):
            answered = node.alias.value if node.alias else node.name.value
            arguments = " ".join(sorted(print_ast(one) for one in node.arguments or ()))
            found.setdefault((answered, arguments), (field, []))[1].append(node)
        return [self._step(path + answered, field, nodes) for (answered, _), (field, nodes) in found.items()]

    def _step(self, path: str, field: GraphQLField, nodes: list[FieldNode]) -> Step:
        try:
            arguments = get_argument_values(field, nodes[0], self.variables)
        except GraphQLError as wrong:
            raise InputError(wrong.message) from None
        return Step(path, nodes[0].name.value, arguments, tuple(nodes), get_named_type(field.type))

    def _fields(
        self, parent: GraphQLCompositeType, within: GraphQLCompositeType, selected: Iterable[SelectionNode]
    ) -> Iterator[tuple[GraphQLField, FieldNode]]:
        """The fields that may be asked of `parent`, through fragments on types that it may be."""
        for one in selected:
            if not self._is_wanted(one):
                continue
            if isinstance(one, FieldNode):
                field: GraphQLField | None = getattr(within, "fields", {}).get(one.name.value)
                if field is not None:
                    yield field, one
            elif isinstance(one, FragmentSpreadNode | InlineFragmentNode):
                held = self.fragments[one.name.value] if isinstance(one, FragmentSpreadNode) else one
                on = self._condition(held, within)
                if do_types_overlap(self.schema, parent, on):
                    yield from self._fields(parent, on, held.selection_set.selections)

    def _condition(
        self, fragment: FragmentDefinitionNode | InlineFragmentNode, within: GraphQLCompositeType
    ) -> GraphQLCompositeType:
        named = fragment.type_condition and self.schema.get_type(fragment.type_condition.name.value)
        return named if is_composite_type(named) else within

    def _is_wanted(self, node: SelectionNode) -> bool:
        skip = get_directive_values(GraphQLSkipDirective, node, self.variables)
        include = get_directive_values(GraphQLIncludeDirective, node, self.variables)
        return not (skip and skip["if"]) and not (include and not include["if"])
