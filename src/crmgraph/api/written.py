"""What a document is as it is written: counted in one walk before it is validated, which takes long for much."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionNode,
    ValueNode,
    VariableNode,
)

_SCHEMA = frozenset({"__schema", "__type"})


@dataclass(frozen=True, slots=True)
class Written:
    """Counts over all of a document, `inputs` those of the input objects in it.

    `conditions` are the variables that its directives look at; `introspects` says that something of it asks for the
    schema.
    """

    fields: int
    aliases: int
    directives: int
    inputs: int
    conditions: tuple[str, ...]
    introspects: bool

    @property
    def figures(self) -> Mapping[str, int]:
        """The counts, by the names of their limits."""
        return {"fields": self.fields, "aliases": self.aliases, "directives": self.directives}


def written(document: DocumentNode) -> Written:
    """Look at every selection of a document once."""
    selected = list(_selected(document))
    fields = [one for one in selected if isinstance(one, FieldNode)]
    written_out = [argument.value for one in fields for argument in one.arguments or ()]
    directives = [*_of_definitions(document), *(found for one in selected for found in one.directives or ())]
    return Written(
        len(fields),
        sum(one.alias is not None for one in fields),
        len(directives),
        sum(isinstance(one, ObjectValueNode) for one in _spread(written_out + _defaults(document), _inner)),
        tuple(dict.fromkeys(_variables(directives))),
        # Validation lets these stand at a query's root alone, so any place will do.
        any(one.name.value in _SCHEMA for one in fields),
    )


def objects_in(variables: Mapping[str, Any]) -> int:
    """How many input objects some variables hold."""
    return sum(isinstance(one, dict) for one in _spread(list(variables.values()), _held))


def _spread(values: list[Any], inner: Callable[[Any], Iterable[Any]]) -> Iterator[Any]:
    """Values, and all that is in them, however deep."""
    while values:
        one = values.pop()
        yield one
        values += inner(one)


def _held(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def _inner(value: ValueNode) -> Iterable[ValueNode]:
    if isinstance(value, ObjectValueNode):
        return [one.value for one in value.fields]
    return value.values if isinstance(value, ListValueNode) else ()


def _defaults(document: DocumentNode) -> list[ValueNode]:
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    variables = [one for operation in operations for one in operation.variable_definitions or ()]
    return [one.default_value for one in variables if one.default_value is not None]


def _selected(document: DocumentNode) -> Iterator[SelectionNode]:
    """Every selection of every definition, none of them followed into a fragment."""
    sets = [one.selection_set for one in document.definitions if hasattr(one, "selection_set")]
    while sets:
        for one in sets.pop().selections:
            yield one
            below = getattr(one, "selection_set", None)
            if below is not None:
                sets.append(below)


def _of_definitions(document: DocumentNode) -> Iterator[DirectiveNode]:
    for one in document.definitions:
        if isinstance(one, OperationDefinitionNode | FragmentDefinitionNode):
            yield from one.directives or ()
            for variable in one.variable_definitions or ():
                yield from variable.directives or ()


def _variables(directives: list[DirectiveNode]) -> Iterator[str]:
    for one in directives:
        for argument in one.arguments or ():
            if isinstance(argument.value, VariableNode):
                yield argument.value.name.value


def asks_for_the_schema(operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]) -> bool:
    """Whether an operation asks for the schema and for nothing else."""
    names, spread = set[str](), set[str]()
    waiting = [*operation.selection_set.selections]
    while waiting:
        one = waiting.pop()
        if isinstance(one, FieldNode):
            names.add(one.name.value)
        elif isinstance(one, InlineFragmentNode):
            waiting += one.selection_set.selections
        elif isinstance(one, FragmentSpreadNode) and one.name.value not in spread:
            spread.add(one.name.value)
            waiting += fragments[one.name.value].selection_set.selections
    return names <= _SCHEMA | {"__typename"}
