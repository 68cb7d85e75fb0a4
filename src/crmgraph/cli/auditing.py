"""`audit`: whether the log is what was written, how far it goes, and what stands in it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from crmgraph.app import App
from crmgraph.cli.ending import Code, end, give, say
from crmgraph.cli.settings import settings
from crmgraph.service.auditing import Broken, Log, Wanted, Written, head_of, verified

T = TypeVar("T")


def verify(path: Path, kept: str | None) -> None:
    """Go through the whole log; ends with 1 where it is not what was written, told by the first entry's number."""
    anchor = None if kept is None else head_of(kept)
    try:
        head = _of_log(path, lambda log: verified(log, anchor))
    except Broken as broken:
        say(broken.message)
        end(Code.FINDINGS)
    say("There are no entries yet." if not head.number else f"All entries up to {head.number} are what was written.")
    give(str(head))


def head(path: Path) -> None:
    """Print the head, to be kept elsewhere."""
    give(str(_of_log(path, lambda log: log.head())))


def listed(path: Path, wanted: Wanted, most: int, as_json: bool) -> None:
    """Print the latest entries, the newest first."""
    found = _of_log(path, lambda log: log.latest(wanted, most))
    if as_json:
        give(json.dumps([_portrait(one) for one in found], indent=2))
        return
    for one in found:
        give(_line(one))
    if not found:
        say("There are no such entries.")
    elif len(found) == most:
        say(f"There may be older ones: --before {found[-1].number} goes on.")


def _of_log(path: Path, asking: Callable[[Log], Awaitable[T]]) -> T:
    async def asked() -> T:
        app = App(settings(path))
        try:
            return await asking(app.stores.log)
        finally:
            await app.aclose()

    return asyncio.run(asked())


def _line(one: Written) -> str:
    entry = one.entry
    where = " ".join(part for part in (entry.source, entry.resource, entry.record) if part is not None)
    doing = entry.what if entry.action is None else f"{entry.what} {entry.action}"
    times = f" ({entry.times})" if entry.times != 1 else ""
    return f"{one.number}  {_when(one)}  {entry.who}  {doing}  {where or '-'}  {entry.outcome}{times}"


def _when(one: Written) -> str:
    """The time as people write it; as it stands where it is none, which `verify` tells."""
    try:
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=one.at)).isoformat(timespec="seconds")
    except (OverflowError, TypeError):
        return str(one.at)


def _portrait(one: Written) -> dict[str, object]:
    return {"number": one.number, "at": _when(one), **asdict(one.entry), "hash": one.hash}
