"""How the cost grows with the number of records: one walk over all pages, from replies in memory."""

import asyncio
import os
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench import inside
from bench.asking import Refused
from bench.people import PAGE
from bench.tables import table
from bench.tree import used
from bench.works import OUR_PAGE
from crmgraph.app import App

COUNTS = (10, 100, 1_000, 10_000)

AIM = 1.1
"""The most that ten times the records may cost, over ten times the cost."""


@dataclass(frozen=True, slots=True)
class Walk:
    """The milliseconds of CPU that a walk over so many contacts took, and MiB of the process at its end."""

    count: int
    cpu: float
    memory: float

    @property
    def each(self) -> float:
        """Microseconds for one contact."""
        return self.cpu * 1000 / self.count


def growing(times: int = 5) -> list[Walk]:
    """A walk for each count: the median of several, taken in turn."""
    with TemporaryDirectory() as folder:
        return asyncio.run(_walks(Path(folder), times))


def told(walks: Sequence[Walk]) -> str:
    """The walks as a table, and the judgement."""
    rows = [[f"{one.count:,}", f"{one.cpu:,.1f}", f"{one.each:,.0f}", f"{one.memory:,.0f}"] for one in walks]
    heads = ["contacts", "CPU ms", "CPU µs a contact", "memory MiB"]
    ratio = walks[-1].cpu / (10 * walks[-2].cpu)
    word = "reached" if ratio <= AIM else "not reached"
    return f"{table(heads, rows)}\n\n* 10,000 records ≤ {AIM} × ten times 1,000: {ratio:.2f}, {word}"


async def _walks(folder: Path, times: int) -> list[Walk]:
    apps = {count: inside.over_lists(_below(folder, count), count) for count in COUNTS}
    found: dict[int, list[float]] = {count: [] for count in COUNTS}
    memory = {}
    for count, app in apps.items():
        await app.fill_index()
        await _walk(app, count)
        memory[count] = _memory()
    for _ in range(times):
        for count, app in apps.items():
            found[count].append(await _walk(app, count))
    for app in apps.values():
        await app.aclose()
    return [Walk(count, statistics.median(found[count]), memory[count]) for count in COUNTS]


async def _walk(app: App, count: int) -> float:
    """The milliseconds of one walk to the end; raises Refused where not everybody was met."""
    began, after, met = time.process_time(), None, 0
    while met < count:
        page = await _page(app, {"first": min(count, PAGE), "after": after})
        met += len(page["nodes"])
        after = page["pageInfo"]["endCursor"]
        if not page["nodes"]:
            raise Refused(f"The list ended after {met:,} of {count:,} contacts.")
    return (time.process_time() - began) * 1000


async def _page(app: App, variables: Mapping[str, Any]) -> Any:
    outcome = await app.execution.execute(OUR_PAGE, variables)
    if outcome.errors or outcome.data is None:
        raise Refused(f"A page was answered with {outcome.errors}.")
    return outcome.data["contacts"]


def _below(folder: Path, count: int) -> Path:
    (folder / str(count)).mkdir()
    return folder / str(count)


def _memory() -> float:
    """The resident memory of this process, in MiB."""
    return used(os.getpid()).memory / 2**20
