"""The results as Markdown."""

from collections.abc import Iterable, Sequence

from bench.plan import is_judged
from bench.running import Result
from bench.works import WORKS

_FIGURES = ("requests/s", "p50 ms", "p99 ms", "CPU ms", "upstream calls", "memory MiB", "failed")

Row = Sequence[str]


def ratios(results: Sequence[Result]) -> str:
    """For each thing that was measured, how many times the requests per second of each peer the gateway made."""
    peers = [name for name in dict.fromkeys(one.peer for one in results) if name != "crmgraph"]
    rows = []
    for key in dict.fromkeys((one.work, one.latency, one.connections) for one in results):
        found = {one.peer: one.figures.rate for one in results if _key(one) == key}
        if "crmgraph" in found:
            told = [_times(found["crmgraph"], found.get(peer)) for peer in peers]
            rows.append([f"({key[0]})", str(key[1]), str(key[2]), _number(found["crmgraph"]), *told])
    heads = ["work", "latency ms", "connections", "crmgraph requests/s", *(f"÷ {name}" for name in peers)]
    return table(heads, rows)


def figures(results: Iterable[Result]) -> str:
    """All figures of what is judged; nothing when nothing of it was measured."""
    rows = [[f"({one.work})", one.peer, *_told(one)] for one in results if is_judged(one.latency, one.connections)]
    return table(["work", "server", *_FIGURES], rows) if rows else ""


def legend(results: Sequence[Result]) -> str:
    """What the letters mean."""
    letters = dict.fromkeys(one.work for one in results)
    return "\n".join(f"* ({letter}) {WORKS[letter].title}" for letter in letters)


def table(heads: Row, rows: Iterable[Row]) -> str:
    """A Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def ratio_of(results: Iterable[Result], figure: str, work: str, peer: str) -> float | None:
    """The gateway's figure over a peer's where it is judged; None when one of them was not measured."""
    found = {one.peer: getattr(one.figures, figure) for one in results if _key(one) == (work, 0, 16)}
    ours, theirs = found.get("crmgraph"), found.get(peer)
    return ours / theirs if ours is not None and theirs else None


def _key(one: Result) -> tuple[str, int, int]:
    return one.work, one.latency, one.connections


def _times(ours: float, theirs: float | None) -> str:
    return f"{ours / theirs:.2f}" if theirs else ""


def _told(one: Result) -> list[str]:
    made = one.figures
    numbers = (made.rate, made.p50, made.p99, made.cpu, made.calls, made.memory)
    return [*map(_number, numbers), f"{made.failed:.1%}" if made.failed else "0"]


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
