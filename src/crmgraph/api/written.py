"""What a document is as it is written: counted in one walk before it is validated, which takes long for much."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    VariableNode,
)

_SCHEMA = frozenset({"__schema", "__type"})


@dataclass(frozen=True, slots=True)
class Written:
    """Counts over all of a document. `conditions` are the variables that its directives look at; `introspects` says
    that something of it asks for the schema.
    """

    fields: int
    aliases: int
    directives: int
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
    directives = [*_of_definitions(document), *(found for one in selected for found in one.directives or ())]
    return Written(
        len(fields),
        sum(one.alias is not None for one in fields),
        len(directives),
        tuple(dict.fromkeys(_variables(directives))),
        # Validation lets these stand at a query's root alone, so any place will do.
        any(one.name.value in _SCHEMA for one in fields),
    )


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
