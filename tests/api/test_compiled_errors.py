"""Where values are missing and resolvers fail, in places that may be null and in places that may not, compiled
selections answer as graphql-core does.
"""

import json
import random
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from structlog.testing import capture_logs
from tests.api.failing import FailingQuery
from tests.api.staged import Staged, staged
from tests.api.walking import ByTheBook

from crmgraph.api.documents import Documents
from crmgraph.api.execution import Execution
from crmgraph.api.outcome import Outcome
from crmgraph.api.schema import Schema

LEAVES = ("name", "maybe", "late", "l2: late(by: $by)", "__typename")
BROKEN = ("fails", "failsHard", "lacks", "lateFails", "lateFailsHard")
DEEPER = ("beside", "one", "lateOne", "strictOne", "several", "lateSeveral", "mixed")


def selection(dice: random.Random, depth: int, broken: int) -> str:
    """Some fields of a thing; `broken` of a hundred of them fail."""
    chosen = [dice.choice(BROKEN if dice.randrange(100) < broken else LEAVES) for _ in range(dice.randint(1, 3))]
    if depth > 0:
        below = dice.sample(DEEPER, dice.randint(1, 2))
        chosen += [f"{name} {{{selection(dice, depth - 1, broken)}}}" for name in below]
    return " ".join(dict.fromkeys(dice.sample(chosen, len(chosen))))


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def four() -> AsyncIterator[Staged]:
    async with staged(filled=False) as one:
        yield one


def told(outcome: Outcome) -> tuple[str, list[str]]:
    """An answer's data to the byte, and its errors by path."""
    errors = sorted(outcome.errors, key=lambda error: [str(step) for step in error.get("path", ())])
    return json.dumps(outcome.data), [json.dumps(error, sort_keys=True) for error in errors]


async def both(four: Staged, query: str) -> tuple[Outcome, Outcome]:
    """The answer of compiled selections, and graphql-core's."""
    schema = Schema(query=FailingQuery)
    compiled, walking = (Execution(schema, four.app.gateway, four.app.stores, lambda: "0badcafe") for _ in range(2))
    walking.documents = Documents(schema, ByTheBook)
    with capture_logs():
        return await compiled.execute(query, {"by": 5}), await walking.execute(query, {"by": 5})


@pytest.mark.parametrize("seed", range(150))
@pytest.mark.asyncio(loop_scope="module")
async def test_failures_in_any_place_null_what_graphql_core_nulls(four: Staged, seed: int) -> None:
    dice = random.Random(seed)
    inner = selection(dice, dice.randint(0, 3), dice.choice((0, 10, 30)))
    compiled, walked = await both(four, f"query ($by: Int!) {{ thing {{late(by: $by) {inner}}} things {{{inner}}} }}")
    assert told(compiled) == told(walked)


@pytest.mark.asyncio(loop_scope="module")
async def test_what_fails_takes_no_place_from_others_that_are_being_made(four: Staged) -> None:
    """Two lists of one thing are made at once; the one that may not be null takes the whole thing away."""
    query = "query ($by: Int!) { things { several { lateFailsHard } lateSeveral { late(by: $by) } } }"
    compiled, walked = await both(four, query)
    assert compiled.data == {"things": None}
    assert told(compiled) == told(walked)
