"""`explain` tells the most calls of a question, and no question ever costs more."""

import random
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from graphql import GraphQLObjectType
from tests.api.questions import SOURCES, Asking
from tests.api.staged import Staged, staged

from crmgraph.api import calling_fields
from crmgraph.api.explaining_identity import COMPARISONS, LISTS, NO_CALLS
from crmgraph.domain.errors import InputError
from crmgraph.domain.model import Kind
from crmgraph.domain.records import Ref
from crmgraph.service.ids import encode_key


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def four() -> AsyncIterator[Staged]:
    async with staged() as one:
        yield one


def most(said: dict[str, Any]) -> dict[str, int]:
    return {name: one["most"] for name, one in said["sources"].items()}


async def holds(stage: Staged, query: str, variables: dict[str, Any] | None = None) -> dict[str, int]:
    """The calls a question really made, which neither the account nor the bound may belie."""
    said = stage.app.execution.explain(query, variables)
    outcome = await stage.ask(query, variables)
    assert outcome.executed, outcome.errors
    assert not [one for one in outcome.errors if one["extensions"]["code"] == "INTERNAL"], query
    assert outcome.extensions is not None
    logged = stage.logged()
    assert {name: one["calls"] for name, one in outcome.extensions["crmgraph"]["sources"].items()} == logged, query
    for name, one in said["sources"].items():
        assert logged[name] <= one["most"], f"{name}: {logged[name]} calls, explained {one}: {query}"
        if one["exact"]:
            assert logged[name] == one["most"], f"{name}: {logged[name]} calls, exactly {one} explained: {query}"
    assert said["total"] == sum(most(said).values())
    return logged


@pytest.mark.parametrize(
    ("query", "exactly"),
    [
        ("{sources {name health}}", (0, 0, 0, 0)),
        ("{tags {name}}", (1, 0, 0, 1)),
        ("{customFields {key} savedViews {name} templateValues {key}}", (2, 0, 0, 3)),
        ('{savedViews(sources: ["orgcrm"]) {name}}', (0, 0, 0, 1)),
        ("{a: tags {name} b: tags {name}}", (1, 0, 0, 1)),
        ('{tags(sources: ["orgcrm"]) {name}}', (0, 0, 0, 1)),
    ],
)
@pytest.mark.asyncio(loop_scope="module")
async def test_where_nothing_depends_on_data_the_number_is_exact(
    four: Staged, query: str, exactly: tuple[int, ...]
) -> None:
    said = four.app.execution.explain(query)
    assert most(said) == dict(zip(SOURCES, exactly, strict=True))
    assert all(one["exact"] for one in said["sources"].values())
    await holds(four, query)


@pytest.mark.asyncio(loop_scope="module")
async def test_one_record_by_its_id_is_exactly_one_call(four: Staged) -> None:
    found = await four.ask('{tasks(first: 1, sources: ["bigcontacts"]) {nodes {id}}}')
    ident = found.data["tasks"]["nodes"][0]["id"]
    query = "query($id: ID!) {node(id: $id) {id ... on Task {title} ... on Contact {tasks {nodes {title}}}}}"
    said = four.app.execution.explain(query, {"id": ident})
    assert most(said) == {"leadconnector": 0, "concord": 0, "bigcontacts": 1, "orgcrm": 0}
    assert said["sources"]["bigcontacts"] == {
        "most": 1,
        "exact": True,
        "because": ["node: the task record by id, 1 call"],
    }
    assert (await holds(four, query, {"id": ident}))["bigcontacts"] == 1


@pytest.mark.parametrize(
    "query",
    [
        '{contact(by: {email: "maria.fernandez@tamarind.example.org"}) {displayName tasks {nodes {title}}}}',
        '{contact(by: {phone: "+1 (415) 555-0142"}) {displayName notes {nodes {body}} opportunities {nodes {name}}}}',
        '{contact(by: {email: "nobody@nowhere.example"}) {displayName}}',
        "{contacts(first: 100) {nodes {displayName}}}",
        "{contacts(first: 1) {nodes {displayName company {name} companies {name} owner {name}}}}",
        '{contacts(search: "maria") {edges {node {id addresses {country} leadSource}}}}',
        '{contacts(filter: {tags: {eq: "vip"}}) {nodes {tags {name}}}}',
        '{contacts(filter: {customField: {key: "plan", text: {eq: "Gold"}}}, first: 5) {nodes {customFields {text}}}}',
        '{contacts(orderBy: [{field: CREATED_AT}], sources: ["leadconnector", "concord"]) {nodes {id createdAt}}}',
        "{contacts(first: 5) {nodes {tags {contacts(first: 2) {nodes {displayName}}}}}}",
        "{contacts(first: 5) {nodes {tasks(first: 3) {nodes {assignees {name} contacts {id owner {name}}}}}}}",
        "{companies(first: 5) {nodes {name owner {name} contacts {nodes {id}} opportunities {nodes {name}}}}}",
        "{opportunities(first: 30) {nodes {name stage {name} pipeline {name} contact {id} company {name}}}}",
        "{activities(first: 10, kinds: [CALL, NOTE]) {nodes {id subject owner {name} contact {displayName}}}}",
        "{tasks(first: 40) {nodes {title contacts {id} assignees {name} opportunity {name}}}}",
        "{notes(first: 20) {nodes {body contact {id}}}}",
        "{users {name} tags {name contacts(first: 1) {nodes {id}}}}",
        '{users(sources: ["bigcontacts"]) {name}}',
    ],
)
@pytest.mark.asyncio(loop_scope="module")
async def test_no_question_costs_more_than_explained(four: Staged, query: str) -> None:
    await holds(four, query)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_day_and_a_filter_by_a_user_cost_no_more_than_explained(four: Staged) -> None:
    found = await four.ask("{users {id}}")
    ident = found.data["users"][0]["id"]
    day = (
        "query($id: ID!) {myDay(user: $id) {user {name} entries(first: 100) {edges {node {kind at node {"
        "id ... on Task {contacts {displayName} assignees {name}} ... on Activity {contact {id} owner {name}}}}}}}}"
    )
    for query in (day, "query($id: ID!) {tasks(filter: {assignees: {eq: $id}}) {nodes {title}}}"):
        await holds(four, query, {"id": ident})


@pytest.mark.asyncio(loop_scope="module")
async def test_a_list_gone_on_with_costs_no_more_than_explained(four: Staged) -> None:
    query = "query($after: String) {contacts(first: 7, after: $after) {nodes {id} pageInfo {hasNextPage endCursor}}}"
    after, pages = None, 0
    while (pages := pages + 1) < 30:
        await holds(four, query, {"after": after})
        answer = await four.app.execution.execute(query, {"after": after})
        info = answer.data["contacts"]["pageInfo"]
        after = info["endCursor"]
        if not info["hasNextPage"]:
            break


@pytest.mark.asyncio(loop_scope="module")
async def test_a_person_by_an_id_that_stays_costs_no_more_than_explained(four: Staged) -> None:
    """Also where some of their records are gone, so that the next is asked for."""
    gone = [Ref(name, "contact", f"gone-{number}") for name in SOURCES for number in range(2)]
    last = Ref("orgcrm", "contact", "c7d3e36e-d93b-5775-8bb5-b3fdcf561b72")
    people = await four.app.stores.persons.assign([[*gone, last]], SOURCES)
    ident = encode_key(Kind.CONTACT, people[last])
    for query in ("query($id: ID!) {contact(by: {id: $id}) {displayName}}", "query($id: ID!) {node(id: $id) {id}}"):
        await holds(four, query, {"id": ident})


@pytest.mark.asyncio(loop_scope="module")
async def test_random_questions_cost_no_more_than_explained(four: Staged) -> None:
    for seed in range(40):
        await holds(four, Asking(random.Random(seed)).question())


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", SOURCES)
async def test_random_questions_to_one_source_alone_cost_no_more_than_explained(name: str) -> None:
    async with staged((name,)) as one:
        for seed in range(100, 110):
            await holds(one, Asking(random.Random(seed), [name]).question())


@pytest.mark.asyncio(loop_scope="module")
async def test_it_holds_while_the_key_index_is_empty() -> None:
    async with staged(filled=False) as one:
        await holds(one, '{contact(by: {email: "maria.fernandez@tamarind.example.org"}) {id tasks {nodes {title}}}}')
        await holds(one, "{contacts(first: 10) {nodes {id}}}")


@pytest.mark.asyncio(loop_scope="module")
async def test_it_holds_when_a_source_is_down(four: Staged) -> None:
    found = await four.ask('{contacts(first: 1, sources: ["concord"]) {nodes {records {source {name} id}}}}')
    records = found.data["contacts"]["nodes"][0]["records"]
    ident = next(one["id"] for one in records if one["source"]["name"] == "concord")
    query = f'{{contact(by: {{record: {{source: "concord", id: "{ident}"}}}}) {{id tasks {{nodes {{id}}}}}}}}'
    said = most(four.app.execution.explain(query))
    for crm in four.crms.values():
        crm.clear()
    four.crms["concord"].faults.set("status")
    await four.app.execution.execute(query)
    assert all(calls <= said[name] for name, calls in four.logged().items())
    four.crms["concord"].clear()


def of(stage: Staged, query: str, variables: dict[str, Any] | None = None) -> int:
    total: int = stage.app.execution.explain(query, variables)["total"]
    return total


@pytest.mark.asyncio(loop_scope="module")
async def test_what_is_skipped_costs_nothing_and_a_fragment_costs_what_it_asks(four: Staged) -> None:
    plain = of(four, "{contacts {nodes {id}}}")
    with_notes = of(four, "{contacts {nodes {id notes {nodes {id}}}}}")
    asked = "query($with: Boolean!) {contacts {nodes {id notes @include(if: $with) {nodes {id}}}}}"
    spread = "{contacts {edges {node {...Noted}}}} fragment Noted on Contact {id ... on Node {id} notes {nodes {id}}}"
    assert plain < with_notes
    assert of(four, asked, {"with": False}) == of(four, asked.replace("include", "skip"), {"with": True}) == plain
    assert of(four, asked, {"with": True}) == of(four, spread) == with_notes


@pytest.mark.asyncio(loop_scope="module")
async def test_first_counts_as_it_is_given_by_a_variable_or_its_default(four: Staged) -> None:
    asked = "query($first: Int = 5) {contacts {nodes {tasks(first: $first) {nodes {contact {id}}}}}}"
    plain = "{contacts {nodes {tasks(first: 5) {nodes {contact {id}}}}}}"
    assert of(four, asked) == of(four, plain) < of(four, asked, {"first": 6})


@pytest.mark.asyncio(loop_scope="module")
async def test_explaining_calls_nobody(four: Staged) -> None:
    for crm in four.crms.values():
        crm.clear()
    of(four, "{contacts {nodes {id notes {nodes {id}}}} tags {name}}")
    assert not any(four.logged().values())


WRITTEN = ("Mutation", "SourceResult", "Payload")
"""How the types end where writing is told: what it would send is asked by `dryRun`."""


@pytest.mark.asyncio(loop_scope="module")
async def test_every_field_that_asks_again_has_its_price(four: Staged) -> None:
    """A resolver that awaits may call: one that explaining does not know would be missing on the bill."""
    known = {"pendingWrites", "contact", "contacts", "node", "nodes"}
    known |= {*calling_fields.LISTS, *calling_fields.VOCABULARIES}
    known |= {"contactImport", "counts", "items", "myDay", *NO_CALLS, *COMPARISONS, *LISTS}
    known |= {*calling_fields.HANGING, *calling_fields.LINKED, *calling_fields.ALL_LINKED}
    types = four.app.execution.schema._schema.type_map.values()
    awaiting = {
        f"{one.name}.{name}"
        for one in types
        if isinstance(one, GraphQLObjectType) and not one.name.startswith("__") and not one.name.endswith(WRITTEN)
        for name, field in one.fields.items()
        if (defined := field.extensions.get("strawberry-definition")) and defined.is_async and name not in known
    }
    assert not awaiting


@pytest.mark.parametrize(
    ("query", "variables", "sentence"),
    [
        ("{nope}", None, "Cannot query field 'nope' on type 'Query'."),
        ("{", None, "Syntax Error"),
        ("query($first: Int!) {contacts(first: $first) {nodes {id}}}", None, "first"),
        ("{contacts(first: 0) {nodes {id}}}", None, "`first` is 0; it must be from 1 to 100."),
        ('{contacts(sources: ["nope"]) {nodes {id}}}', None, "There is no source `nope`"),
        ("mutation {createContact(input: {}) {results {outcome}}}", None, "`dryRun: true`"),
        ("query A {tags {name}} query B {tags {name}}", None, "say which of them: A, B"),
        ('{contact(by: {email: "a@b.example", phone: "1"}) {id}}', None, "exactly one"),
    ],
)
@pytest.mark.asyncio(loop_scope="module")
async def test_a_question_that_cannot_be_asked_is_told_in_a_sentence(
    four: Staged, query: str, variables: dict[str, Any] | None, sentence: str
) -> None:
    with pytest.raises(InputError, match="(?i)" + sentence.replace("(", r"\(")):
        four.app.execution.explain(query, variables)


@pytest.mark.asyncio(loop_scope="module")
async def test_the_example_of_the_documentation_is_true() -> None:
    """docs/calls.md: its question and the table behind it."""
    text = (Path(__file__).parents[2] / "docs" / "calls.md").read_text(encoding="utf-8")
    (query,) = re.findall(r"```graphql\n(.*?)```", text, re.DOTALL)
    rows = re.findall(r"^\| (\w+) \| (\d+) \| (\d+) \| (\d+) \|$", text, re.MULTILINE)
    told = {name: [int(one) for one in numbers] for name, *numbers in rows}
    async with staged() as fresh:
        assert (await fresh.ask(query)).errors == ()
        first = fresh.logged()
        for crm in fresh.crms.values():
            crm.clear()
        await fresh.app.execution.execute(query)
        again = fresh.logged()
        bound = most(fresh.app.execution.explain(query))
    assert told == {name: [first[name], again[name], bound[name]] for name in SOURCES}
