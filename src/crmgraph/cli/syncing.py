"""`sync`: what the sources hold, read into our stored copy; killed at any time, it goes on where it was."""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from crmgraph.app import App
from crmgraph.cli.ending import Code, end, give, say
from crmgraph.cli.settings import settings
from crmgraph.domain.errors import CrmGraphError, InputError
from crmgraph.service.ports import Source
from crmgraph.service.readings import Reading
from crmgraph.service.syncing import Synced, Syncing

ATTEMPTS = 3
"""How often one page may fail in a row while a person waits."""


def run(config: Path, names: Sequence[str], full: bool, watch: bool, every: float) -> None:
    """Sync the named sources, or all; ends with 3 when a source could not be read to its end."""
    app = App(settings(config))
    end(asyncio.run(_sync(app, names, full, every if watch else None)))


async def _sync(app: App, names: Sequence[str], full: bool, every: float | None) -> Code:
    sources = _chosen(app, names)
    async with _open(app) as syncing:
        while True:
            failures = await _round(syncing, sources, full)
            if every is None:
                return Code.UPSTREAM if failures else Code.OK
            full = False
            await asyncio.sleep(every)


def _chosen(app: App, names: Sequence[str]) -> list[Source]:
    known = {one.name: one for one in app.pool.sources}
    wrong = [name for name in names if name not in known]
    if wrong:
        raise InputError(f"There is no source `{wrong[0]}`; configured are {', '.join(known)}.")
    return [known[name] for name in dict.fromkeys(names)] if names else list(known.values())


@asynccontextmanager
async def _open(app: App) -> AsyncIterator[Syncing]:
    """The store, its leases kept for as long as the work lasts."""
    try:
        syncing = await app.syncing()
        keeping = asyncio.create_task(app.store.keep(asyncio.sleep))
        try:
            yield replace(syncing, attempts=ATTEMPTS)
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
    finally:
        await app.aclose()


async def _round(syncing: Syncing, sources: Sequence[Source], full: bool) -> int:
    """Sync every source once; tells how many failed."""
    with _bars() as progress:
        done = await asyncio.gather(*(_one(syncing, one, full, progress) for one in sources))
    return len(done) - sum(done)


async def _one(syncing: Syncing, source: Source, full: bool, progress: Progress) -> bool:
    """Sync a source and say how it went; one that fails stops no other."""
    bars: dict[str, TaskID] = {}

    def told(name: str, resource: str, reading: Reading) -> None:
        if resource not in bars:
            bars[resource] = progress.add_task(f"{name} {resource}", total=reading.total)
        progress.update(bars[resource], completed=reading.count, total=reading.total or reading.count)

    try:
        lists = await syncing.source(source, full, told)
    except CrmGraphError as wrong:
        say(f"{source.name}: {wrong.message}")
        return False
    give(_line(source.name, lists))
    failures = [one for one in lists if one.failure is not None]
    for one in failures:
        say(f"{source.name}: its {one.resource} records were not read to the end. {_why(one.failure)}")
    return not failures


def _line(name: str, lists: Sequence[Synced]) -> str:
    """What came of a source, in a line."""
    if not lists:
        return f"{name}: it has no list that could be read."
    parts = [_part(one) for one in lists]
    return f"{name}: {'; '.join(parts)}."


def _part(one: Synced) -> str:
    how = "left unfinished" if one.failure is not None else "all read" if one.whole else "changes read"
    gone = f", {one.gone} gone" if one.gone else ""
    return f"{one.read} {one.resource} records, {how}{gone}"


def _why(failure: Exception | None) -> str:
    message = failure.message if isinstance(failure, CrmGraphError) else f"Something is wrong here ({failure!r:.80})."
    return f"{message} The next sync goes on from there."


def _bars() -> Progress:
    """A bar for each list, where somebody looks at a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty())
