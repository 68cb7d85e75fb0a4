"""One operation from its text to its answer: what is told of errors, what is kept back, what it cost."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pytest
import pytest_asyncio
import strawberry
from graphql import FieldNode, FragmentDefinitionNode, OperationDefinitionNode, parse
from structlog.testing import capture_logs
from tests.api.staged import Staged, staged

from crmgraph.api import inputs
from crmgraph.api.execution import Execution
from crmgraph.api.inputs import ContactFilter, CustomFieldFilter, StringFilter, filter_of, order_of
from crmgraph.api.manner import Manner
from crmgraph.api.outcome import Outcome
from crmgraph.api.schema import Schema, build
from crmgraph.api.selection import fields_selected
from crmgraph.connectors.exchange import Call, Reply
from crmgraph.domain.errors import Ambiguous, Denied, InputError, Throttled, Unsupported
from crmgraph.domain.filtering import And, Condition, Filter, Not, Op, Or
from crmgraph.domain.model import FIELDS, Kind
from crmgraph.service.ports import Source, Tally

SECRET = "https://crm.example/api?token=s3cret"
FAILURES: dict[str, Exception] = {
    "bug": RuntimeError(SECRET),
    "input": InputError("This will not do."),
    "ambiguous": Ambiguous("Two people have this e-mail; ask for one of them by id.", ("a", "b")),
    "unsupported": Unsupported("concord cannot do that.", "concord"),
    "throttled": Throttled("concord", "concord asks us to slow down.", 3.0),
    "denied": Denied("concord", "concord refused our credentials."),
}


@strawberry.type(name="Query")
class _Query:
    @strawberry.field
    def fine(self) -> str:
        return "as it should be"

    @strawberry.field
    async def fails(self, how: str) -> str | None:
        raise FAILURES[how]


@strawberry.type(name="Mutation")
class _Mutation:
    @strawberry.mutation
    def change(self) -> str:
        return "changed"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def four() -> AsyncIterator[Staged]:
    async with staged() as one:
        yield one


@pytest.fixture
def failing(four: Staged) -> Execution:
    return Execution(Schema(query=_Query, mutation=_Mutation), four.app.gateway, four.app.stores, lambda: "0badcafe")


@pytest.mark.asyncio(loop_scope="module")
async def test_what_is_no_error_of_ours_is_told_by_its_number_only(failing: Execution) -> None:
    with capture_logs() as logs:
        outcome = await failing.execute('{fine fails(how: "bug")}')
    assert outcome.executed
    assert outcome.data == {"fine": "as it should be", "fails": None}
    (error,) = outcome.errors
    assert error["message"] == "This server failed; its log tells more under 0badcafe."
    assert error["extensions"] == {"code": "INTERNAL"}
    assert error["path"] == ["fails"]
    assert "s3cret" not in str(outcome)
    (line,) = logs
    assert (line["error_id"], line["log_level"], line["path"]) == ("0badcafe", "error", ["fails"])
    assert str(line["exc_info"]) == SECRET


@pytest.mark.parametrize(
    ("how", "extensions"),
    [
        ("input", {"code": "BAD_INPUT"}),
        ("ambiguous", {"code": "AMBIGUOUS", "ids": ["a", "b"]}),
        ("unsupported", {"code": "UNSUPPORTED", "source": "concord"}),
        ("throttled", {"code": "THROTTLED", "source": "concord", "retryable": True, "retryAfter": 3.0}),
        ("denied", {"code": "DENIED", "source": "concord", "retryable": False, "retryAfter": None}),
    ],
)
@pytest.mark.asyncio(loop_scope="module")
async def test_an_error_of_ours_is_told_in_its_own_words(
    failing: Execution, how: str, extensions: dict[str, Any]
) -> None:
    with capture_logs() as logs:
        outcome = await failing.execute(f'{{fails(how: "{how}")}}')
    (error,) = outcome.errors
    assert error["message"] == str(FAILURES[how])
    assert error["extensions"] == extensions
    assert logs == []


@pytest.mark.parametrize(
    ("query", "variables", "operation", "message"),
    [
        ("{", None, None, "Syntax Error"),
        ("{nothing}", None, None, "Cannot query field 'nothing' on type 'Query'"),
        ("query($how: String!) {fails(how: $how)}", None, None, "$how"),
        ("query($how: String!) {fails(how: $how)}", {"how": 7}, None, "$how"),
        ("query A {fine} query B {fine}", None, None, "operation"),
        ("query A {fine}", None, "C", "C"),
    ],
)
@pytest.mark.asyncio(loop_scope="module")
async def test_a_request_that_cannot_be_executed_has_errors_and_neither_data_nor_an_account(
    failing: Execution, query: str, variables: dict[str, Any] | None, operation: str | None, message: str
) -> None:
    outcome = await failing.execute(query, variables, operation)
    assert (outcome.data, outcome.extensions, outcome.executed, outcome.needs_post) == (None, None, False, False)
    assert message in outcome.errors[0]["message"]
    assert {one["extensions"]["code"] for one in outcome.errors} == {"BAD_INPUT"}


@pytest.mark.asyncio(loop_scope="module")
async def test_a_request_for_reads_only_does_not_write(failing: Execution) -> None:
    assert (await failing.execute("{fine}", manner=Manner(reads_only=True))).data == {"fine": "as it should be"}
    refused = await failing.execute("mutation {change}", manner=Manner(reads_only=True))
    assert (refused.data, refused.executed, refused.needs_post) == (None, False, True)
    assert (await failing.execute("mutation {change}")).data == {"change": "changed"}


@pytest.mark.asyncio(loop_scope="module")
async def test_the_account_tells_of_every_source(four: Staged) -> None:
    outcome = await four.ask('{tags(sources: ["orgcrm"]) {name}}')
    unasked = {"status": "NOT_ASKED", "calls": 0}
    assert outcome.extensions == {
        "crmgraph": {
            "sources": {
                "leadconnector": unasked,
                "concord": unasked,
                "bigcontacts": unasked,
                "orgcrm": {"status": "OK", "calls": 1},
            },
            "identity": "COMPLETE",
            "cost": {"values": 6, "limit": 100_000, "calls": {"orgcrm": 1}},
        }
    }


@pytest.mark.asyncio(loop_scope="module")
async def test_a_failed_source_is_an_error_beside_the_answer(four: Staged) -> None:
    four.crms["leadconnector"].faults.set("status", status=503)
    try:
        outcome = await four.app.execution.execute("{tags {name}}")
    finally:
        four.crms["leadconnector"].clear()
    assert outcome.data["tags"]
    (error,) = outcome.errors
    assert error["extensions"]["source"] == "leadconnector"
    assert error["extensions"]["code"] == "UNAVAILABLE"
    told = _account(outcome)["leadconnector"]
    assert told == {
        "status": "FAILED",
        "code": "UNAVAILABLE",
        "calls": 3,
        "retryable": True,
        "retryAfter": None,
    }


def _account(outcome: Outcome) -> dict[str, Any]:
    assert outcome.extensions is not None
    sources: dict[str, Any] = outcome.extensions["crmgraph"]["sources"]
    return sources


@pytest.mark.parametrize(
    "arguments",
    [
        "orderBy: [{field: CREATED_AT, direction: DESC}]",
        "orderBy: [{field: UPDATED_AT}]",
        "onMissing: STOP",
    ],
)
@pytest.mark.asyncio(loop_scope="module")
async def test_an_enumerations_word_may_be_written_in_the_document(four: Staged, arguments: str) -> None:
    outcome = await four.ask(f'{{contacts(first: 2, sources: ["leadconnector"], {arguments}) {{nodes {{id}}}}}}')
    assert outcome.errors == ()
    assert len(outcome.data["contacts"]["nodes"]) == 2


T0 = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (None, None),
        (ContactFilter(), None),
        (ContactFilter(email=StringFilter(eq="a@b.example")), Condition("emails", Op.EQ, "a@b.example")),
        (ContactFilter(phone=StringFilter(in_=["1", "2"])), Condition("phones", Op.IN, ("1", "2"))),
        (ContactFilter(given_name=StringFilter(starts_with="A")), Condition("givenName", Op.STARTS_WITH, "A")),
        (ContactFilter(job_title=StringFilter(is_null=False)), Condition("jobTitle", Op.IS_NULL, False)),
        (
            ContactFilter(website=StringFilter(contains="x"), timezone=StringFilter(eq="UTC")),
            And((Condition("website", Op.CONTAINS, "x"), Condition("timezone", Op.EQ, "UTC"))),
        ),
        (
            ContactFilter(created_at=inputs.DateTimeFilter(gte=T0, lt=T0)),
            And((Condition("createdAt", Op.GTE, T0), Condition("createdAt", Op.LT, T0))),
        ),
        (ContactFilter(not_=ContactFilter(tags=inputs.TagFilter(eq="vip"))), Not(Condition("tags", Op.EQ, "vip"))),
        (ContactFilter(not_=ContactFilter()), Not(And(()))),
        (
            ContactFilter(or_=[ContactFilter(tags=inputs.TagFilter(eq=one)) for one in "ab"]),
            Or((Condition("tags", Op.EQ, "a"), Condition("tags", Op.EQ, "b"))),
        ),
        (ContactFilter(and_=[]), And(())),
        (ContactFilter(or_=[]), Or(())),
        (
            ContactFilter(custom_field=CustomFieldFilter(key="seats", number=inputs.NumberFilter(gt=Decimal(3)))),
            Condition("customFields.seats", Op.GT, Decimal(3)),
        ),
        (
            ContactFilter(custom_field=CustomFieldFilter(key="since", date=inputs.DateFilter(eq=date(2026, 1, 1)))),
            Condition("customFields.since", Op.EQ, date(2026, 1, 1)),
        ),
        (inputs.CompanyFilter(email=StringFilter(eq="a@b.example")), Condition("email", Op.EQ, "a@b.example")),
        (inputs.TaskFilter(completed=inputs.BooleanFilter(eq=False)), Condition("completed", Op.EQ, False)),
        (inputs.TaskFilter(due_at=inputs.DateTimeFilter(lte=T0)), Condition("dueAt", Op.LTE, T0)),
        (
            inputs.OpportunityFilter(expected_close_date=inputs.DateFilter(is_null=True)),
            Condition("expectedCloseDate", Op.IS_NULL, True),
        ),
    ],
)
def test_an_input_means_a_filter(given: Any, meant: Filter | None) -> None:
    assert filter_of(given) == meant


def test_every_field_of_a_filter_is_a_field_of_its_kind() -> None:
    kinds = {
        inputs.ContactFilter: Kind.CONTACT,
        inputs.TaskFilter: Kind.TASK,
        inputs.ActivityFilter: Kind.ACTIVITY,
        inputs.CompanyFilter: Kind.COMPANY,
        inputs.OpportunityFilter: Kind.OPPORTUNITY,
    }
    for filtering, kind in kinds.items():
        for name in filtering.__annotations__:
            if name in ("and_", "or_", "not_", "custom_field"):
                continue
            given = filtering(**{name: StringFilter(eq="")})
            meant = filter_of(given)
            assert isinstance(meant, Condition)
            assert meant.field in FIELDS[kind], f"{filtering.__name__}.{name}"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            ContactFilter(custom_field=CustomFieldFilter(key="seats")),
            "The filter on the custom field seats says nothing",
        ),
        (ContactFilter(created_at=inputs.DateTimeFilter(gt=datetime(2026, 1, 1))), "has no offset; write it like"),
    ],
)
def test_a_filter_that_cannot_be_meant_so_is_refused(given: ContactFilter, message: str) -> None:
    with pytest.raises(InputError, match=message):
        filter_of(given)


def test_an_order_is_one_key() -> None:
    by_name = inputs.OrderBy(field=inputs.OrderField.FAMILY_NAME, direction=inputs.Direction.DESC)
    assert order_of(None) is order_of([]) is None
    assert order_of([by_name]) == ("familyName", True)
    with pytest.raises(InputError, match="give one order, not several"):
        order_of([by_name, by_name])


NAME = {"fullName", "givenName", "familyName"}


@pytest.mark.parametrize(
    ("selected", "fields"),
    [
        ("id", set()),
        ("displayName", {*NAME, "emails", "phones"}),
        ("givenName", NAME),
        ("email", {"emails"}),
        ("phone jobTitle", {"phones", "jobTitle"}),
        ("tags {name}", {"tags"}),
        ("companies {name}", {"companies", "company"}),
        ("tasks {nodes {title}}", set()),
        ("alias: leadSource", {"leadSource"}),
        ("records {id createdAt}", {"createdAt"}),
        ("records {values}", set(FIELDS[Kind.CONTACT])),
        ("provenance {field}", set(FIELDS[Kind.CONTACT])),
        ("gaps {field}", set(FIELDS[Kind.CONTACT])),
        ("...F", {"website"}),
        ("... on Contact {website ... {birthDate}} ...F", {"website", "birthDate"}),
    ],
)
def test_what_is_selected_tells_which_fields_are_read(selected: str, fields: set[str]) -> None:
    for path, text in (((), f"{{x {{{selected}}}}}"), (("nodes",), f"{{x {{nodes {{{selected}}}}}}}")):
        document = parse(text + " fragment F on Contact {website}")
        operation, fragment = document.definitions
        assert isinstance(operation, OperationDefinitionNode)
        assert isinstance(fragment, FragmentDefinitionNode)
        nodes = [one for one in operation.selection_set.selections if isinstance(one, FieldNode)]
        assert fields_selected(nodes, {"F": fragment}, Kind.CONTACT, path) == fields


class Recorded:
    """A source whose shared replies are written down."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.replies: list[Reply] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._source, name)

    async def read(self, call: Call, tally: Tally) -> Reply:
        self.replies.append(await self._source.read(call, tally))
        return self.replies[-1]


async def test_nobody_changes_a_reply_that_others_may_share() -> None:
    text = (Path(__file__).parents[2] / "docs" / "calls.md").read_text(encoding="utf-8")
    (query,) = re.findall(r"```graphql\n(.*?)```", text, re.DOTALL)
    async with staged() as stage:
        sources = [Recorded(source) for source in stage.app.gateway.sources]
        execution = Execution(build(), replace(stage.app.gateway, sources=sources), stage.app.stores)
        assert (await execution.execute(query)).errors == ()
        replies = [reply for source in sources for reply in source.replies]
        assert len(replies) > 90
        assert all(reply.json() == orjson.loads(reply.content) for reply in replies)
