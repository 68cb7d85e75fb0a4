"""What a question may be and cost before anything is asked."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio
from graphql import (
    FragmentDefinitionNode,
    OperationDefinitionNode,
    get_introspection_query,
    is_input_object_type,
    parse,
    validate,
)
from graphql.execution.values import get_variable_values
from structlog.testing import capture_logs
from tests.api.staged import Staged, staged

from crmgraph.api.execution import Execution
from crmgraph.api.reckoning import Lengths, Reckoning, Sum
from crmgraph.api.schema import build
from crmgraph.api.validating import COMPARISONS, MISTAKES, RULES, mistakes_of
from crmgraph.api.written import Written, written
from crmgraph.service.limits import Limits, Mode, Over, OverLimits

SCHEMA = build()._schema
LENGTHS = Lengths(SCHEMA)
LIMITS = Limits()


def reckoned(text: str, variables: Mapping[str, Any]) -> tuple[Sum, Reckoning]:
    """What a valid document's only operation comes to."""
    document = parse(text)
    assert validate(SCHEMA, document, RULES) == []
    (operation,) = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    known = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    given = get_variable_values(SCHEMA, operation.variable_definitions or (), dict(variables))
    assert not isinstance(given, list)
    reckoning = Reckoning(SCHEMA, LENGTHS, known, given.coerced, aside=True)
    root = SCHEMA.get_root_type(operation.operation)
    assert root is not None
    return reckoning.of(operation.selection_set, root), reckoning


PAGES = "{contacts(first: 2) {nodes {a: tasks(first: $n) {nodes {id}} b: tasks(first: 10) {edges {node {id}}}}}}"


@pytest.mark.parametrize(
    ("text", "variables", "most"),
    [
        ("{ sources { name } }", {}, 6),
        ("{ contacts(first: 10) { nodes { id email } } }", {}, 31),
        ("query ($n: Int!) { contacts(first: $n) { nodes { id } } }", {"n": 100}, 201),
        ("query ($n: Int! = 100) { contacts(first: $n) { nodes { id } } }", {}, 201),
        ("query ($n: Int! = 100) { contacts(first: $n) { nodes { id } } }", {"n": 3}, 7),
        ("query ($n: Int!) { contacts(first: $n) { nodes { id } } }", {"n": 1e2}, 201),
        ("query ($n: Int! = 50) " + PAGES, {}, 1 + 2 * (1 + 1 + 50 * 2 + 1 + 10 * 3)),
        ("{ contacts { nodes { id } } }", {}, 51),
        ("{ contacts(first: 10) { nodes { tasks(first: 10) { nodes { title } } } } }", {}, 221),
        ('{ a: contact(by: {id: "x"}) { id } b: contact(by: {id: "y"}) { id } }', {}, 2002),
        ("query ($by: ContactLookup!) { contact(by: $by) { id } }", {"by": {"id": "x"}}, 1001),
        ('{ nodes(ids: ["x", "y", "z"]) { id } }', {}, 3003),
        ("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ["x", "y"]}, 2002),
        ("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": "x"}, 1001),
        ('query ($one: ID!) { nodes(ids: [$one, "y"]) { id } }', {"one": "x"}, 2002),
        ("query {...a ...a} fragment a on Query { tags { name } }", {}, 12),
        ("query {...a} fragment a on Query {contacts(first: 10) {nodes {...b}}} fragment b on Contact {id}", {}, 21),
    ],
)
def test_values_are_counted_from_page_sizes(text: str, variables: dict[str, Any], most: int) -> None:
    assert reckoned(text, variables)[0].values == most


def test_no_page_size_hides_in_an_input() -> None:
    """So that the arguments of fields are all that must be looked at for one."""
    inputs = [one for one in SCHEMA.type_map.values() if is_input_object_type(one)]
    assert inputs
    assert not [one.name for one in inputs if "first" in one.fields]


@pytest.mark.parametrize(
    ("text", "total"),
    [
        ("{ sources { name } sources { name } }", Sum(12, 2, 4, 2)),
        ("{ ...a } fragment a on Query { tags { name } users { name } }", Sum(12, 2, 4, 2)),
        # Each thing that a node may be is compiled for itself.
        ('{ node(id: "x") { ... on Contact { id } } }', Sum(1001, 1, 2, 2)),
        ('{ node(id: "x") { id } }', Sum(1001, 1, 1 + len(SCHEMA.get_possible_types(SCHEMA.type_map["Node"])), 2)),  # type: ignore[arg-type]
    ],
)
def test_fields_are_counted_with_their_fragments_spelled_out(text: str, total: Sum) -> None:
    assert reckoned(text, {})[0] == total


def test_a_fragment_is_looked_at_once_however_often_it_is_spread() -> None:
    """Doubling spreads cost an exponential walk when each is walked anew: here 2^11 fields are two looks a fragment."""
    doubled = " ".join(f"fragment f{n} on Query {{ ...f{n + 1} ...f{n + 1} }}" for n in range(11))
    total, reckoning = reckoned(f"query {{ ...f0 }} {doubled} fragment f11 on Query {{ tags {{ name }} }}", {})
    assert (total.values, total.fields) == (2**11 * 6, 2**11 * 2)
    assert reckoning.looked == 1 + 11 * 2 + 2


@pytest.mark.parametrize("levels", [1, 3, 9])
def test_pages_in_pages_are_multiplied_without_being_walked(levels: int) -> None:
    """A few letters ask for a million things; what is looked at is what is written."""
    total, reckoning = reckoned(nested(levels), {})
    assert total.values > 100 ** (levels + 1)
    assert reckoning.looked == 3 + 3 * levels


def test_the_schema_s_own_lists_are_counted() -> None:
    """As tools ask it it is within the limits; the same a few times over is not."""
    whole, _ = reckoned(get_introspection_query(), {})
    assert 15_000 < whole.values < LIMITS.values
    listed = "{__schema {types {fields {name}}}}"
    assert reckoned(listed, {})[0].values > 1000
    (fields,) = [reckoned(f'{{__type(name: "{name}") {{fields {{name}}}}}}', {})[0].values for name in ("Contact",)]
    assert fields >= len(SCHEMA.type_map["Contact"].fields)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{a}", Written(1, 0, 0, 0, (), False)),
        ("{x: a {y: b c}} fragment f on F {z: d}", Written(4, 3, 0, 0, (), False)),
        (
            "query ($a: A @v) @q {a @skip(if: $a) ...f @include(if: $b) ... @d {c}} fragment f on F @e {d}",
            Written(3, 0, 6, 0, ("a", "b"), False),
        ),
        ("query ($a: A = {b: [{}]}) {a(x: {y: [{}, 1]}, z: 1)}", Written(1, 0, 0, 4, (), False)),
        ("type T {a: Int} {a}", Written(1, 0, 0, 0, (), False)),
    ],
)
def test_a_document_is_counted_as_it_is_written(text: str, found: Written) -> None:
    assert written(parse(text)) == found


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def four() -> AsyncIterator[Staged]:
    async with staged() as one:
        yield one


def executing(four: Staged, limits: Limits = LIMITS) -> Execution:
    return Execution(four.app.execution.schema, four.app.gateway, four.app.stores, limits=limits)


def nested(levels: int) -> str:
    inner = "{nodes{id}}"
    for _ in range(levels):
        inner = f"{{nodes{{company{{contacts(first:100){inner}}}}}}}"
    return f"{{contacts(first:100){inner}}}"


OVER = {
    "values": (nested(3), "values", 203_030_301),
    "roots": ("{" + " ".join("__typename" for _ in range(51)) + "}", "roots", 51),
    "mutations": (
        "mutation {" + " ".join('deleteTask(input: {id: "x"}) {userErrors {message}}' for _ in range(21)) + "}",
        "mutations",
        21,
    ),
    "aliases": ("{contact(by: {id: 1}) {" + " ".join(f"a{n}: id" for n in range(301)) + "}}", "aliases", 301),
    "fields": ("{contact(by: {id: 1}) {" + " ".join("id" for _ in range(1000)) + "}}", "fields", 1001),
    "directives": ("{sources {" + "name @skip(if: false) " * 201 + "}}", "directives", 201),
    "depth": (
        "{contact(by: {id: 1}) " + "{company {contacts(first: 1) {nodes " * 10 + "{id}" + "}}}" * 10 + "}",
        "depth",
        32,
    ),
    "calls": (
        "{contacts(first: 100) {nodes {opportunities {nodes {contacts {displayName}}}}}}",
        "calls",
        None,
    ),
}


@pytest.mark.parametrize(("text", "limit", "figure"), OVER.values(), ids=OVER.keys())
@pytest.mark.asyncio(loop_scope="module")
async def test_over_a_limit_is_refused_with_the_figures_and_nothing_is_called(
    four: Staged, text: str, limit: str, figure: int | None
) -> None:
    for crm in four.crms.values():
        crm.clear()
    outcome = await executing(four).execute(text)
    assert (outcome.executed, outcome.data, outcome.extensions) == (False, None, None)
    (error,) = outcome.errors
    assert error["extensions"]["code"] == "TOO_COSTLY"
    (told,) = [one for one in error["extensions"]["limits"] if one["limit"] == limit]
    assert told["allowed"] == getattr(LIMITS, limit)
    assert told["figure"] > told["allowed"]
    assert figure in (None, told["figure"])
    assert f"{told['figure']} " in error["message"]
    assert f"{told['allowed']} " in error["message"]
    assert sum(four.logged().values()) == 0


@pytest.mark.parametrize(
    ("limit", "text"),
    [
        ("roots", "{a: __typename b: __typename}"),
        ("depth", "{sources {name}}"),
        ("fields", "{sources {name}}"),
        ("aliases", "{a: __typename b: __typename}"),
        ("directives", "{__typename @skip(if: false) a: __typename @skip(if: true)}"),
        ("calls", '{tags(sources: ["leadconnector"]) {name owner: id}}'),
    ],
)
@pytest.mark.asyncio(loop_scope="module")
async def test_just_the_limit_is_allowed_and_one_less_is_not(four: Staged, limit: str, text: str) -> None:
    figure = 1 if limit == "calls" else 2
    at_it = await executing(four, replace(LIMITS, **{limit: figure})).execute(text)  # type: ignore[arg-type]
    assert at_it.executed, at_it.errors
    below = await executing(four, replace(LIMITS, **{limit: figure - 1})).execute(text)  # type: ignore[arg-type]
    assert below.errors[0]["extensions"]["limits"] == [{"limit": limit, "figure": figure, "allowed": figure - 1}]


def filtered(conditions: int) -> dict[str, Any]:
    return {"or": [{"email": {"eq": "nobody@x.example"}} for _ in range(conditions)]}


@pytest.mark.asyncio(loop_scope="module")
async def test_input_objects_of_a_question_are_counted_in_its_variables_and_its_document(four: Staged) -> None:
    """Before they are coerced, which takes long; each is made into an object of ours."""
    literal = "companies(filter: {and: [{}]}) {nodes {id}}"
    text = f"query ($f: ContactFilter) {{contacts(first: 1, filter: $f) {{nodes {{id}}}} {literal}}}"
    execution = executing(four)
    for conditions, allowed in ((98, True), (99, False)):
        outcome = await execution.execute(text, {"f": filtered(conditions)})
        assert outcome.executed is allowed
    assert outcome.errors[0]["extensions"]["limits"] == [{"limit": "inputs", "figure": 201, "allowed": 200}]
    measured = await executing(four, replace(LIMITS, mode=Mode.MEASURE)).execute(text, {"f": filtered(99)})
    assert measured.extensions["crmgraph"]["cost"]["over"] == outcome.errors[0]["extensions"]["limits"]  # type: ignore[index]


@pytest.mark.asyncio(loop_scope="module")
async def test_a_mutation_holds_as_many_input_objects_as_its_body(four: Staged) -> None:
    text = "mutation ($input: CreateContactInput!) {createContact(input: $input) {userErrors {message}}}"
    emails = [{"value": f"n{number}@x.example"} for number in range(201)]
    outcome = await executing(four).execute(text, {"input": {"emails": emails, "dryRun": True}})
    assert outcome.executed


NUMBER = 'filter: {customField: {key: "k", number: {gt: $v}}}'
ODD = {
    "JSON": (
        'mutation ($v: JSON!) {createSavedView(input: {name: "a", sources: [], filter: $v}) {userErrors {message}}}',
        {"v": {"a": [1]}},
    ),
    "a number that is none": (f"query ($v: Decimal!) {{contacts(first: 1, {NUMBER}) {{nodes {{id}}}}}}", {"v": "sNaN"}),
    "a moment": (
        "query ($v: DateTime!) {contacts(first: 1, filter: {createdAt: {gt: $v}}) {nodes {id}}}",
        {"v": "2026-01-01T00:00:00Z"},
    ),
}


@pytest.mark.parametrize(("text", "variables"), ODD.values(), ids=ODD.keys())
@pytest.mark.asyncio(loop_scope="module")
async def test_no_value_of_a_variable_is_too_odd_for_a_price(
    four: Staged, text: str, variables: dict[str, Any]
) -> None:
    outcome = await executing(four).execute(text, variables)
    assert not [one for one in outcome.errors if one["extensions"]["code"] == "INTERNAL"]


@pytest.mark.asyncio(loop_scope="module")
async def test_the_operation_that_runs_is_the_one_that_is_reckoned(four: Staged) -> None:
    """A client may send all it ever asks in one document; what is not executed costs nothing."""
    text = f"query small {{sources {{name}}}} query dear {nested(3)}"
    execution = executing(four)
    assert (await execution.execute(text, operation_name="small")).executed
    refused = await execution.execute(text, operation_name="dear")
    assert refused.errors[0]["extensions"]["code"] == "TOO_COSTLY"


@pytest.mark.asyncio(loop_scope="module")
async def test_each_asking_is_reckoned_with_its_own_variables(four: Staged) -> None:
    """Also where the document, and another price of it, are remembered."""
    inner = "{nodes {company {contacts(first: $n) {nodes {tasks(first: $n) {nodes {id}}}}}}}"
    text = f"query ($n: Int!) {{contacts(first: $n) {inner}}}"
    execution = executing(four, replace(LIMITS, calls=10**9))
    for size, allowed in ((1, True), (100, False), (1, True), (100, False)):
        outcome = await execution.execute(text, {"n": size})
        assert outcome.executed is allowed, size


@pytest.mark.asyncio(loop_scope="module")
async def test_what_goes_over_is_told_and_answered_where_limits_are_only_measured(four: Staged) -> None:
    limits = replace(LIMITS, mode=Mode.MEASURE, depth=1, aliases=0)
    with capture_logs() as logs:
        outcome = await executing(four, limits).execute("{a: sources {name}}")
    assert outcome.data["a"]
    cost = outcome.extensions["crmgraph"]["cost"]  # type: ignore[index]
    assert cost["over"] == [
        {"limit": "aliases", "figure": 1, "allowed": 0},
        {"limit": "depth", "figure": 2, "allowed": 1},
    ]
    (line,) = logs
    assert (line["event"], line["over"]) == ("a question goes over limits", cost["over"])


@pytest.mark.asyncio(loop_scope="module")
async def test_nothing_is_reckoned_where_limits_are_off(four: Staged) -> None:
    outcome = await executing(four, replace(LIMITS, mode=Mode.OFF, depth=1)).execute("{sources {name}}")
    assert outcome.executed
    assert "cost" not in outcome.extensions["crmgraph"]  # type: ignore[index]


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.asyncio(loop_scope="module")
async def test_words_are_limited_in_every_mode(four: Staged, mode: Mode) -> None:
    outcome = await executing(four, replace(LIMITS, mode=mode)).execute("{" + "__typename " * LIMITS.tokens + "}")
    assert f"more than {LIMITS.tokens} tokens" in outcome.errors[0]["message"]


ASKED = {
    "no variables": ("{tags {name}}", [{}, {}], 1),
    "an e-mail": (
        "query ($e: String!) {contact(by: {email: $e}) {displayName}}",
        [{"e": "a@x.example"}, {"e": "b@x.example"}],
        1,
    ),
    "an input": (
        "query ($by: ContactLookup!) {contact(by: $by) {id}}",
        [{"by": {"email": "a@x.example"}}, {"by": {"email": "b@x.example"}}, {"by": {"phone": "+1"}}],
        2,
    ),
    "a page": ("query ($n: Int!) {contacts(first: $n) {nodes {id}}}", [{"n": 1}, {"n": 2}, {"n": 1}], 2),
    "a cursor": (
        "query ($c: String) {contacts(first: 1, after: $c) {nodes {id}}}",
        [{}, {"c": "x"}, {"c": "y"}, {"c": None}],
        3,
    ),
    "sources": (
        "query ($s: [String!]) {users(sources: $s) {id}}",
        [{"s": ["concord"]}, {"s": ["orgcrm"]}, {"s": "concord"}],
        2,
    ),
    "ids": ("query ($i: [ID!]!) {nodes(ids: $i) {id}}", [{"i": ["x", "x"]}, {"i": ["x", "y"]}, {"i": ["z", "y"]}], 2),
}


@pytest.mark.parametrize(("text", "askings", "prices"), ASKED.values(), ids=ASKED.keys())
@pytest.mark.asyncio(loop_scope="module")
async def test_a_price_is_remembered_for_all_variables_that_cost_the_same(
    four: Staged, text: str, askings: list[dict[str, Any]], prices: int
) -> None:
    """And tells what `explain` tells of each."""
    execution = executing(four)
    for variables in askings:
        outcome = await execution.execute(text, variables)
        assert outcome.extensions is not None, outcome.errors
        told = outcome.extensions["crmgraph"]["cost"]["calls"]
        if not outcome.errors:
            explained = execution.explain(text, variables)["sources"]
            assert told == {name: one["most"] for name, one in explained.items() if one["most"]}
    assert len(execution.documents.get(text, LIMITS).prices) == prices


@pytest.mark.asyncio(loop_scope="module")
async def test_a_field_that_is_asked_wrongly_hides_no_other_from_the_price(four: Staged) -> None:
    wrong = '{a: contacts(first: 0) {nodes {id}} tags(sources: ["leadconnector"]) {name}}'
    right = '{tags(sources: ["leadconnector"]) {name}}'
    execution = executing(four, replace(LIMITS, mode=Mode.MEASURE))
    costs = [(await execution.execute(one)).extensions["crmgraph"]["cost"]["calls"] for one in (wrong, right)]  # type: ignore[index]
    assert costs[0] == costs[1] == {"leadconnector": 1}


def test_fields_of_equal_names_are_compared_for_so_long_only() -> None:
    """graphql-core compares each with each; the last mistake says that it was given up, in words."""
    text = "{" + "contact(by: {id: 1}) {id} " * 400 + "}"
    told = mistakes_of(SCHEMA, parse(text), len(text))
    assert "too many to be compared" in told[-1].message
    assert COMPARISONS < 400 * 400
    (few,) = [mistakes_of(SCHEMA, parse("{" + "contact(by: {id: 1}) {id} " * 40 + "}"), 1000)]
    assert few == ()


@pytest.mark.parametrize(
    ("count", "letters", "told"), [(3, 40, 3), (40, 400, MISTAKES), (400, 4_000, 2), (900, 20_000, 1)]
)
def test_fewer_mistakes_are_told_of_a_longer_document(count: int, letters: int, told: int) -> None:
    text = "{" + " ".join(f"wrong{n}" for n in range(count)) + "}"
    found = mistakes_of(SCHEMA, parse(text), letters)
    assert [one.message for one in found[told:]] == (
        ["There are more mistakes; mend these first."] if count > told else []
    )


@pytest.mark.asyncio(loop_scope="module")
async def test_a_long_message_is_shortened(four: Staged) -> None:
    outcome = await executing(four).execute("{" + "a" * 5000 + "}")
    (error,) = outcome.errors
    assert len(error["message"]) == 1001


@pytest.mark.asyncio(loop_scope="module")
async def test_mistakes_of_variables_are_few(four: Staged) -> None:
    text = "query ($s: [String!]) {users(sources: $s) {id}}"
    outcome = await executing(four).execute(text, {"s": list(range(10_000))})
    assert not outcome.executed
    assert len(outcome.errors) == MISTAKES + 1


def test_every_limit_has_its_sentence() -> None:
    names = [name for name in Limits.__dataclass_fields__ if name not in ("mode", "tokens")]
    for name in names:
        error = OverLimits((Over(name, 1234, 567),))
        assert "1234" in error.message
        assert "567" in error.message
