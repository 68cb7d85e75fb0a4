"""The command line of the benchmark."""

import asyncio
import signal
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from bench import (
    attacking,
    besieging,
    canaries,
    copying,
    dividing,
    executing,
    growing,
    lasting,
    lists,
    load,
    page,
    renewing,
    slow,
    soaking,
)
from bench.asking import Refused
from bench.beds import NAMES
from bench.plan import Plan
from bench.plotting import plot
from bench.running import Result, run
from bench.stores import STORES
from bench.tables import figures, legend, ratios
from bench.verdicts import verdicts
from bench.works import WORKS
from crmgraph.cli import logs

program = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@program.callback(invoke_without_command=True)
def compare(
    context: typer.Context,
    quick: Annotated[bool, typer.Option("--quick", help="Works a and e at 16 connections, without latency.")] = False,
    works: Annotated[str, typer.Option(help=f"Letters of works: {', '.join(WORKS)}.")] = "".join(WORKS),
    peers: Annotated[str, typer.Option(help="Who is measured, separated by commas.")] = ",".join(NAMES),
    connections: Annotated[str, typer.Option(help="How many clients ask at once.")] = "1,16,64",
    latency: Annotated[str, typer.Option(help="How late the upstream answers, in ms.")] = "0,50",
    seconds: Annotated[float, typer.Option(help="How long one measurement takes at the least.")] = 2,
    rounds: Annotated[int, typer.Option(help="Rounds of what is judged; all else has one.")] = 3,
    write: Annotated[bool, typer.Option("--write", help="Put the results into docs/benchmarks.md.")] = False,
) -> None:
    """Measure the gateway beside its peers, as ratios within one run; it takes about a quarter of an hour, or 90 s
    with --quick.

    It needs Linux, nginx, wrk and npm; what is missing is named and left out.
    """
    if context.invoked_subcommand is not None:
        return
    if quick:
        works, connections, latency = "ae", "16", "0"
    plan = Plan(works, peers.split(","), _numbers(connections), _numbers(latency), seconds, rounds)
    _tell(_results(plan), write)


@program.command()
def execution(
    times: Annotated[int, typer.Option(help="How often each is asked.")] = 20,
    write: Annotated[bool, typer.Option("--write", help="Put the result into docs/benchmarks.md.")] = False,
) -> None:
    """What an operation costs in CPU, compiled and executed by graphql-core, from replies in memory."""
    _give("execution", executing.told(executing.executing(times)), write)


@program.command()
def growth(
    times: Annotated[int, typer.Option(help="How often each number is read.")] = 5,
    write: Annotated[bool, typer.Option("--write", help="Put the result and the plot into docs.")] = False,
) -> None:
    """What 10, 100, 1,000 and 10,000 contacts cost in CPU and memory, from replies in memory."""
    walks = growing.growing(times)
    _give("growth", growing.told(walks), write)
    if write:
        page.PLOT.write_text(plot(walks))


@program.command()
def memory(
    requests: Annotated[int, typer.Option(help="How many requests are made.")] = 100_000,
    work: Annotated[str, typer.Option(help="The letter of a work over the plain lists.")] = "a",
    connections: Annotated[int, typer.Option(help="How many clients ask at once.")] = 16,
    write: Annotated[bool, typer.Option("--write", help="Put the result into docs/benchmarks.md.")] = False,
) -> None:
    """Whether memory stays flat over very many requests."""
    _loadable()
    _give("memory", lasting.told(lasting.lasting(work, requests, connections, _say)), write)


@program.command()
def tokens(
    rounds: Annotated[int, typer.Option(min=1, help="How often the tokens end.")] = 200,
    workers: Annotated[int, typer.Option(min=1, help="How many processes share them.")] = 4,
    control: Annotated[
        bool,
        typer.Option("--control", help="Without the lease, one renewal at a time in each process alone: it fails."),
    ] = False,
) -> None:
    """Whether workers that share tokens renew them once, in each store there is; ends with 1 when they do not."""
    if not asyncio.run(_renewed_once(rounds, workers, "unleased" if control else "leased")):
        raise typer.Exit(_failed("Not every end of the tokens was one renewal."))


async def _renewed_once(rounds: int, workers: int, way: str) -> bool:
    exact = True
    for name, store in STORES.items():
        async with store() as url:
            if url is None:
                _say(f"{name} is left out: no server lets us in.")
                continue
            figures = await renewing.measured(url, workers, rounds, way, _say)
            print(renewing.told(name, figures, workers))
            exact = exact and figures.exact
    return exact


@program.command()
def replica(
    rows: Annotated[int, typer.Option(min=1_000, help="How many records are kept.")] = 100_000,
    write: Annotated[bool, typer.Option("--write", help="Put the result into docs/benchmarks.md.")] = False,
) -> None:
    """Whether the replica gives a page in time for every filter and order, in each store; ends with 1 where not."""
    several = asyncio.run(_copied(rows))
    _give("replica", "\n\n".join([page.circumstances(("SQLAlchemy",)), copying.told(several)]), write)
    if not all(map(copying.holds, several)):
        raise typer.Exit(1)


async def _copied(rows: int) -> list[copying.Measured]:
    several = []
    for name, store in STORES.items():
        async with store() as url:
            if url is None:
                _say(f"{name} is left out: no server lets us in.")
            else:
                several.append(await copying.measured(name, url, rows, _say))
    return several


@program.command()
def soak(
    runs: Annotated[int, typer.Option(min=2, help="How many runs of load and calm.")] = 5,
    seconds: Annotated[float, typer.Option(help="How long a run loads.")] = 20,
    write: Annotated[bool, typer.Option("--write", help="Put the result into docs/benchmarks.md.")] = False,
) -> None:
    """Whether memory comes back after five times the load that is welcome."""
    _loadable()
    _give("soak", soaking.told(soaking.soaking(runs, seconds, _say)), write)


@program.command("slow")
def slow_clients(
    rounds: Annotated[int, typer.Option(min=1, help="How many rounds.")] = 5,
    seconds: Annotated[float, typer.Option(help="How long one measurement takes.")] = 8,
    write: Annotated[bool, typer.Option("--write", help="Put the result into docs/benchmarks.md.")] = False,
) -> None:
    """What honest clients notice of forty slow ones."""
    _loadable()
    _give("slow", slow.told(slow.slow(rounds, seconds, _say)), write)


@program.command("canaries")
def apart(
    callers: Annotated[int, typer.Option(min=2, max=999, help="How many callers ask.")] = 50,
    operations: Annotated[int, typer.Option(help="How many questions are asked.")] = 20_000,
    write: Annotated[bool, typer.Option("--write", help="Put the result into docs/benchmarks.md.")] = False,
) -> None:
    """Whether any caller is ever shown what is another's, while all of them ask the same at once."""
    sound = canaries.canaries(callers, operations, False, _say)
    control = canaries.canaries(callers, min(operations, 1000), True, _say)
    _give("canaries", canaries.told(sound, control), write)
    raise typer.Exit(int(bool(sound.leaks or sound.failures or not control.leaks)))


@program.command()
def rates(
    windows: Annotated[int, typer.Option(min=2, help="How many windows of 10 s are judged, each time.")] = 6,
    only: Annotated[str, typer.Option(help=f"What is tried: {', '.join(dividing.WAYS)}.")] = ",".join(dividing.WAYS),
    write: Annotated[bool, typer.Option("--write", help="Put the result into docs/benchmarks.md.")] = False,
) -> None:
    """How much of a CRM's allowance four workers use, and how often they ask too much; ends with 1 when the aim is not
    reached, or when workers that do not share reach it as well.
    """
    lines, sound = [], True
    for line, good in dividing.tried(only.split(","), windows, _say):
        lines.append(line)
        sound = sound and good
    _give("rates", "\n".join(lines), write)
    raise typer.Exit(int(not sound))


@program.command()
def identity(
    quick: Annotated[bool, typer.Option("--quick", help="2,000 records, without the baselines; a minute.")] = False,
    engines: Annotated[bool, typer.Option("--engines", help="Only the pairs, from DuckDB and Spark.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Put the result into docs/benchmarks.md.")] = False,
) -> None:
    """How well records of one person are found, beside keys and Splink; about a quarter of an hour."""
    if engines:
        from bench.identity.engines import compared

        lines, agreed = compared()
        for line in lines:
            print(line)
        raise typer.Exit(int(not agreed))
    # Only now: it imports what no other benchmark needs.
    from bench.identity.plan import FULL, QUICK
    from bench.identity.report import report

    _give("identity", report(QUICK if quick else FULL, _say), write)


@program.command()
def attack(
    bodies: Annotated[int, typer.Option(help="How many broken bodies are sent.")] = 20_000,
    cases: Annotated[int, typer.Option(help="How many requests are made up from the schema.")] = 3_000,
    seed: Annotated[int, typer.Option(help="The same number, the same input.")] = 1,
    write: Annotated[bool, typer.Option("--write", help="Put the result into docs/benchmarks.md.")] = False,
) -> None:
    """Whether bad input is answered: no failure, no hang, no growth, and the event loop in time.

    It runs in memory, over the four simulated CRMs, and takes some minutes.
    """
    reports, dear = asyncio.run(besieging.besieged(seed, bodies, cases, _say))
    _give("attack", besieging.told(reports, dear), write)
    if not all(one.holds for one in reports.values()) or any(one.held >= attacking.LATE for one in dear.values()):
        raise typer.Exit(1)


def _loadable() -> None:
    """End where the load, or what answers it, lacks something."""
    lack = load.missing() or lists.missing()
    if lack is not None:
        raise typer.Exit(_failed(lack))


def _results(plan: Plan) -> list[Result]:
    lack = load.missing()
    if lack is not None:
        raise typer.Exit(_failed(lack))
    results = []
    try:
        for one in run(plan, _say):
            results.append(one)
            _say(f"  {one.connections:3} connections  {one.peer:12} {one.figures.rate:10,.1f} requests/s")
    except (Refused, TimeoutError) as wrong:
        raise typer.Exit(_failed("\n".join([str(wrong), *getattr(wrong, "__notes__", ())]))) from None
    return results


def _tell(results: Sequence[Result], write: bool) -> None:
    judged = "\n".join(f"* {line}" for line in verdicts(results))
    parts = [page.circumstances(), legend(results), ratios(results), figures(results), judged]
    _give("comparison", "\n\n".join(part for part in parts if part), write)


def _give(part: str, told: str, write: bool) -> None:
    print(told)
    if write:
        page.write(part, told)


def _numbers(text: str) -> list[int]:
    return [int(one) for one in text.split(",")]


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _failed(text: str) -> int:
    _say(text)
    return 1


def main() -> None:
    """Run the command; being told to end is as Ctrl-C, so that everything that was started is stopped."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    logs.configure(level="error")
    program(prog_name="./dev bench")
