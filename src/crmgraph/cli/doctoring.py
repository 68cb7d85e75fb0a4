"""`doctor`: one cheap authenticated read per source, a verdict in a sentence each."""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path

from crmgraph.app import App
from crmgraph.cli.ending import Code, end, give
from crmgraph.cli.settings import settings
from crmgraph.domain.errors import CrmGraphError
from crmgraph.service.ports import Source


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one source is."""

    source: str
    well: bool
    code: str
    sentence: str


def doctor(path: Path, as_json: bool) -> None:
    """Look at every source; ends with 3 when one is not well."""
    verdicts = asyncio.run(_look(App(settings(path))))
    if as_json:
        told = [{"source": v.source, "ok": v.well, "code": v.code, "message": v.sentence} for v in verdicts]
        give(json.dumps(told, indent=2))
    else:
        for one in verdicts:
            give(f"{'ok  ' if one.well else 'FAIL'} {one.source}: {one.sentence}")
    end(Code.OK if all(one.well for one in verdicts) else Code.UPSTREAM)


async def _look(app: App) -> list[Verdict]:
    try:
        return list(await asyncio.gather(*(_at(app, source) for source in app.pool.sources)))
    finally:
        await app.aclose()


async def _at(app: App, source: Source) -> Verdict:
    began = app.gateway.clock.monotonic()
    try:
        await app.gateway.read().session.run(source, source.reader.probe())
    except CrmGraphError as error:
        return Verdict(source.name, False, error.code, error.message)
    took = app.gateway.clock.monotonic() - began
    left = [f"{one.remaining} of {one.limit} calls left in {one.window}" for one in source.quota if one.limit]
    said = f"{source.reader.definition.title} answered in {took:.2f} s with these credentials"
    return Verdict(source.name, True, "OK", "; ".join([said, *left]) + ".")
