"""What an operation takes at the entrance: one place for all who ask the same, its urgency, and its time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
import pytest_asyncio
from tests.api.staged import Staged, staged

from crmgraph.api.execution import Execution
from crmgraph.api.manner import Manner
from crmgraph.api.schema import build
from crmgraph.domain.errors import Overloaded
from crmgraph.service.callers import ADMIN, Caller
from crmgraph.service.errands import Urgency

pytestmark = pytest.mark.asyncio(loop_scope="module")

ASK = "{ sources { name } }"
TAG = 'mutation { createTag(input: {name: "x", sources: ["concord"], dryRun: true}) { userErrors { message } } }'


class Door:
    """An entrance that remembers who came, and lets in when it is opened."""

    def __init__(self, waited: float = 0.0, error: Exception | None = None) -> None:
        self.came: list[tuple[Urgency, float]] = []
        self.open = asyncio.Event()
        self.open.set()
        self._waited = waited
        self._error = error

    @asynccontextmanager
    async def enter(self, urgency: Urgency, patience: float) -> AsyncIterator[float]:
        self.came.append((urgency, patience))
        await self.open.wait()
        if self._error is not None:
            raise self._error
        yield self._waited


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def four() -> AsyncIterator[Staged]:
    async with staged() as one:
        yield one


def behind(four: Staged, door: Door) -> Execution:
    return Execution(build(), four.app.gateway, four.app.stores, enter=door.enter)


async def test_equal_questions_take_one_place(four: Staged) -> None:
    door = Door()
    execution = behind(four, door)
    await execution.execute(ASK)
    door.open.clear()
    asking = [asyncio.create_task(execution.execute(ASK)) for _ in range(20)]
    await asyncio.sleep(0)
    door.open.set()
    assert all(outcome.executed for outcome in await asyncio.gather(*asking))
    assert len(door.came) == 2


@pytest.mark.parametrize(
    ("text", "name", "asked", "goes_as"),
    [
        (ASK, None, Urgency.INTERACTIVE, Urgency.INTERACTIVE),
        (ASK, None, Urgency.REPORT, Urgency.REPORT),
        (TAG, None, Urgency.INTERACTIVE, Urgency.WRITE),
        (TAG, None, Urgency.REPORT, Urgency.WRITE),
        ("# mutation\n" + ASK, None, Urgency.INTERACTIVE, Urgency.INTERACTIVE),
        ("# why\n  ,\ufeff" + TAG, None, Urgency.INTERACTIVE, Urgency.WRITE),
        ("{ mutation: __typename }", None, Urgency.INTERACTIVE, Urgency.INTERACTIVE),
        ("mutationally wrong", None, Urgency.INTERACTIVE, Urgency.INTERACTIVE),
    ],
)
async def test_a_mutation_goes_first_also_when_its_document_is_new(
    four: Staged, text: str, name: str | None, asked: Urgency, goes_as: Urgency
) -> None:
    door = Door()
    await behind(four, door).execute(text, operation_name=name, manner=Manner(urgency=asked))
    assert [urgency for urgency, _ in door.came] == [goes_as]


async def test_a_caller_goes_no_sooner_than_their_role(four: Staged) -> None:
    door = Door()
    execution = behind(four, door)
    robot = Caller("robot", replace(ADMIN, urgency=Urgency.REPORT))
    await execution.execute(ASK, manner=Manner(robot, urgency=Urgency.INTERACTIVE))
    assert [urgency for urgency, _ in door.came] == [Urgency.REPORT]


async def test_a_document_that_is_known_goes_by_the_operation_that_is_meant(four: Staged) -> None:
    door, text = Door(), f"query a {ASK} {TAG.replace('mutation', 'mutation b')}"
    execution = behind(four, door)
    for name in ("a", "b", "b", "a"):
        await execution.execute(text, operation_name=name)
    assert [urgency.name for urgency, _ in door.came] == ["INTERACTIVE", "WRITE", "WRITE", "INTERACTIVE"]


@pytest.mark.parametrize(("deadline", "patience"), [(None, 1800.0), (4.0, 2.0), (7200.0, 1800.0)])
async def test_half_of_its_time_is_what_a_question_waits_at_the_most(
    four: Staged, deadline: float | None, patience: float
) -> None:
    door = Door()
    assert four.app.gateway.deadline == 3600.0
    await behind(four, door).execute(ASK, deadline=deadline)
    assert [found for _, found in door.came] == [patience]


async def test_what_was_waited_is_taken_from_the_time_there_is(four: Staged) -> None:
    outcome = await behind(four, Door(waited=10.0)).execute("{ contacts(first: 1) { nodes { id } } }", deadline=10.0)
    assert outcome.errors
    assert all("time is used up" in one["message"] for one in outcome.errors)


async def test_who_is_turned_away_hears_it_and_so_does_everybody_who_asked_the_same(four: Staged) -> None:
    execution = behind(four, Door(error=Overloaded("No.", 2)))
    answers = await asyncio.gather(*(execution.execute(ASK) for _ in range(3)), return_exceptions=True)
    assert [type(one) for one in answers] == [Overloaded] * 3
