"""What a question takes: every type and every mutation has a rule, and nothing passes without its scope."""

from collections.abc import AsyncIterator, Iterable

import pytest
from graphql import GraphQLSchema, get_named_type, is_interface_type, is_object_type, parse
from tests.api.staged import Staged, staged

from crmgraph.api.documents import fragments_of
from crmgraph.api.manner import Manner
from crmgraph.api.permissions import (
    FIELDS,
    NEVER,
    OF_WHAT_LEADS_THERE,
    TYPES,
    Needs,
    scopes_of,
    scopes_of_type,
)
from crmgraph.api.schema import build
from crmgraph.domain.model import Kind
from crmgraph.service.callers import OPERATIONS, SCOPES, Caller, Role, expanded
from crmgraph.service.sights import Sight

SCHEMA: GraphQLSchema = build()._schema


def things() -> Iterable[str]:
    return sorted(
        name
        for name, one in SCHEMA.type_map.items()
        if (is_object_type(one) or is_interface_type(one)) and not name.startswith("__")
    )


@pytest.mark.parametrize("name", things())
def test_every_type_has_a_rule(name: str) -> None:
    assert NEVER not in scopes_of_type(name), f"Say in api/permissions.py what it takes to look at {name}."


@pytest.mark.parametrize("name", sorted(SCHEMA.mutation_type.fields if SCHEMA.mutation_type else ()))
def test_every_mutation_takes_a_scope_that_changes_something(name: str) -> None:
    found = scopes_of("Mutation", name, "Anything")
    assert {one for one in found if one in SCOPES and not one.endswith(":read")}, (
        f"Say in api/permissions.py what {name} takes."
    )


@pytest.mark.parametrize("name", sorted(SCHEMA.query_type.fields if SCHEMA.query_type else ()))
def test_every_question_has_a_rule(name: str) -> None:
    to = get_named_type(SCHEMA.query_type.fields[name].type)  # type: ignore[union-attr]
    found = scopes_of("Query", name, to.name)
    assert NEVER not in found
    assert found or name in ("node", "nodes"), f"Say in api/permissions.py what {name} takes."


def test_no_rule_is_about_what_is_not_there() -> None:
    places = {f"{name}.{field}" for name, one in SCHEMA.type_map.items() if is_object_type(one) for field in one.fields}
    assert set(FIELDS) <= places
    assert set(TYPES) | OF_WHAT_LEADS_THERE <= set(things())


def test_no_type_both_has_a_rule_and_follows_others() -> None:
    assert not set(TYPES) & OF_WHAT_LEADS_THERE


def test_rules_speak_of_scopes_that_there_are() -> None:
    assert {scope for rules in (*TYPES.values(), *FIELDS.values()) for scope in rules} <= SCOPES


def test_what_nobody_gave_a_rule_is_forbidden_to_all() -> None:
    assert scopes_of_type("Brand") == (NEVER,)
    assert scopes_of_type("BrandConnection") == (NEVER,)
    assert scopes_of("Mutation", "dropEverything", "DropEverythingPayload") == (NEVER,)
    assert scopes_of("Query", "howMany", None) == (NEVER,)
    assert scopes_of("Query", "accounts", "Source") == (NEVER,)
    assert scopes_of("Contact", "age", None) == ()
    assert NEVER not in SCOPES


def needs(text: str) -> dict[str, str]:
    document = parse(text)
    (operation, *_) = [one for one in document.definitions if one.kind == "operation_definition"]
    return dict(Needs(SCHEMA, fragments_of(document)).of(operation))  # type: ignore[arg-type]


def test_a_question_takes_the_scopes_of_all_it_looks_at() -> None:
    found = needs("{ contacts { edges { node { id tasks { nodes { title } } records { raw } } } } }")
    assert set(found) == {"contact:read", "task:read", "raw"}
    assert found["task:read"] == "Contact.tasks"
    assert found["raw"] == "SourceRecord.raw"


@pytest.mark.parametrize(
    "text",
    [
        'query { node(id: "x") { ... on Contact { id } } }',
        'query { node(id: "x") { ...Person } } fragment Person on Contact { id }',
        'query { node(id: "x") { ...Outer } } fragment Outer on Node { ...Person } fragment Person on Contact { id }',
        'query { node(id: "x") { ... { ... on Contact @include(if: false) { id } } } }',
        'query { some: contact(by: {id: "x"}) { id } }',
        'mutation { createNote(input: {contact: "x", body: "b"}) { note { contact { id } } } }',
    ],
)
def test_no_way_round_leads_to_a_type_without_its_scope(text: str) -> None:
    assert "contact:read" in needs(text)


def test_a_document_of_doubled_fragments_is_looked_at_once_each() -> None:
    """Each of 300 fragments spreads the one before twice: 2 ** 300 fields, were they all walked."""
    chain = " ".join(f"fragment F{at} on Contact {{ ...F{at - 1} ...F{at - 1} }}" for at in range(1, 301))
    found = needs(f"{{ contacts {{ nodes {{ ...F300 }} }} }} {chain} fragment F0 on Contact {{ id }}")
    assert set(found) == {"contact:read"}


def test_only_the_operation_that_is_asked_counts() -> None:
    assert set(
        needs("query A { tasks { nodes { title } } } mutation B { deleteTask(input: {id: 1}) { results { outcome } } }")
    ) == {"task:read"}


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("*", len(SCOPES)),
        ("*:read", len(Kind) + 1),
        ("*:write", 3 * len(Kind)),
        ("contact:write", 3),
        ("contact:read", 1),
        ("raw", 1),
        ("contact", 0),
        ("kontact:read", 0),
    ],
)
def test_words_stand_for_scopes(word: str, count: int) -> None:
    found = expanded([word])
    assert len(found) == count
    assert found <= SCOPES


def test_reading_all_is_not_writing_anything() -> None:
    assert not {one for one in expanded(["*:read"]) if one.split(":")[-1] in OPERATIONS[1:]}


@pytest.fixture
async def four() -> AsyncIterator[Staged]:
    async with staged() as found:
        for crm in found.crms.values():
            crm.clear()
        yield found


def as_role(*scopes: str, sight: Sight | None = None) -> Manner:
    return Manner(Caller("tess", Role("tester", expanded(scopes), sight or Sight())))


async def test_a_question_beyond_the_role_is_refused_with_every_scope_that_it_lacks_and_asks_nobody(
    four: Staged,
) -> None:
    text = "{ contacts(first: 1) { nodes { id tasks { nodes { title } } tags { name } } } }"
    outcome = await four.app.execution.execute(text, manner=as_role("contact:read"))
    (error,) = outcome.errors
    assert (outcome.executed, outcome.data) == (False, None)
    assert error["extensions"]["code"] == "FORBIDDEN"
    assert error["message"] == (
        "Your role `tester` may not ask this: `Contact.tags` takes the scope tag:read, `Contact.tasks` takes the scope"
        " task:read."
    )
    assert sum(four.logged().values()) == 0


async def test_a_question_within_the_role_is_answered(four: Staged) -> None:
    outcome = await four.app.execution.execute(
        "{ contacts(first: 1) { nodes { id } } }", manner=as_role("contact:read")
    )
    assert (outcome.executed, outcome.errors) == (True, ())


async def test_an_id_of_a_kind_that_may_not_be_read_tells_nothing_of_its_thing(four: Staged) -> None:
    asked = await four.app.execution.execute("{ contacts(first: 1) { nodes { id } } }")
    ident = asked.data["contacts"]["nodes"][0]["id"]
    text = "query Q($id: ID!) { node(id: $id) { id } }"
    refused = await four.app.execution.execute(text, {"id": ident}, manner=as_role("task:read"))
    assert refused.data == {"node": None}
    assert [one["extensions"]["code"] for one in refused.errors] == ["FORBIDDEN"]
    allowed = await four.app.execution.execute(text, {"id": ident}, manner=as_role("contact:read"))
    assert allowed.data == {"node": {"id": ident}}


async def test_a_role_without_scopes_may_nothing_but_ask_what_it_is_talking_to(four: Staged) -> None:
    outcome = await four.app.execution.execute("{ __typename }", manner=as_role())
    assert outcome.data == {"__typename": "Query"}
    outcome = await four.app.execution.execute("{ sources { name } }", manner=as_role())
    assert outcome.errors[0]["extensions"]["code"] == "FORBIDDEN"
