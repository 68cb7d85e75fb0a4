"""What a question may cost before anything is asked."""

from typing import Any

import pytest
from graphql import parse

from crmgraph.api.limits import VALUES, Reckoning, refuse_dear
from crmgraph.api.schema import build
from crmgraph.domain.errors import TooCostly


def values(text: str, variables: dict[str, Any] | None = None) -> int:
    operation, *fragments = parse(text).definitions
    known = {one.name.value: one for one in fragments}
    return Reckoning(known, variables or {}).of(operation.selection_set, 0)


@pytest.mark.parametrize(
    ("text", "variables", "most"),
    [
        ("{ sources { name } }", {}, 6),
        ("{ contacts(first: 10) { nodes { id email } } }", {}, 31),
        ("query ($n: Int) { contacts(first: $n) { nodes { id } } }", {"n": 100}, 201),
        ("{ contacts { nodes { id } } }", {}, 51),
        ("{ contacts(first: 10) { nodes { tasks(first: 10) { nodes { title } } } } }", {}, 221),
        ('{ a: contact(by: {id: "x"}) { id } b: contact(by: {id: "y"}) { id } }', {}, 2002),
        ('{ nodes(ids: ["x", "y", "z"]) { id } }', {}, 3003),
        ("query { ...a ...a } fragment a on Query { tags { name } }", {}, 12),
    ],
)
def test_values_are_counted_from_page_sizes(text: str, variables: dict[str, Any], most: int) -> None:
    assert values(text, variables) == most


def test_a_fragment_is_looked_at_once_however_often_it_is_spread() -> None:
    """Doubling spreads cost an exponential walk when each is walked anew."""
    doubled = " ".join(f"fragment f{n} on Query {{ ...f{n + 1} ...f{n + 1} }}" for n in range(25))
    text = f"query {{ ...f0 }} {doubled} fragment f25 on Query {{ tags {{ name }} }}"
    assert values(text) == 2**25 * 6


def test_a_circle_of_fragments_ends() -> None:
    assert values("query { ...a } fragment a on Query { ...b } fragment b on Query { ...a }") == 0


def test_above_the_limit_is_refused_with_the_figures() -> None:
    refuse_dear(VALUES)
    with pytest.raises(TooCostly, match=f"may have to make {VALUES + 1} values"):
        refuse_dear(VALUES + 1)


async def test_a_nested_question_is_refused_before_anything_is_asked() -> None:
    """The page sizes alone tell; no resolver runs, so none is given a context here."""
    inner = "{nodes{id}}"
    for _ in range(3):
        inner = f"{{nodes{{company{{contacts(first:100){inner}}}}}}}"
    result = await build().execute(f"{{contacts(first:100){inner}}}")
    assert result.data is None
    assert isinstance(result.errors[0].original_error, TooCostly)


async def test_a_question_of_too_many_words_is_refused() -> None:
    result = await build().execute("{" + " ".join(f"a{n}:sources{{name}}" for n in range(3000)) + "}")
    assert "more than 10000 tokens" in result.errors[0].message
