"""Whose records disagree, out of a replica of the simulated CRMs, without a call to any of them."""

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from bench.stores import postgres
from tests.api.staged import Staged, staged
from tests.needs import needs

from crmgraph.api.manner import Manner
from crmgraph.api.outcome import Outcome
from crmgraph.domain.model import Kind
from crmgraph.service.callers import ADMIN, Caller, Role
from crmgraph.service.conflicts import COMPARABLE, USUAL, conflicts
from crmgraph.service.sights import Sight

QUERY = """query C($fields: [String!], $first: Int! = 100, $after: String) {
  conflicts(fields: $fields, first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes {
      person { id records { source id } }
      fields { field value rule reason origin { source id } losers { value reason origin { source id } } } } } }"""
PIN = "mutation P($input: PinFieldInput!) { pinField(input: $input) { userErrors { message } } }"
WHOLE = """query W($id: ID!, $fields: [String!]) { node(id: $id) { ... on Contact {
  provenance(fields: $fields) {
    field value rule reason origin { source id } losers { value reason origin { source id } } } } } }"""


@pytest_asyncio.fixture
async def kept() -> AsyncIterator[Staged]:
    """All four CRMs, synced."""
    async with staged(filled=False, keeps=True) as stage:
        await synced(stage, *stage.crms)
        yield stage


async def synced(stage: Staged, *names: str) -> None:
    syncing = await stage.app.syncing()
    for source in stage.app.pool.sources:
        if source.name in names:
            await syncing.source(source)


async def told(stage: Staged, query: str = QUERY, role: Role = ADMIN, **variables: Any) -> Outcome:
    """What is answered to a question that calls nobody."""
    for crm in stage.crms.values():
        crm.clear()
    manner = Manner(Caller("anna", role), False, True)
    outcome = await stage.app.execution.execute(query, variables, manner=manner)
    assert query is WHOLE or not any(stage.logged().values())
    return outcome


async def listed(stage: Staged, role: Role = ADMIN, **variables: Any) -> Any:
    outcome = await told(stage, role=role, **variables)
    assert not outcome.errors, outcome.errors
    return outcome.data["conflicts"]


def message(outcome: Outcome) -> str:
    return str(outcome.errors[0]["message"])


async def test_who_is_told_differently_is_listed_with_every_value_and_who_holds_it(kept: Staged) -> None:
    found = await listed(kept)
    assert found["nodes"]
    for one in found["nodes"]:
        held = {(each["source"], each["id"]) for each in one["person"]["records"]}
        assert len(held) > 1
        assert one["fields"]
        for field in one["fields"]:
            assert field["losers"]
            assert all(loser["value"] != field["value"] for loser in field["losers"])
            assert {(each["origin"]["source"], each["origin"]["id"]) for each in (field, *field["losers"])} <= held


async def test_a_replica_in_postgresql_tells_the_same(kept: Staged) -> None:
    """Page by page, every value, rule and origin."""
    async with postgres() as url:
        needs("PostgreSQL", url is not None)
        async with staged(filled=False, keeps=True, store=url) as other:
            await synced(other, *other.crms)
            for variables in ({}, {"first": 2}, {"fields": ["jobTitle", "website"]}):
                ours, theirs = [(await listed(one, **variables))["nodes"] for one in (kept, other)]
                for node in (*ours, *theirs):
                    del node["person"]["id"]  # Each store gives ids of its own.
                assert ours
                assert ours == theirs


async def test_it_is_the_story_that_the_person_tells_read_live(kept: Staged) -> None:
    one = (await listed(kept))["nodes"][0]
    names = [each["field"] for each in one["fields"]]
    outcome = await told(kept, WHOLE, id=one["person"]["id"], fields=names)
    assert not outcome.errors, outcome.errors
    assert outcome.data["node"]["provenance"] == one["fields"]


async def test_only_the_fields_that_are_asked_for_are_compared(kept: Staged) -> None:
    found = await listed(kept, fields=["jobTitle"])
    everything = await listed(kept, fields=list(COMPARABLE))
    assert {each["field"] for one in found["nodes"] for each in one["fields"]} == {"jobTitle"}
    assert len(everything["nodes"]) > len(found["nodes"]) > 0


async def test_pages_put_together_are_the_whole_list(kept: Staged) -> None:
    whole = (await listed(kept))["nodes"]
    walked: list[Any] = []
    after, has_next = None, True
    while has_next:
        page = await listed(kept, first=2, after=after)
        walked += page["nodes"]
        after, has_next = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert walked == whole
    assert len(walked) > 2


async def test_a_page_ends_after_so_many_people_and_nobody_is_lost(kept: Staged) -> None:
    whole = await conflicts(kept.app.gateway.read(), USUAL, 1_000, None)
    page = await conflicts(kept.app.gateway.read(), USUAL, 1_000, None, most=3)
    sizes, walked = [len(page.conflicts)], [*page.conflicts]
    while page.behind is not None:
        page = await conflicts(kept.app.gateway.read(), USUAL, 1_000, page.behind, most=3)
        sizes.append(len(page.conflicts))
        walked += page.conflicts
    assert [one.place for one in walked] == [one.place for one in whole.conflicts]
    assert min(sizes) < max(sizes) <= 3


async def test_a_cursor_goes_on_with_its_own_question_alone(kept: Staged) -> None:
    after = (await listed(kept, first=1))["pageInfo"]["endCursor"]
    assert "belongs to another question" in message(await told(kept, after=after, fields=["jobTitle"]))


async def test_what_somebody_pinned_is_settled(kept: Staged) -> None:
    one = (await listed(kept, fields=["jobTitle"]))["nodes"][0]
    given = {"contact": one["person"]["id"], "field": "jobTitle", "value": one["fields"][0]["losers"][0]["value"]}
    outcome = await kept.app.execution.execute(PIN, {"input": given}, manner=Manner(Caller("anna", ADMIN), False, True))
    assert outcome.data["pinField"]["userErrors"] == []
    left = [each["person"]["id"] for each in (await listed(kept, fields=["jobTitle"]))["nodes"]]
    assert one["person"]["id"] not in left


async def test_what_is_out_of_sight_is_neither_told_nor_compared(kept: Staged) -> None:
    two = Sight(frozenset({"concord", "orgcrm"}), frozenset({(Kind.CONTACT, "jobTitle")}))
    blind = Role("blind", ADMIN.scopes, two)
    found = await listed(kept, blind)
    assert found["nodes"]
    assert "jobTitle" not in {each["field"] for one in found["nodes"] for each in one["fields"]}
    assert not {"leadconnector", "bigcontacts"} & set(str(found).split("'"))
    assert "hidden from you" in message(await told(kept, role=blind, fields=["jobTitle"]))


async def test_a_field_that_cannot_be_compared_is_refused_with_those_that_can(kept: Staged) -> None:
    assert "did you mean jobTitle?" in message(await told(kept, fields=["jobTitel"]))
    assert "these can be: givenName" in message(await told(kept, fields=["emails"]))
    assert "`fields` is empty" in message(await told(kept, fields=[]))
    assert "from 1 to 100" in message(await told(kept, first=0))


async def test_without_a_replica_it_is_said_how_to_have_one() -> None:
    async with staged(filled=False) as stage:
        assert "run `crmgraph sync`" in message(await told(stage))


async def test_a_replica_that_is_not_whole_is_told() -> None:
    async with staged(filled=False, keeps=True) as stage:
        assert "holds nobody yet" in message(await told(stage))
        await synced(stage, "concord", "orgcrm")
        outcome = await told(stage)
        assert outcome.data["conflicts"]["nodes"]
        assert "bigcontacts are not all in the replica yet" in str(outcome.errors)
        assert "leadconnector are not all in the replica yet" in str(outcome.errors)
