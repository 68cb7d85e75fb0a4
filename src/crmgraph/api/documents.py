"""Documents, prepared once: parsed, validated, priced, and asked again without any of it.

What is remembered is bounded by the length of all documents together, so that nobody fills the memory by asking ever
new ones.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from cachetools import LRUCache
from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
    Visitor,
    parse,
    specified_rules,
    validate,
    visit,
)
from strawberry import Schema
from strawberry.execution.is_awaitable import optimized_is_awaitable
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from crmgraph.api.compiled import Compiled
from crmgraph.api.limits import TOKENS, Price
from crmgraph.api.permissions import Needs, refuse_unless_allowed
from crmgraph.api.plans import Plans
from crmgraph.domain.errors import InputError
from crmgraph.service.callers import SCOPES, Role

RULES = (*specified_rules, OneOfInputValidationRule, MaybeNullValidationRule)
"""What a document is held to."""

LETTERS = 1_000_000
"""How many letters of documents are remembered together."""

LONGEST = 50_000
"""The longest document that is remembered."""

WAYS = 16
"""In how many ways a document's conditions may be true before the plans of the one longest ago are thrown away."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it can be asked again and again; `mistakes` are what parsing or validation found.

    `plans` are its selections compiled, one set for each combination of what its conditions say. `introspects` says
    that some operation or fragment of it asks for the schema.
    """

    text: str
    node: DocumentNode | None
    mistakes: tuple[GraphQLError, ...] = ()
    price: Price | None = None
    conditions: tuple[str, ...] = ()
    introspects: bool = False
    plans: LRUCache[tuple[Any, ...], Plans] = field(default_factory=lambda: LRUCache(WAYS))
    needs: dict[int, Mapping[str, str]] = field(default_factory=dict)
    """What each operation takes of whoever asks it, found out when it is first asked by somebody who may not all."""

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation that is meant; raises InputError where none, or more than one, may be."""
        assert self.node is not None
        return chosen(self.node, name)


class Documents:
    """The documents that were asked lately."""

    def __init__(self, schema: Schema, plans: Callable[[Schema], Plans] = Plans) -> None:
        self._schema = schema
        self._new_plans = plans
        self._known: LRUCache[str, Document] = LRUCache(LETTERS, getsizeof=lambda one: len(one.text))

    def get(self, text: str, variables: Mapping[str, Any]) -> Document:
        """The document of a text, priced for these variables before it is validated; raises TooCostly."""
        known = self._known.get(text)
        if known is not None:
            if known.price is not None and known.price.varies:
                known.price.refuse_dear(variables)
            return known
        prepared = self._prepared(text, variables)
        if len(text) <= LONGEST:
            self._known[text] = prepared
        return prepared

    def is_query(self, text: str, name: str | None) -> bool:
        """Whether this is known to be a query, and to be right."""
        known = self._known.get(text)
        if known is None or known.mistakes or known.node is None:
            return False
        with suppress(InputError):  # It is told when the document is executed.
            return known.operation(name).operation is OperationType.QUERY
        return False

    def _prepared(self, text: str, variables: Mapping[str, Any]) -> Document:
        try:
            node = parse(text, max_tokens=TOKENS)
        except GraphQLError as wrong:
            return Document(text, None, (wrong,))
        price = Price(node)
        price.refuse_dear(variables)
        mistakes = tuple(validate(self._schema._schema, node, RULES))
        return Document(text, node, mistakes, price, conditions_of(node), asks_for_the_schema(node))

    def refuse_unless_allowed(self, document: Document, operation: OperationDefinitionNode, role: Role) -> None:
        """Raise Forbidden where a role lacks a scope that an operation of a valid document takes."""
        if role.scopes == SCOPES:
            return
        assert document.node is not None
        needs = document.needs.get(id(operation))
        if needs is None:
            needs = Needs(self._schema._schema, fragments_of(document.node)).of(operation)
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
            is_awaitable=optimized_is_awaitable,  # type: ignore[arg-type]  # As Strawberry itself gives it.
        )
        if isinstance(built, list):
            return built
        assert isinstance(built, Compiled)
        key = (id(operation), *(built.variable_values.coerced.get(name) for name in document.conditions))
        plans = document.plans.get(key)
        if plans is None:
            plans = document.plans[key] = self._new_plans(self._schema)
        built.compile_with(plans)
        return built


def fragments_of(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    """A document's fragments by name."""
    return {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}


class _Conditions(Visitor):
    """Collects the variables that decide what is selected."""

    def __init__(self) -> None:
        super().__init__()
        self.names: dict[str, None] = {}

    def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
        for argument in node.arguments or ():
            if isinstance(argument.value, VariableNode):
                self.names[argument.value.name.value] = None


def conditions_of(document: DocumentNode) -> tuple[str, ...]:
    """The names of the variables that `@skip` and `@include` look at."""
    found = _Conditions()
    visit(document, found)
    return tuple(found.names)


class _Introspection(Visitor):
    """Notices fields that tell the schema. Validation lets them stand at a query's root alone, so any place will do."""

    found = False

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        self.found = self.found or node.name.value in ("__schema", "__type")


def asks_for_the_schema(document: DocumentNode) -> bool:
    """Whether anything in a document asks for the schema; `__typename` does not."""
    look = _Introspection()
    visit(document, look)
    return look.found


def chosen(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    """The operation that is meant; raises InputError where none, or more than one, may be."""
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    named = [one for one in operations if name is None or (one.name is not None and one.name.value == name)]
    if len(named) == 1:
        return named[0]
    known = ", ".join(one.name.value for one in operations if one.name is not None)
    if name is None:
        raise InputError(f"The document holds {len(operations)} operations; say which of them: {known or 'none'}.")
    raise InputError(f"The document holds no operation named `{name}`; it holds {known or 'none with a name'}.")
