"""What executing costs: the same questions, from replies in memory, compiled and walked by graphql-core.

Execution alone is what is done with the things that a root field has given: the same answer is made of them again and
again, in both ways in turn. What both ways have in common, which is reading, mapping and merging, counts in the whole
operation, from its text to its data.
"""

import asyncio
import inspect
import statistics
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from bench import inside
from bench.asking import Body, Refused
from bench.peers.walking import walking
from bench.tables import table
from bench.verdicts import verdict
from bench.works import WORKS
from crmgraph.api import documents
from crmgraph.api.compiled import Compiled
from crmgraph.app import App

Way = Callable[[], AbstractContextManager[None]]

BOUND = 1 / 8
"""Where the execution of (b) must arrive."""

_ROUNDS = 5
"""How often an answer is made again of the same things in each way."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds of CPU, compiled and walked."""

    compiled: float
    walked: float

    @property
    def ratio(self) -> float:
        return self.compiled / self.walked


@dataclass(frozen=True, slots=True)
class Costs:
    """What a work costs: its execution alone, and the whole operation."""

    work: str
    alone: Cost
    whole: Cost


def executing(times: int = 20) -> list[Costs]:
    """The works that have lists, in turn in both ways, so that the machine's moods hit both alike."""
    with TemporaryDirectory() as folder:
        return asyncio.run(_costs(Path(folder), times))


def told(costs: list[Costs]) -> str:
    """The costs as a table."""
    rows = [
        [f"({one.work})", part, f"{cost.compiled:.2f}", f"{cost.walked:.2f}", f"{cost.ratio:.3f}"]
        for one in costs
        for part, cost in (("execution", one.alone), ("whole operation", one.whole))
    ]
    judged = [
        f"* ({one.work}) execution ≤ 1/8 of graphql-core's: {one.alone.ratio:.3f}, "
        f"{verdict(one.alone.ratio, BOUND, is_most=True)}"
        for one in costs
    ]
    head = ["work", "part", "compiled, CPU ms", "graphql-core, CPU ms", "ratio"]
    return "\n\n".join([table(head, rows), "\n".join(judged)])


async def _costs(folder: Path, times: int) -> list[Costs]:
    return [await _cost("a", inside.over_lists(folder, 1000), times), await _cost("b", inside.over_crms(folder), times)]


async def _cost(letter: str, app: App, times: int) -> Costs:
    """Both ways have a gateway's caches in common, but not the documents, which hold what was compiled."""
    body = WORKS[letter].ours.questions(lambda _: None)[0]
    try:
        await app.fill_index()
        return Costs(letter, await _alone(app, body, times), await _whole(app, body, times))
    finally:
        await app.aclose()


async def _whole(app: App, body: Body, times: int) -> Cost:
    found: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(times):
        for is_compiled, way in ((True, nullcontext), (False, walking)):
            found[is_compiled].append(await _once(app, body, way))
    return Cost(*(statistics.median(found[is_compiled][1:]) for is_compiled in (True, False)))


async def _alone(app: App, body: Body, times: int) -> Cost:
    found: tuple[list[float], list[float]] = ([], [])
    with patch.object(documents, "Compiled", _repeating(found)):
        for _ in range(times):
            await _once(app, body, nullcontext)
    return Cost(*(statistics.median(one) for one in found))


async def _once(app: App, body: Body, way: Way) -> float:
    """The milliseconds of one answer; raises Refused where it has errors."""
    with way():
        began = time.process_time()
        outcome = await app.execution.execute(body["query"], body.get("variables"))
        lasted = time.process_time() - began
    if outcome.errors:
        raise Refused(str(outcome.errors[0]))
    return lasted * 1000


def _repeating(found: tuple[list[float], list[float]]) -> type[Compiled]:
    """An executor that makes each root field's value several times in both ways, and puts down what that took."""

    class Repeating(Compiled):
        async def _again(self, asked: tuple[Any, ...]) -> Any:
            made = await _finished(super().complete_value(*asked))
            path = asked[3]
            for _ in range(_ROUNDS):
                for taken, walked in zip(found, (set(), {path.key}), strict=True):
                    self.walked = walked
                    began = time.process_time()
                    again = await _finished(super().complete_value(*asked))
                    taken.append((time.process_time() - began) * 1000)
                    if again != made:
                        raise Refused("What is executed again is another answer.")
            return made

        def complete_value(self, *asked: Any) -> Any:
            path = asked[3]
            return super().complete_value(*asked) if path.prev is not None else self._again(asked)

    return Repeating


async def _finished(value: Any) -> Any:
    return await value if inspect.isawaitable(value) else value
