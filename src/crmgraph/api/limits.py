"""What a question may cost before it runs: one pass over its selections, each fragment looked at once.

The count is of values that may have to be made: every selected field once, times the largest number of nodes it stands
under. It bounds our own work; the calls to CRMs have budgets of their own.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
)
from strawberry.extensions import SchemaExtension

from crmgraph.api.connections import MOST
from crmgraph.api.nodes import FIRST
from crmgraph.domain.errors import TooCostly

TOKENS = 10_000
"""How many words and signs a document may have."""

VALUES = 100_000
"""How many values one answer may have to make."""

DEPTH = 30
"""How deep selections may nest."""

_CONNECTIONS = frozenset(
    {"contacts", "tasks", "activities", "notes", "appointments", "opportunities", "companies", "items"}
)
_LISTS = frozenset(
    {"emails", "phones", "addresses", "tags", "customFields", "records", "provenance", "gaps", "origins", "losers"}
    | {
        "assignees",
        "options",
        "sources",
        "definitions",
        "capabilities",
        "quota",
        "users",
        "savedViews",
        "templateValues",
    }
)
_SHORT = 5
"""What is reckoned for a list without pages, such as e-mails or tags of one thing."""

_LOOK_UP = 1_000
"""What one look-up of a person or node is reckoned as: it asks every source."""


class Price:
    """What a document's operations may have to make; the same for every asking unless its page sizes are variables."""

    def __init__(self, document: DocumentNode) -> None:
        definitions = document.definitions
        self._operations = [one for one in definitions if isinstance(one, OperationDefinitionNode)]
        self._fragments = {one.name.value: one for one in definitions if isinstance(one, FragmentDefinitionNode)}
        self.varies = False

    def refuse_dear(self, variables: Mapping[str, Any]) -> None:
        """Raise TooCostly, with the figures, where an operation is too dear with these variables."""
        for one in self._operations:
            reckoning = Reckoning(self._fragments, variables)
            refuse_dear(reckoning.of(one.selection_set, 0))
            self.varies = self.varies or reckoning.varies


class Limits(SchemaExtension):
    """Refuses a document that would cost too much, before it is validated and anything is asked."""

    def on_validate(self) -> Iterator[None]:
        context = self.execution_context
        if context.graphql_document is not None:
            try:
                Price(context.graphql_document).refuse_dear(context.variables or {})
            except TooCostly as error:
                context.pre_execution_errors = [GraphQLError(error.message, original_error=error)]
        yield


def refuse_dear(values: int) -> None:
    """Raise TooCostly above the limit, with the figures."""
    if values > VALUES:
        raise TooCostly(
            f"This question may have to make {values} values, and one answer makes {VALUES} at the most;"
            " ask for smaller pages, fewer fields, or less in one question."
        )


class Reckoning:
    """The largest number of values below a selection."""

    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode], variables: Mapping[str, Any]) -> None:
        self._fragments = fragments
        self._variables = variables
        self._known: dict[str, int] = {}
        self.varies = False
        """Whether what was counted depends on the variables."""

    def of(self, selections: SelectionSetNode | None, depth: int) -> int:
        """The values of one selection set; raises TooCostly where it nests too deep."""
        if selections is None:
            return 0
        if depth > DEPTH:
            raise TooCostly(f"This question nests deeper than {DEPTH} levels.")
        total = 0
        for one in selections.selections:
            if isinstance(one, FieldNode):
                total += self._field(one, depth)
            elif isinstance(one, InlineFragmentNode):
                total += self.of(one.selection_set, depth + 1)
            elif isinstance(one, FragmentSpreadNode):
                total += self._fragment(one.name.value, depth)
        return total

    def _fragment(self, name: str, depth: int) -> int:
        if name not in self._known:
            # A fragment that is unknown, or leads back to itself, is told by validation; here it counts nothing.
            self._known[name] = 0
            if name in self._fragments:
                self._known[name] = self.of(self._fragments[name].selection_set, depth + 1)
        return self._known[name]

    def _field(self, node: FieldNode, depth: int) -> int:
        name = node.name.value
        below = self.of(node.selection_set, depth + 1)
        if depth == 0 and name in ("contact", "node"):
            return _LOOK_UP + below
        if depth == 0 and name == "nodes":
            return self._count(node, "ids", MOST) * (_LOOK_UP + below)
        if name in _CONNECTIONS:
            return 1 + self._count(node, "first", FIRST) * max(below, 1)
        return 1 + (_SHORT if name in _LISTS else 1) * below

    def _count(self, node: FieldNode, argument: str, otherwise: int) -> int:
        """A page's size, or how many ids are given: as written, or as the variable says."""
        value = next((one.value for one in node.arguments or () if one.name.value == argument), None)
        if isinstance(value, VariableNode):
            self.varies = True
            given = self._variables.get(value.name.value)
            return len(given) if isinstance(given, list) else given if isinstance(given, int) else otherwise
        if isinstance(value, ListValueNode):
            return len(value.values)
        return max(0, min(int(value.value), MOST)) if isinstance(value, IntValueNode) else otherwise
