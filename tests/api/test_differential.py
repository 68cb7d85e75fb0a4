"""Questions that hypothesis-graphql makes up are answered by compiled selections as graphql-core answers them.

`--examples 5000` is the long run.
"""

import json
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from graphql import ArgumentNode, FieldNode
from hypothesis import HealthCheck, Phase, given, settings
from structlog.testing import capture_logs
from tests.api.decorating import Question, as_arguments, questions
from tests.api.failing import FailingQuery
from tests.api.staged import Staged, staged
from tests.api.walking import ByTheBook

from crmgraph.api.documents import Documents
from crmgraph.api.execution import Execution
from crmgraph.api.outcome import Outcome
from crmgraph.api.schema import Schema, build

pytestmark = [
    # graphql-core does not wait for what it began beside a field that fails.
    pytest.mark.filterwarnings("ignore:coroutine '(Executor|GraphQLCoreConverter).:RuntimeWarning"),
    pytest.mark.filterwarnings(
        "ignore:Exception ignored in. <coroutine object:pytest.PytestUnraisableExceptionWarning"
    ),
]

FAILING = Schema(query=FailingQuery, types=())
REAL = build()
LONG = settings(suppress_health_check=[*HealthCheck], phases=[Phase.explicit, Phase.reuse, Phase.generate])
"""A question that fails is told as it is: to look for a smaller one takes longer than to read it."""


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def four() -> AsyncIterator[Staged]:
    async with staged(random=bytes) as one:  # Cursors are sealed alike.
        yield one


def told(outcome: Outcome) -> tuple[str, list[str]]:
    """An answer's data to the byte, and its errors by path."""
    errors = sorted(outcome.errors, key=lambda error: ([str(step) for step in error.get("path", ())], str(error)))
    return json.dumps(outcome.data), [json.dumps(error, sort_keys=True) for error in errors]


async def both(schema: Schema, four: Staged, question: Question) -> tuple[Outcome, Outcome]:
    """The answer of compiled selections, twice, for the second is by a document that is known; and graphql-core's."""
    compiled, walking = (Execution(schema, four.app.gateway, four.app.stores, lambda: "0badcafe") for _ in range(2))
    walking.documents = Documents(schema, ByTheBook)
    with capture_logs():
        first = await compiled.execute(question.text, question.variables)
        again = await compiled.execute(question.text, question.variables)
        walked = await walking.execute(question.text, question.variables)
    assert told(first) == told(again)
    return again, walked


@LONG
@given(question=questions(FAILING._schema))
@pytest.mark.asyncio(loop_scope="module")
async def test_wherever_something_fails_the_answer_is_graphql_cores(four: Staged, question: Question) -> None:
    compiled, walked = await both(FAILING, four, question)
    assert compiled.executed or "TOO_COSTLY" in str(compiled.errors) or not walked.executed
    assert told(compiled) == told(walked)


KNOWN = "WyJjb250YWN0IiwiY29uY29yZCIsImNvbnRhY3QiLCIxIl0"
OFTEN = {
    "first": lambda dice: str(dice.randint(1, 4)),
    "id": lambda dice: f'"{KNOWN}"',
    "ids": lambda dice: f'["{KNOWN}", "{KNOWN}"]',
    "by": lambda dice: dice.choice(['{email: "nobody@quill.example"}', f'{{id: "{KNOWN}"}}']),
    "sources": lambda dice: dice.choice(['["concord"]', '["orgcrm", "bigcontacts"]', "null"]),
}
"""Arguments as people give them: at random hardly any would name anything."""


MOVING = ("quota", "lastSuccessAt", "health")
"""What is another thing after every call."""


def mended(dice: random.Random, node: FieldNode) -> tuple[ArgumentNode, ...] | None:
    """Arguments that mean something; of the others few."""
    if node.name.value in MOVING:
        return None
    kept: list[ArgumentNode] = []
    for one in node.arguments or ():
        if one.name.value in OFTEN:
            kept += as_arguments(f"{one.name.value}: {OFTEN[one.name.value](dice)}")
        elif dice.random() < 0.1:
            kept.append(one)
    if node.name.value in ("contacts", "tasks", "activities", "companies", "opportunities", "notes") and not any(
        one.name.value == "first" for one in kept
    ):
        kept += as_arguments(f"first: {dice.randint(1, 3)}") if node.arguments else ()
    return tuple(kept)


@LONG
@given(question=questions(REAL._schema, mended))
@pytest.mark.asyncio(loop_scope="module")
async def test_whatever_is_asked_of_the_graph_the_answer_is_graphql_cores(four: Staged, question: Question) -> None:
    compiled, walked = await both(REAL, four, question)
    assert told(compiled) == told(walked)


def test_the_questions_are_of_many_kinds() -> None:
    """What holds of every question says little when all are alike."""
    made: list[str] = []

    @settings(max_examples=200, database=None, derandomize=True)
    @given(question=questions(FAILING._schema))
    def collect(question: Question) -> None:
        made.append(question.text)

    collect()
    together: Any = "\n".join(made)
    for kind in ("fragment F", "@skip", "@include", "x_", "__typename", "... on Cat", "failsHard", "$c1"):
        assert kind in together, kind
