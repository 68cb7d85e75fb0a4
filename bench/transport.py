"""What a call to a CRM costs, by what carries it: `python -m bench.transport` prints tables of ratios within one run.

CPU is that of the whole process, threads of libraries included; the upstream is another process. The carriers take
turns, and of the rounds the cheapest counts, so that what else runs on the machine weighs on all alike.
"""

import argparse
import asyncio
import gc
import sys
import time
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from itertools import product

import uvloop

from bench.answering import Place, upstream
from bench.carriers import CARRIERS, MOST, Carrier, Way

MODULES = ("httpx2", "httpx_aiohttp", "pyreqwest")
"""What no installation of the program has."""

LOOPS: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {
    "uvloop": uvloop.new_event_loop,
    "asyncio": asyncio.new_event_loop,
}

WORKS = list(product(("/small", "/large"), (1, MOST)))
"""Paths, and how many calls at once."""

Costs = dict[tuple[str, str, int], float]
"""Microseconds of CPU per call, by carrier, path and calls at once."""


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m bench.transport", description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--loop", choices=LOOPS, action="append", help="only on this loop; may come twice")
    parser.add_argument("--calls", type=int, default=320, help="calls of one carrier in one round")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    if lacking := [module for module in MODULES if find_spec(module) is None]:
        parser.error(f"{', '.join(lacking)} should be there: .venv/bin/uv pip install --group transports")
    with upstream() as place:
        for loop, tls in product(given.loop or LOOPS, (False, True)):
            with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
                show_costs(loop, tls, runner.run(costs(place, tls, given.calls, given.rounds)))
    show_manners()


async def costs(place: Place, tls: bool, number: int, rounds: int) -> Costs:
    """What each carrier costs."""
    carriers = {name: make(Way(place, tls)) for name, make in CARRIERS.items()}
    least: Costs = {}
    for path, at_once in WORKS:
        for carrier in carriers.values():
            await calls(carrier, path, MOST * 2, at_once)
        for _, (name, carrier) in product(range(rounds), carriers.items()):
            gc.collect()
            began = time.process_time()
            await calls(carrier, path, number, at_once)
            spent = (time.process_time() - began) / number * 1e6
            least[name, path, at_once] = min(spent, least.get((name, path, at_once), spent))
    for carrier in carriers.values():
        await carrier.aclose()
    return least


async def calls(carrier: Carrier, path: str, number: int, at_once: int) -> None:
    """So many calls, so many at once."""

    async def some() -> None:
        for _ in range(number // at_once):
            await carrier.get(path)

    await asyncio.gather(*(some() for _ in range(at_once)))


def show_costs(loop: str, tls: bool, found: Costs) -> None:
    """CPU per call as a part of the first carrier's, and in microseconds."""
    first = next(iter(CARRIERS))
    rows = {
        name: [f"{found[name, *work] / found[first, *work]:.2f} ({found[name, *work]:.0f} µs)" for work in WORKS]
        for name in CARRIERS
    }
    head = [f"{size} kB, {at_once} at once" for size, (_, at_once) in zip((1, 1, 25, 25), WORKS, strict=True)]
    table([f"CPU per call, {'TLS' if tls else 'plain'}, {loop}", *head], rows)


def show_manners() -> None:
    """What becomes of connections, and whether a proxy can be used. Each has an upstream that no other has touched."""
    rows = {}
    for name in CARRIERS:
        with upstream() as place, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            rows[name] = runner.run(manners(place, name))
    head = [
        f"connections for 1,000 calls, {MOST} at once",
        f"{2 * MOST} cancelled calls leave open",
        "the next call",
        "a call whose connection is closed goes out",
        "through a proxy",
    ]
    table(["Manners, TLS, uvloop", *head], rows)


async def manners(place: Place, name: str) -> list[str]:
    """One row."""
    opened = await opened_for(place, name, 1000)
    left, next_works = await after_cancelling(place, name, 2 * MOST)
    sent = await sent_when_dropped(place, name)
    return [str(opened), str(left), next_works, str(sent), await through_proxy(place, name)]


async def opened_for(place: Place, name: str, number: int) -> int:
    """How many connections so many calls needed, MOST at once."""
    carrier, before = CARRIERS[name](Way(place, True)), await place.count("opened")
    await calls(carrier, "/small", number, MOST)
    await carrier.aclose()
    return await place.count("opened") - before - 1  # The first count was a connection too.


async def after_cancelling(place: Place, name: str, number: int) -> tuple[int, str]:
    """How many connections of cancelled calls stay open, and whether the next call works."""
    carrier = CARRIERS[name](Way(place, True))
    before = await place.count("waiting")
    for _ in range(number):
        call = asyncio.create_task(carrier.get("/never"))
        await until(place, "waiting", lambda count: count > before)
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
        await until(place, "waiting", lambda count: count <= before)
    left = await place.count("waiting") - before
    try:
        works = "works" if await asyncio.wait_for(carrier.get("/small"), 5) else "is empty"
    except Exception as error:
        works = f"fails: {type(error).__name__}"
    await carrier.aclose()
    return left, works


async def sent_when_dropped(place: Place, name: str) -> int:
    """How often a call goes out when the server closes a connection that was used before, instead of answering."""
    carrier, before = CARRIERS[name](Way(place, True)), await place.count("dropped")
    await carrier.get("/small")
    await asyncio.gather(carrier.get("/drop"), return_exceptions=True)
    await carrier.aclose()
    return await place.count("dropped") - before


async def until(place: Place, name: str, fits: Callable[[int], bool]) -> None:
    """Wait until a count fits, for a third of a second at the most."""
    for _ in range(33):
        if fits(await place.count(name)):
            return
        await asyncio.sleep(0.01)


async def through_proxy(place: Place, name: str) -> str:
    """Whether calls go through a CONNECT proxy, TLS all the way."""
    before = await place.count("tunnels")
    try:
        carrier = CARRIERS[name](Way(place, True, f"http://127.0.0.1:{place.port}"))
    except NotImplementedError:
        return "no"
    await calls(carrier, "/small", 100, 4)
    await carrier.aclose()
    return f"yes, {await place.count('tunnels') - before} tunnels"


def table(head: list[str], rows: Mapping[str, list[str]]) -> None:
    """A Markdown table."""
    lines = ["| " + " | ".join([name, *cells]) + " |" for name, cells in rows.items()]
    top = ["| " + " | ".join(head) + " |", "|---" + "|---:" * (len(head) - 1) + "|"]
    sys.stdout.write("\n".join([*top, *lines, "", ""]))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
