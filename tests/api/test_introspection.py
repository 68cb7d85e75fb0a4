"""Who may not introspect is told nothing of the schema: not when asked for it, and not by the way."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from graphql import get_introspection_query, parse
from tests.api.staged import Staged, staged

from crmgraph.api.execution import Execution
from crmgraph.api.manner import Manner
from crmgraph.api.written import written

ASKING = {
    "at the root": "{ __schema { types { name } } }",
    "a type by name": '{ __type(name: "Contact") { fields { name } } }',
    "beside other fields": "{ sources { name } s: __schema { queryType { name } } }",
    "under another name": "{ innocent: __schema { queryType { name } } }",
    "through a fragment": "{ ...a } fragment a on Query { ...b } fragment b on Query { __schema { __typename } }",
    "through an inline fragment": "{ ... on Query { ... { __schema { queryType { name } } } } }",
    "where a variable says so": "query($yes: Boolean = true) { __schema @include(if: $yes) { queryType { name } } }",
    "in the other operation": "query a { sources { name } } query b { __schema { queryType { name } } }",
    "as tools ask it": get_introspection_query(),
}


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def four() -> AsyncIterator[Staged]:
    async with staged() as one:
        yield one


@pytest.fixture
def execution(four: Staged) -> Execution:
    return four.app.execution


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("text", ASKING.values(), ids=ASKING.keys())
async def test_asking_for_the_schema_is_refused_each_time_and_answered_to_who_may(
    execution: Execution, text: str
) -> None:
    name = "a" if text.startswith("query a") else None
    for _ in range(2):
        refused = await execution.execute(text, operation_name=name, manner=Manner(may_introspect=False))
        assert (refused.executed, refused.data) == (False, None)
        assert refused.errors == (
            {
                "message": "This server does not tell its schema; leave `__schema` and `__type` out.",
                "extensions": {"code": "BAD_INPUT"},
            },
        )
    told = await execution.execute(text, operation_name=name)
    assert (told.executed, told.errors) == (True, ())


@pytest.mark.asyncio(loop_scope="module")
async def test_a_type_s_name_is_no_introspection(execution: Execution) -> None:
    outcome = await execution.execute("{ __typename sources { __typename } }", manner=Manner(may_introspect=False))
    assert outcome.executed
    assert outcome.data["__typename"] == "Query"


@pytest.mark.asyncio(loop_scope="module")
async def test_who_may_not_shares_no_answer_with_who_may(execution: Execution) -> None:
    text = ASKING["at the root"]
    await execution.execute(text)
    told, refused = await asyncio.gather(
        execution.execute(text), execution.execute(text, manner=Manner(may_introspect=False))
    )
    assert (told.executed, refused.executed) == (True, False)


MISTAKEN = {
    "a field": ("{ contatcs { nodes { id } } }", None, "Cannot query field 'contatcs' on type 'Query'."),
    "an argument": ("{ contacts(frist: 1) { nodes { id } } }", None, "Unknown argument 'frist' on field"),
    "a type": ("{ ...a } fragment a on Contat { id }", None, "Unknown type 'Contat'."),
    "a variable's field": (
        "query($f: ContactFilter) { contacts(filter: $f) { nodes { id } } }",
        {"f": {"emial": "x"}},
        "Expected value of type 'ContactFilter' not to include unknown field 'emial'. Found: {'emial': 'x'}.",
    ),
    "an enum's value": (
        "{ contacts(orderBy: {field: CREATED}) { nodes { id } } }",
        None,
        "Value 'CREATED' does not exist in 'OrderField' enum.",
    ),
}


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("text", "variables", "told"), MISTAKEN.values(), ids=MISTAKEN.keys())
async def test_a_mistake_is_told_without_the_names_it_resembles(
    execution: Execution, text: str, variables: dict[str, object] | None, told: str
) -> None:
    helped = await execution.execute(text, variables)
    bare = await execution.execute(text, variables, manner=Manner(may_introspect=False))
    assert any("Did you mean" in one["message"] for one in helped.errors)
    assert not any("Did you mean" in one["message"] for one in bare.errors)
    assert told in bare.errors[0]["message"]
    assert [one["extensions"] for one in bare.errors] == [one["extensions"] for one in helped.errors]


@pytest.mark.asyncio(loop_scope="module")
async def test_what_a_caller_wrote_themselves_is_left_in_the_sentence(execution: Execution) -> None:
    text = '{ contacts(first: "Did you mean it?") { nodes { id } } }'
    (bare,) = (await execution.execute(text, manner=Manner(may_introspect=False))).errors
    assert 'Did you mean it?"' in bare["message"]


def test_only_fields_count_and_no_words() -> None:
    assert not written(parse('query __schema { contact(by: {email: "__schema"}) { __type: id } }')).introspects
    assert written(parse("{ contact { __type } }")).introspects
