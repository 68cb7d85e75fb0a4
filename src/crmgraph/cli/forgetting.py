"""`forget`: a person erased from everything that we store; the CRMs are another matter."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from crmgraph.app import App
from crmgraph.cli.ending import Code, end, give, say
from crmgraph.cli.settings import settings
from crmgraph.domain.errors import InputError
from crmgraph.service.forgetting import Forgotten, Traces, traced


def run(config: Path, wanted: Sequence[str], sure: bool) -> None:
    """Show whom, ask, and erase; ends with 1 where something about them is or may be left."""
    app = App(settings(config))
    done = asyncio.run(_forgotten(app, wanted, sure))
    for table, count in sorted(done.counts.items()):
        give(f"{table}: {count}")
    say("Nothing of them was stored." if not done.counts else "They are forgotten here; what CRMs hold stays there.")
    if done.open:
        say(f"{done.open} writes about them are still under way; once they have ended, forget them once more.")
    if done.shut:
        say(f"Sealed texts that did not open: {done.shut}. Add their key to `vault.keys` and forget them once more.")
    if done.open or done.shut:
        end(Code.FINDINGS)


async def _forgotten(app: App, wanted: Sequence[str], sure: bool) -> Forgotten:
    try:
        replica, forgetting = await app.store.replica(), await app.store.forgetting()
        region = app.settings.identity.default_region
        traces = await traced(replica, list(app.pool.sources), wanted, region, app.stores.persons)
        _show(traces)
        if not sure and not await asyncio.to_thread(_agreed):
            raise InputError("Nothing was erased.")
        return await forgetting.forget(traces)
    finally:
        await app.aclose()


def _show(traces: Traces) -> None:
    """Whom it is about, so that somebody can say no."""
    for ref in sorted(traces.refs):
        say(f"record   {ref.source}:{ref.id}")
    for sort, values in (("e-mail  ", traces.emails), ("phone   ", traces.phones), ("name    ", traces.names)):
        for value in sorted(values):
            say(f"{sort} {value}")


def _agreed() -> bool:
    say("Erase all that is stored about them, for good? Type yes:")
    return sys.stdin.readline().strip().casefold() == "yes"
