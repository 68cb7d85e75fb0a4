"""What is compiled answers as graphql-core does: the same data to the byte, and the same errors."""

import json
import random
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
import pytest_asyncio
from graphql import GraphQLError
from tests.api.questions import Asking
from tests.api.staged import Staged, staged
from tests.api.walking import ByTheBook

from crmgraph.api.compiled import Compiled
from crmgraph.api.documents import Documents
from crmgraph.api.execution import Execution
from crmgraph.api.outcome import Outcome
from crmgraph.service.limits import Limits


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def four() -> AsyncIterator[Staged]:
    async with staged() as one:
        yield one


async def both(four: Staged, query: str, variables: Mapping[str, Any] | None = None) -> tuple[Outcome, Outcome]:
    """The answer of compiled selections, and graphql-core's."""
    walking = Execution(four.app.execution.schema, four.app.gateway, four.app.stores)
    walking.documents = Documents(walking.schema, ByTheBook)
    compiled = four.app.execution
    return await compiled.execute(query, variables), await walking.execute(query, variables)


def told(outcome: Outcome) -> tuple[str, list[str]]:
    """An answer's data to the byte, and its errors in an order of their own."""
    return json.dumps(outcome.data), sorted(json.dumps(error, sort_keys=True) for error in outcome.errors)


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.asyncio(loop_scope="module")
async def test_a_question_made_up_at_random_is_answered_alike(four: Staged, seed: int) -> None:
    compiled, walked = await both(four, Asking(random.Random(seed)).question())
    assert told(compiled) == told(walked)


EVERYTHING = """
query ($few: Int = 2, $with: Boolean = true, $without: Boolean = false) {
  people: contacts(first: 10) {
    nodes { ...who emails { value normalized primary origins { source id } } addresses { city country } gaps { field } }
    edges { node { id tags { name sources { name } } } }
    totalCount
  }
  contacts(first: $few) {
    nodes {
      __typename
      ... on Node { __typename id }
      owner { name } company @include(if: $with) { name contacts(first: 3) { nodes { ...who } } }
      tasks(first: 3) @skip(if: $without) { totalCount nodes { title status dueAt assignees { name email } } }
      happened: activities(first: 5) { nodes { __typename kind subject ... on Note { pinned } owner { name } } }
      customFields { key text number date options }
      records { source { name } id updatedAt values }
      provenance { field value rule origin { source } losers { value } }
      doNotContact { any email }
    }
  }
  sources { name health capabilities { kind operation native } }
  users { name email }
}
fragment who on Contact { ...named email phone createdAt birthDate }
fragment named on Contact { givenName familyName displayName }
"""


@pytest.mark.parametrize("variables", [{}, {"with": False}, {"without": True}, {"few": 5, "with": False}])
@pytest.mark.asyncio(loop_scope="module")
async def test_fragments_aliases_and_conditions_are_answered_alike(four: Staged, variables: dict[str, Any]) -> None:
    compiled, walked = await both(four, EVERYTHING, variables)
    assert compiled.data["contacts"]["nodes"]
    assert told(compiled) == told(walked)


@pytest.mark.parametrize(
    "query",
    [
        '{contacts(first: 3) {nodes {displayName provenance(fields: ["nothing"]) {field}}}}',
        "{contacts(first: 3) {nodes {displayName tasks(first: 1000) {nodes {title}}}}}",
        '{contacts(first: 3) {nodes {notes(after: "no cursor") {nodes {title}} owner {name}}}}',
        '{nodes(ids: ["no id", "WyJjb250YWN0IiwibGVhZGNvbm5lY3RvciIsImNvbnRhY3QiLCJnb25lIl0"]) {id __typename}}',
        "{__schema {queryType {name}} __typename sources {name}}",
    ],
)
@pytest.mark.asyncio(loop_scope="module")
async def test_what_is_wrong_is_told_alike(four: Staged, query: str) -> None:
    """Also in which places, and what is null because of it."""
    compiled, walked = await both(four, query)
    assert told(compiled) == told(walked)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_document_is_prepared_once(four: Staged) -> None:
    documents = four.app.execution.documents
    assert documents.get("{sources {name}}", Limits()) is documents.get("{sources {name}}", Limits())
    assert documents.get("{sources {name}}", Limits()) is not documents.get("{sources { name }}", Limits())


@pytest.mark.asyncio(loop_scope="module")
async def test_a_document_with_many_conditions_keeps_few_of_its_plans(four: Staged) -> None:
    """Twelve conditions can be true in 4,096 ways; nobody fills the memory by asking them all."""
    names = [f"c{at}" for at in range(12)]
    given = " ".join(f"${name}: Boolean!" for name in names)
    query = f"query ({given}) {{sources {{ {' '.join(f'{one}: name @include(if: ${one})' for one in names)} }}}}"
    for asked in range(100):
        outcome = await four.app.execution.execute(
            query, {name: bool(asked >> at & 1) for at, name in enumerate(names)}
        )
        assert all(len(one) == asked.bit_count() for one in outcome.data["sources"])
    assert len(four.app.execution.documents.get(query, Limits()).plans) <= 16


class Watched(Documents):
    """Remembers the last executor that it gave."""

    last: Compiled

    def executor(self, *given: Any) -> Compiled | list[GraphQLError]:
        built = super().executor(*given)
        assert isinstance(built, Compiled)
        self.last = built
        return built


@pytest.mark.parametrize(
    "query",
    [
        EVERYTHING,
        "{contacts(first: 5) {nodes {displayName owner {name}} pageInfo {endCursor}}}",
        '{contact(by: {email: "maria.fernandez@tamarind.example.org"}) {displayName tasks {nodes {title}}}}',
        "{activities(first: 5) {nodes {id kind owner {name} contact {displayName}}}}",
        "{opportunities(first: 5) {edges {node {name stage {name} contact {email}}}}}",
        "{users {name} tags {name sources {name}} customFields {key options {value}} sources {name quota {window}}}",
        'mutation {createTag(input: {name: "new", dryRun: true}) {results {outcome} userErrors {message}}}',
    ],
)
@pytest.mark.asyncio(loop_scope="module")
async def test_what_goes_well_is_not_walked(four: Staged, query: str) -> None:
    """An answer is the same either way, so that nothing but this would tell that the quick way is never taken."""
    watched = Execution(four.app.execution.schema, four.app.gateway, four.app.stores)
    watched.documents = documents = Watched(watched.schema)
    assert (await watched.execute(query)).errors == ()
    assert documents.last.walked == set()
    assert documents.last.plans.roots_compiled
