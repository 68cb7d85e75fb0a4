"""`resolve`: everybody in the replica as people, with ids that stay, and what that came to."""

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from crmgraph.app import App
from crmgraph.cli.ending import Code, end, give, say
from crmgraph.cli.settings import settings
from crmgraph.domain.candidates import candidates
from crmgraph.domain.errors import InputError
from crmgraph.service.resolving import Finding, Outcome, Resolving, Told, bands


def run(config: Path, everything: bool, engine: str | None) -> None:
    """Resolve what has changed since the last run, or everything; ends with 1 where the replica holds nobody."""
    if engine is not None and not everything:
        raise InputError("An engine finds the pairs of everybody; say `--all` too.")
    app = App(settings(config))
    outcome = asyncio.run(_resolve(app, _engine(engine) if everything else None))
    if not outcome.records:
        say("The replica holds nobody yet; `crmgraph sync` reads the sources into it.")
        end(Code.FINDINGS)
    for line in _lines(outcome):
        give(line)


def _engine(name: str | None) -> Finding:
    """What finds the pairs; the engines' libraries are loaded only where they are asked for."""
    if name is None or name == "python":
        return candidates
    from crmgraph.store.blocking import duckdb, spark

    return duckdb() if name == "duckdb" else spark()


async def _resolve(app: App, everything: Finding | None) -> Outcome:
    try:
        resolving: Resolving = await app.resolving()
        with _bars() as told:
            return await (resolving.changes(told) if everything is None else resolving.all(told, everything))
    finally:
        await app.aclose()


def _lines(outcome: Outcome) -> Iterator[str]:
    """What came of it."""
    found = outcome.resolution
    of = "" if outcome.looked_at == outcome.records else f" of {outcome.records:,}"
    yield f"{outcome.looked_at:,}{of} records are {len(found.clusters):,} people."
    yield "Links: " + ", ".join(f"{count:,} {name}" for name, count in bands(found).items()) + "."
    if skipped := {name: count for name, count in sorted(found.skipped.items()) if count}:
        told = ", ".join(f"{count:,} in `{name}`" for name, count in skipped.items())
        yield f"Records left out of blocks that hold too many: {told}."
    if outcome.missing:
        yield f"Not read whole yet: {', '.join(outcome.missing)}. What needs them to be told stays as it was."


@contextmanager
def _bars() -> Iterator[Told]:
    """A bar for each step, where somebody looks at a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        yield _telling(progress)


def _telling(progress: Progress) -> Callable[[str, int, int | None], None]:
    tasks: dict[str, TaskID] = {}

    def told(step: str, done: int, total: int | None) -> None:
        if step not in tasks:
            tasks[step] = progress.add_task(step, total=total)
        progress.update(tasks[step], completed=done, total=total)

    return told
