"""Lists about identity over everybody who is known, without a call."""

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from tests.api.staged import Staged, staged

from crmgraph.api.manner import Manner
from crmgraph.service.callers import ADMIN, Caller, Role
from crmgraph.service.sights import Sight

DUPLICATES = """query D($source: String!) { duplicates(source: $source, first: 100) { totalCount nodes {
  records { source id } person { records { source id } } links { bits judged } } } }"""
MISSING = """query M($source: String!) { missingIn(source: $source, first: 100) { totalCount nodes {
  records { source } } } }"""
QUEUE = """{ reviewPairs(first: 100) { totalCount nodes {
  joined a { id } b { id } link { fromId toId bits band reasons { text } } } } }"""

JUDGE = "mutation J($input: JudgePairInput!) { judgePair(input: $input) { userErrors { message } } }"


@pytest_asyncio.fixture
async def four() -> AsyncIterator[Staged]:
    async with staged() as one:
        yield one


async def asked(stage: Staged, query: str, role: Role = ADMIN, **variables: Any) -> Any:
    """What a question is answered; it goes without errors and without a call."""
    for crm in stage.crms.values():
        crm.clear()
    manner = Manner(Caller("anna", role), False, True)
    outcome = await stage.app.execution.execute(query, variables, manner=manner)
    assert not outcome.errors, outcome.errors
    return outcome.data


async def test_who_stands_twice_in_a_source_is_told_with_what_says_so(four: Staged) -> None:
    before = (await asked(four, DUPLICATES, source="leadconnector"))["duplicates"]["totalCount"]
    a, b = (one["id"] for one in (await asked(four, "{ contacts(first: 2) { nodes { id } } }"))["contacts"]["nodes"])
    await asked(four, JUDGE, input={"a": a, "b": b, "same": True})
    found = (await asked(four, DUPLICATES, source="leadconnector"))["duplicates"]
    assert found["totalCount"] == len(found["nodes"]) == before + 1
    assert any(each["judged"] for one in found["nodes"] for each in one["links"])
    for one in found["nodes"]:
        assert len(one["records"]) > 1
        assert {each["source"] for each in one["records"]} == {"leadconnector"}
        assert len(one["links"]) == len(one["person"]["records"]) - 1
    assert not any(four.logged().values())


async def test_who_is_missing_in_a_source_has_no_record_there(four: Staged) -> None:
    found = (await asked(four, MISSING, source="orgcrm"))["missingIn"]
    assert found["nodes"]
    assert all(each["source"] != "orgcrm" for one in found["nodes"] for each in one["records"])
    assert not any(four.logged().values())


async def test_a_pair_that_was_answered_leaves_the_queue(four: Staged) -> None:
    before = (await asked(four, QUEUE))["reviewPairs"]
    first = before["nodes"][0]["link"]
    given = {"a": first["fromId"], "b": first["toId"], "same": False}
    assert (await asked(four, JUDGE, input=given))["judgePair"]["userErrors"] == []
    after = (await asked(four, QUEUE))["reviewPairs"]
    left = [(one["link"]["fromId"], one["link"]["toId"]) for one in after["nodes"]]
    assert (first["fromId"], first["toId"]) not in left
    assert not any(four.logged().values())


async def test_nothing_of_a_source_that_is_out_of_sight_is_told(four: Staged) -> None:
    blind = Role("blind", ADMIN.scopes, Sight(sources=frozenset({"concord", "orgcrm"})))
    found = (await asked(four, MISSING, blind, source="orgcrm"))["missingIn"]
    assert {each["source"] for one in found["nodes"] for each in one["records"]} == {"concord"}
    query = "{ reviewPairs(first: 100) { nodes { link { from { source } to { source } } } } }"
    pairs = str(await asked(four, query, blind))
    assert "leadconnector" not in pairs
    assert "bigcontacts" not in pairs


async def test_while_a_source_was_not_read_nobody_is_said_to_be_missing_there() -> None:
    async with staged(filled=False) as stage:
        outcome = await stage.app.execution.execute(MISSING, {"source": "orgcrm"})
        assert outcome.errors[0]["extensions"]["code"] == "UNAVAILABLE"
        assert "have not all been read yet" in outcome.errors[0]["message"]
        known = await stage.app.execution.execute("{ knownPeople { complete records } }")
        assert known.data == {"knownPeople": {"complete": False, "records": 0}}
        assert known.extensions is not None
        assert known.extensions["crmgraph"]["identity"] == "PARTIAL"
