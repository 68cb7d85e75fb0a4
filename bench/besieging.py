"""A gateway over the four simulated CRMs, asked badly in every way that `attacks` knows."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from starlette.types import ASGIApp

from bench.attacking import Refusal, Report, ask, attack, held_up
from bench.attacking import told as told_of
from bench.attacks import BOMB, PAGES, bodies, cases, dear
from bench.inside import over_crms
from bench.tables import table
from crmgraph.api.schema import build, printed

MUCH = 1_200
"""How often what is much in a dear document is in it: as often as its tokens allow."""

_LITTLE = 40
"""How often where that is more than the tokens allow, so that validation is reached."""


async def besieged(
    seed: int, broken: int, allowed: int, say: Callable[[str], None]
) -> tuple[Mapping[str, Report], Mapping[str, Refusal]]:
    """What became of broken bodies and of requests that the schema allows, and what each dear document took."""
    with TemporaryDirectory(prefix="bench-") as folder:
        app = over_crms(Path(folder))
        await app.fill_index()
        # As a server does before it is ready.
        await app.store.loaded()
        web = app.web()
        try:
            documents = [(f"{name}, {much}", text) for much in (_LITTLE, MUCH) for name, text in dear(much).items()]
            say(f"{len(documents)} dear documents")
            held = {}
            for name, text in documents:
                held[name] = min([await _asked(web, f"{text}#{again}") for again in range(3)], key=lambda one: one.held)
            say(f"{broken:,} broken bodies")
            reports = {"broken bodies": await attack(web, bodies(seed, broken), broken)}
            say(f"{allowed:,} requests are made up from the schema, which takes a while")
            made = cases(printed(build()), seed, allowed)
            reports["requests that the schema allows"] = await attack(web, made, len(made))
        finally:
            await app.aclose()
    return reports, held


async def _asked(web: ASGIApp, text: str) -> Refusal:
    body = json.dumps({"query": text}).encode()
    return await held_up(lambda: ask(web, body))


def told(reports: Mapping[str, Report], held: Mapping[str, Refusal]) -> str:
    """The reports, and the dear documents that took the longest."""
    longest = sorted(held, key=lambda name: -held[name].held)[:8]
    known = [name for name in held if name.startswith((PAGES, BOMB))]
    rows = [_row(name, held[name]) for name in dict.fromkeys([*longest, *known])]
    lines = [told_of(name, report) for name, report in reports.items()]
    head = f"Of {len(held)} dear documents, those that held the loop the longest, and the two known best:"
    return "\n".join([*lines, "", head, "", table(["document", "ms of CPU", "status", "answer"], rows)])


def _row(name: str, one: Refusal) -> list[str]:
    return [name, f"{one.held * 1000:.0f}", str(one.status), one.told.replace("|", "/")]
