"""Documents, prepared once: parsed, counted, validated, and asked again without any of it.

What is remembered is bounded by the length of all documents together, so that nobody fills the memory by asking ever
new ones.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from cachetools import LRUCache
from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    parse,
)
from strawberry import Schema
from strawberry.execution.is_awaitable import optimized_is_awaitable

from crmgraph.api.compiled import Compiled
from crmgraph.api.permissions import Needs, refuse_unless_allowed
from crmgraph.api.plans import Plans
from crmgraph.api.validating import MISTAKES, mistakes_of
from crmgraph.api.written import Written, asks_for_the_schema, written
from crmgraph.domain.errors import InputError
from crmgraph.service.callers import ASKABLE, Role
from crmgraph.service.limits import Limits
from crmgraph.service.observing import Operation

LETTERS = 1_000_000
"""How many letters of documents are remembered together."""

LONGEST = 50_000
"""The longest document that is remembered."""

WAYS = 16
"""In how many ways a document's conditions may be true before the plans of the one longest ago are thrown away."""


PRICES = 64
"""For how many sorts of variables what a document may cost is remembered."""

_UNREAD = Written(0, 0, 0, 0, (), False)


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it can be asked again and again; `mistakes` are what parsing or validation found.

    `plans` are its selections compiled, one set for each combination of what its conditions say; `prices` what it may
    cost, for each sort of variables.
    """

    text: str
    node: DocumentNode | None
    mistakes: tuple[GraphQLError, ...] = ()
    written: Written = _UNREAD
    fragments: Mapping[str, FragmentDefinitionNode] = field(default_factory=dict)
    plans: LRUCache[tuple[Any, ...], Plans] = field(default_factory=lambda: LRUCache(WAYS))
    needs: dict[int, Mapping[str, str]] = field(default_factory=dict)
    """What each operation takes of whoever asks it, found out when it is first asked by somebody who may not all."""
    prices: LRUCache[tuple[Any, ...], Any] = field(default_factory=lambda: LRUCache(PRICES))

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation that is meant; raises InputError where none, or more than one, may be."""
        assert self.node is not None
        return chosen(self.node, name)

    def asks_for_the_schema(self, operation: OperationDefinitionNode) -> bool:
        """Whether an operation asks for the schema and for nothing else."""
        return self.written.introspects and asks_for_the_schema(operation, self.fragments)


class Documents:
    """The documents that were asked lately."""

    def __init__(self, schema: Schema, plans: Callable[[Schema], Plans] = Plans) -> None:
        self._schema = schema
        self._new_plans = plans
        self._known: LRUCache[str, Document] = LRUCache(LETTERS, getsizeof=lambda one: len(one.text))

    def get(self, text: str, limits: Limits) -> Document:
        """The document of a text; raises OverLimits for one that is too much to be validated."""
        known = self._known.get(text)
        if known is not None:
            limits.refuse(known.written.figures)
            return known
        prepared = self._prepared(text, limits)
        if len(text) <= LONGEST:
            self._known[text] = prepared
        return prepared

    def operation_type(self, text: str, name: str | None) -> OperationType | None:
        """Which kind of operation this is known to be; None where it is not known, or is wrong."""
        operation = self._operation(text, name)
        return None if operation is None else operation.operation

    def named(self, text: str, name: str | None) -> Operation | None:
        """What the operation is called; None where it is not known, or is wrong."""
        operation = self._operation(text, name)
        if operation is None:
            return None
        return Operation(operation.name.value if operation.name is not None else None, operation.operation.value)

    def _operation(self, text: str, name: str | None) -> OperationDefinitionNode | None:
        known = self._known.get(text)
        if known is None or known.mistakes or known.node is None:
            return None
        with suppress(InputError):  # It is told when the document is executed.
            return known.operation(name)
        return None

    def _prepared(self, text: str, limits: Limits) -> Document:
        try:
            node = parse(text, max_tokens=limits.tokens)
        except GraphQLError as wrong:
            return Document(text, None, (wrong,))
        found = written(node)
        limits.refuse(found.figures)
        return Document(text, node, mistakes_of(self._schema._schema, node, len(text)), found, fragments_of(node))

    def refuse_unless_allowed(self, document: Document, operation: OperationDefinitionNode, role: Role) -> None:
        """Raise Forbidden where a role lacks a scope that an operation of a valid document takes."""
        if role.scopes >= ASKABLE:
            return
        needs = document.needs.get(id(operation))
        if needs is None:
            needs = Needs(self._schema._schema, document.fragments).of(operation)
            document.needs[id(operation)] = needs
        refuse_unless_allowed(role, needs)

    def executor(
        self, document: Document, operation: OperationDefinitionNode, variables: Mapping[str, Any], context: Any
    ) -> Compiled | list[GraphQLError]:
        """What executes an operation once, or what is wrong with the variables."""
        assert document.node is not None
        built = Compiled.build(
            self._schema._schema,
            document.node,
            None,
            context,
            dict(variables),
            operation.name.value if operation.name is not None else None,
            max_coercion_errors=MISTAKES,
            is_awaitable=optimized_is_awaitable,  # type: ignore[arg-type]  # As Strawberry itself gives it.
        )
        if isinstance(built, list):
            return built
        assert isinstance(built, Compiled)
        key = (id(operation), *(built.variable_values.coerced.get(name) for name in document.written.conditions))
        plans = document.plans.get(key)
        if plans is None:
            plans = document.plans[key] = self._new_plans(self._schema)
        built.compile_with(plans)
        return built


def fragments_of(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    """A document's fragments by name."""
    return {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}


def chosen(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    """The operation that is meant; raises InputError where none, or more than one, may be."""
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    named = [one for one in operations if name is None or (one.name is not None and one.name.value == name)]
    if len(named) == 1:
        return named[0]
    names = [one.name.value for one in operations if one.name is not None]
    known = ", ".join(names[:10]) + (", …" if len(names) > 10 else "")
    if name is None:
        raise InputError(f"The document holds {len(operations)} operations; say which of them: {known or 'none'}.")
    raise InputError(f"The document holds no operation named `{name}`; it holds {known or 'none with a name'}.")
