"""What executing costs: the same questions, from replies in memory, compiled and walked by graphql-core."""

import asyncio
import statistics
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import inside
from bench.asking import Body, Refused
from bench.peers.walking import walking
from bench.tables import table
from bench.works import WORKS
from crmgraph.app import App

Way = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds of CPU for one operation, from its text to its data: compiled, and walked."""

    work: str
    compiled: float
    walked: float

    @property
    def ratio(self) -> float:
        return self.compiled / self.walked


def executing(times: int = 20) -> list[Cost]:
    """The works that have lists, in turn in both ways, so that the machine's moods hit both alike."""
    with TemporaryDirectory() as folder:
        return asyncio.run(_costs(Path(folder), times))


def told(costs: list[Cost]) -> str:
    """The costs as a table."""
    rows = [[f"({one.work})", f"{one.compiled:.2f}", f"{one.walked:.2f}", f"{one.ratio:.3f}"] for one in costs]
    return table(["work", "compiled, CPU ms", "graphql-core, CPU ms", "ratio"], rows)


async def _costs(folder: Path, times: int) -> list[Cost]:
    return [await _cost("a", inside.over_lists(folder, 1000), times), await _cost("b", inside.over_crms(folder), times)]


async def _cost(letter: str, app: App, times: int) -> Cost:
    """Both ways have a gateway's caches in common, but not the documents, which hold what was compiled."""
    body = WORKS[letter].ours.questions(lambda _: None)[0]
    found: dict[bool, list[float]] = {True: [], False: []}
    try:
        await app.fill_index()
        for _ in range(times):
            for is_compiled, way in ((True, nullcontext), (False, walking)):
                found[is_compiled].append(await _once(app, body, way))
    finally:
        await app.aclose()
    return Cost(letter, *(statistics.median(found[is_compiled][1:]) for is_compiled in (True, False)))


async def _once(app: App, body: Body, way: Way) -> float:
    """The milliseconds of one answer; raises Refused where it has errors."""
    with way():
        began = time.process_time()
        outcome = await app.execution.execute(body["query"], body.get("variables"))
        lasted = time.process_time() - began
    if outcome.errors:
        raise Refused(str(outcome.errors[0]))
    return lasted * 1000
