"""Documents that hypothesis-graphql makes, in the many ways in which people write the same: aliases, named fragments,
fields that are asked for twice, conditions that are literal or variables.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    ArgumentNode,
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    NamedTypeNode,
    NameNode,
    SelectionSetNode,
    TypeInfo,
    TypeInfoVisitor,
    VariableNode,
    Visitor,
    parse,
    print_ast,
    visit,
)
from hypothesis import strategies as st
from hypothesis_graphql import queries

Mend = Callable[[random.Random, FieldNode], tuple[ArgumentNode, ...] | None]
"""The arguments that a field is asked with instead of those that it has; None where it is not to be asked at all."""

CONDITIONS = {"c0": True, "c1": False, "c2": True}
"""The variables that documents may look at, and what they are told."""


@dataclass(frozen=True)
class Question:
    """A document, and its variables."""

    text: str
    variables: dict[str, Any] = field(default_factory=lambda: dict(CONDITIONS))


def questions(schema: GraphQLSchema, mend: Mend | None = None) -> st.SearchStrategy[Question]:
    """Questions of a schema."""
    plain = queries(schema, print_ast=lambda document: document, allow_x00=False)

    def decorated(document: DocumentNode, dice: random.Random) -> Question:
        types = TypeInfo(schema)
        decorating = _Decorating(types, dice, mend)
        made = visit(document, TypeInfoVisitor(types, decorating))
        text = print_ast(DocumentNode(definitions=(*made.definitions, *decorating.fragments)))
        told = ", ".join(f"${name}: Boolean!" for name in CONDITIONS if f"${name}" in text)
        start = f"query ({told}) " if told else "query "
        return Question(start + text if text.startswith("{") else text.replace("query ", start, 1))

    return st.builds(decorated, plain, st.randoms(use_true_random=False))


def as_arguments(text: str) -> tuple[ArgumentNode, ...]:
    """Arguments as one writes them."""
    (operation,) = parse(f"{{ f({text}) }}").definitions if text else parse("{ f }").definitions
    (asked,) = operation.selection_set.selections  # type: ignore[attr-defined]
    return tuple(asked.arguments)


class _Decorating(Visitor):
    def __init__(self, types: TypeInfo, dice: random.Random, mend: Mend | None) -> None:
        super().__init__()
        self.types = types
        self.dice = dice
        self.mend = mend
        self.fragments: list[FragmentDefinitionNode] = []

    def leave_field(self, node: FieldNode, *_: Any) -> FieldNode:
        arguments = node.arguments if self.mend is None else self.mend(self.dice, node)
        if arguments is None:
            return FieldNode(name=NameNode(value="__typename"), arguments=(), directives=())
        alias = node.alias
        if alias is None and self.dice.random() < 0.2:
            alias = NameNode(value=f"{self.dice.choice('xyz')}_{node.name.value}")
        return FieldNode(
            name=node.name,
            alias=alias,
            arguments=arguments,
            directives=(*(node.directives or ()), *self._conditions()),
            selection_set=node.selection_set,
        )

    def _conditions(self) -> tuple[DirectiveNode, ...]:
        if self.dice.random() < 0.85:
            return ()
        value: Any = BooleanValueNode(value=self.dice.random() < 0.7)
        if self.dice.random() < 0.7:
            value = VariableNode(name=NameNode(value=self.dice.choice(list(CONDITIONS))))
        argument = ArgumentNode(name=NameNode(value="if"), value=value)
        return (DirectiveNode(name=NameNode(value=self.dice.choice(("skip", "include"))), arguments=(argument,)),)

    def leave_selection_set(self, node: SelectionSetNode, *_: Any) -> SelectionSetNode:
        parent = self.types.get_parent_type()
        selections = list(node.selections)
        if self.dice.random() < 0.2:
            selections.append(FieldNode(name=NameNode(value="__typename"), arguments=(), directives=()))
        if self.dice.random() < 0.15:
            selections.append(self.dice.choice(selections))
        if parent is None or self.dice.random() < 0.8:
            return SelectionSetNode(selections=tuple(selections))
        cut = self.dice.randint(0, len(selections) - 1)
        name = NameNode(value=f"F{len(self.fragments)}")
        self.fragments.append(
            FragmentDefinitionNode(
                name=name,
                type_condition=NamedTypeNode(name=NameNode(value=parent.name)),
                directives=(),
                selection_set=SelectionSetNode(selections=tuple(selections[cut:])),
            )
        )
        spread = FragmentSpreadNode(name=name, directives=self._conditions())
        return SelectionSetNode(selections=(*selections[:cut], spread))
