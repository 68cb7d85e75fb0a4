"""`import`: the people of a file into the CRMs, from here; what is begun goes on after an interruption."""

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from crmgraph.app import App
from crmgraph.cli.ending import Code, end, give, say
from crmgraph.cli.rows import Line, lines_of
from crmgraph.cli.settings import settings
from crmgraph.domain.errors import InputError
from crmgraph.service.callers import ANYBODY
from crmgraph.service.importing.taking_in import Asked, taken_in
from crmgraph.service.imports import Import, ImportMode, ImportState, Item, ItemOutcome
from crmgraph.service.writing.mistakes import Mistake, Mistaken
from crmgraph.service.writing.results import Result, from_json

LOOK = 0.2
"""Seconds between two looks at how far it is."""

PAGE = 500
WELL = frozenset({ItemOutcome.DONE, ItemOutcome.UNCHANGED})


def run(
    file: Path | None, config: Path, sources: Sequence[str], mode: str, dry_run: bool, resume: str | None, as_json: bool
) -> None:
    """Import a file, or go on with an import; ends with 1 when something was not done."""
    if (file is None) == (resume is None):
        raise InputError("Name the file to import, or with --resume the import to go on with.")
    lines = [] if file is None else _readable(lines_of(file))
    names = tuple(name.strip() for one in sources for name in one.split(","))
    asked = Asked(ANYBODY.name, [one.row for one in lines], ImportMode(mode.upper()), names or None, None, dry_run)
    app = App(settings(config))
    try:
        imported, counts, items = asyncio.run(_import(app, asked, resume))
    except Mistaken as wrong:
        _tell(wrong.mistakes, lines)
    _summarise(imported, counts, items, lines, as_json)
    end(Code.OK if set(counts) <= WELL else Code.FINDINGS)


def _readable(lines: list[Line]) -> list[Line]:
    """The lines where all can be read; else the mistakes of all that cannot, and the end."""
    wrong = [one for one in lines if one.wrong is not None]
    if wrong:
        for one in wrong:
            say(f"line {one.number}: {one.wrong}")
        _count_mistakes(len(wrong))
    return lines


def _tell(mistakes: Sequence[Mistake], lines: Sequence[Line]) -> None:
    for one in mistakes:
        at = one.field[1] if len(one.field) > 1 and one.field[0] == "contacts" else None
        column = f", {'.'.join(one.field[2:])}" if len(one.field) > 2 else ""
        say(one.message if at is None else f"line {lines[int(at)].number}{column}: {one.message}")
    _count_mistakes(len(mistakes))


def _count_mistakes(count: int) -> None:
    say(f"{count} {'mistake' if count == 1 else 'mistakes'}; nothing was sent.")
    end(Code.USAGE)


async def _import(
    app: App, asked: Asked, resume: str | None
) -> tuple[Import, Mapping[ItemOutcome, int], Sequence[Item]]:
    """Begin or go on, and wait for the end."""
    async with app.working():
        begun = await _begun(app, asked) if resume is None else await app.stores.imports.resume(resume)
        if begun is None:
            raise InputError(f"There is no import `{resume}` in this store.")
        say(f"This is import {begun.id}; if it is interrupted, `crmgraph import --resume {begun.id}` goes on with it.")
        imported = await _watched(app, begun)
        imports = app.stores.imports
        return imported, await imports.counts(begun.id), await _not_well(app, begun.id)


async def _begun(app: App, asked: Asked) -> Import:
    reading = app.gateway.read()
    try:
        return await taken_in(reading, app.stores, asked)
    finally:
        await reading.session.close()


async def _watched(app: App, imported: Import) -> Import:
    """Show how far it is until it has ended, where somebody looks at a terminal."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True) as progress:
        bar = progress.add_task("importing", total=imported.total)
        while imported.state is ImportState.RUNNING:
            counts = await app.stores.imports.counts(imported.id)
            progress.update(bar, completed=imported.total - counts.get(ItemOutcome.PENDING, 0))
            await asyncio.sleep(LOOK)
            imported = await app.stores.imports.read(imported.id) or imported
    return imported


async def _not_well(app: App, ident: str) -> list[Item]:
    """The rows that were not done."""
    found: list[Item] = []
    for outcome in [one for one in ItemOutcome if one not in WELL and one is not ItemOutcome.PENDING]:
        after = -1
        while page := await app.stores.imports.items(ident, after, PAGE, outcome):
            found += page
            after = page[-1].number
    return sorted(found, key=lambda one: one.number)


def _summarise(
    imported: Import, counts: Mapping[ItemOutcome, int], items: Sequence[Item], lines: Sequence[Line], as_json: bool
) -> None:
    told = {outcome.value.lower(): counts[outcome] for outcome in ItemOutcome if outcome in counts}
    if as_json:
        rows = [{"index": one.number, "outcome": one.outcome, "results": _plain(one)} for one in items]
        whole = {"id": imported.id, "state": imported.state, "reason": imported.reason, "total": imported.total}
        give(json.dumps({**whole, "counts": told, "items": rows}, indent=2))
        return
    for one in items:
        where = f"line {lines[one.number].number}" if lines else f"row {one.number + 1}"
        for result in _results(one):
            if ItemOutcome(result.outcome) not in WELL:
                why = result.error.message if result.error is not None else ""
                give(f"{where}: {result.outcome} at {result.source}. {why}".rstrip())
    said = ", ".join(f"{count} {word}" for word, count in told.items())
    give(f"{imported.total} rows: {said}{' (a dry run: nothing was sent)' if imported.dry_run else ''}.")
    if imported.reason is not None:
        say(f"It was stopped: {imported.reason} `crmgraph import --resume {imported.id}` goes on with it.")


def _results(item: Item) -> list[Result]:
    return [one for told in item.results for one in from_json(told)]


def _plain(item: Item) -> list[dict[str, str | None]]:
    return [
        {"source": one.source, "outcome": one.outcome, "error": one.error.message if one.error is not None else None}
        for one in _results(item)
    ]
