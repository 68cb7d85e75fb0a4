"""Equal questions that are asked at once: who shares an answer, what it is said to have cost, and who does not."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from tests.api.staged import Staged, staged

from crmgraph.api.outcome import Outcome

PEOPLE = "query ($first: Int = 3) { contacts(first: $first) { nodes { id fullName tags { name } } } }"


@pytest_asyncio.fixture
async def office() -> AsyncIterator[Staged]:
    async with staged(only=("concord",)) as one:
        await one.ask(PEOPLE)
        one.crms["concord"].clear()
        yield one


def cost(outcome: Outcome) -> int:
    calls: int = (outcome.extensions or {})["crmgraph"]["sources"]["concord"]["calls"]
    return calls


async def asked(office: Staged, *questions: tuple[str, dict[str, Any]]) -> list[Outcome]:
    """All at once."""
    return await asyncio.gather(*(office.app.execution.execute(text, told) for text, told in questions))


async def test_questions_that_are_equal_are_answered_once_and_the_calls_are_counted_once(office: Staged) -> None:
    outcomes = await asked(office, *[(PEOPLE, {"first": 2})] * 16)
    assert all(one.data == outcomes[0].data and not one.errors for one in outcomes)
    assert sum(map(cost, outcomes)) == cost(outcomes[0]) == office.logged()["concord"]
    assert len({id(one) for one in outcomes}) == 2, "Who joins is given one outcome, which is written out once."


async def test_who_asks_for_something_else_shares_no_answer(office: Staged) -> None:
    outcomes = await asked(office, *[(PEOPLE, {"first": number}) for number in (1, 2, 3)])
    assert [len((one.data or {})["contacts"]["nodes"]) for one in outcomes] == [1, 2, 3]


async def test_variables_are_equal_in_any_order(office: Staged) -> None:
    text = "query ($a: Int!, $b: Boolean!) { contacts(first: $a) { nodes { id fullName @include(if: $b) } } }"
    await office.ask(text, {"a": 1, "b": True})
    outcomes = await asked(office, (text, {"a": 1, "b": True}), (text, {"b": True, "a": 1}))
    assert cost(outcomes[1]) == 0 < cost(outcomes[0])


async def test_an_answer_that_was_given_is_not_given_again(office: Staged) -> None:
    first = await office.ask(PEOPLE)
    assert cost(await office.app.execution.execute(PEOPLE)) == cost(first) > 0


async def test_mutations_are_never_shared(office: Staged) -> None:
    text = 'mutation { createContact(input: {emails: ["nora@quill.example"], fullName: "Nora Quill"}) { __typename } }'
    await office.ask("{ sources { name } }")
    outcomes = await asked(office, *[(text, {})] * 2)
    again = await asked(office, *[(text, {})] * 2)
    assert len({id(one) for one in (*outcomes, *again)}) == 4


async def test_who_asks_after_a_write_began_does_not_join_who_asked_before(office: Staged) -> None:
    before = asyncio.ensure_future(office.app.execution.execute(PEOPLE))
    await asyncio.sleep(0)
    office.app.pool.sources[0].forget()  # As a worker does that hears of another one's write.
    after = asyncio.ensure_future(office.app.execution.execute(PEOPLE))
    assert cost(await before) == cost(await after) > 0


async def test_who_leaves_takes_the_answer_away_from_nobody(office: Staged) -> None:
    several = [asyncio.ensure_future(office.app.execution.execute(PEOPLE)) for _ in range(3)]
    await asyncio.sleep(0)
    several[0].cancel()
    outcomes = await asyncio.gather(*several, return_exceptions=True)
    assert isinstance(outcomes[0], asyncio.CancelledError)
    assert all(isinstance(one, Outcome) and one.data and not one.errors for one in outcomes[1:])


async def test_when_everybody_leaves_the_work_ends(office: Staged) -> None:
    several = [asyncio.ensure_future(office.app.execution.execute(PEOPLE)) for _ in range(3)]
    await asyncio.sleep(0)
    for one in several:
        one.cancel()
    await asyncio.gather(*several, return_exceptions=True)
    assert len(asyncio.all_tasks()) == 1
    assert cost(await office.app.execution.execute(PEOPLE)) > 0, "Nobody is told the end of what was given up."


async def test_a_wrong_question_is_told_to_each_who_asks(office: Staged) -> None:
    outcomes = await asked(office, *[("{ nobody }", {})] * 3)
    assert all(not one.executed and "nobody" in one.errors[0]["message"] for one in outcomes)
