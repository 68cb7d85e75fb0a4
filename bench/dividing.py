"""The ways in which workers divide a CRM's allowance, each tried and judged."""

from collections.abc import Callable, Iterator, Sequence

from bench.redis import missing, redis_server
from bench.sharing import Figures, Way, measured, told

WAYS = ("sqlite", "redis", "killed", "control")

Say = Callable[[str], None]


def tried(only: Sequence[str], windows: int, say: Say) -> Iterator[tuple[str, bool]]:
    """What each way comes to as a line, and whether that is as it should be."""
    if "sqlite" in only:
        yield _judged("Shared in SQLite", measured(Way("SQLite"), windows, say)[0])
    if lack := missing():
        say(f"Redis is left out. {lack}")
    else:
        yield from _in_redis(only, windows, say)
    if "control" in only:
        alone = measured(Way("control", apart=True), windows, say)[0]
        word = "reached, so nothing was measured" if alone.reached else "not reached, as it must be"
        yield told("Without sharing (control)", alone, word), not alone.reached


def _in_redis(only: Sequence[str], windows: int, say: Say) -> Iterator[tuple[str, bool]]:
    if "redis" in only:
        with redis_server() as server:
            yield _judged("Shared in Redis", measured(_way("Redis", server.url), windows, say)[0])
    if "killed" in only:
        with redis_server() as server:
            before, after = measured(_way("Redis, killed half way", server.url, server.kill), windows, say)
            yield _judged("Shared in Redis, before it is killed", before)
            yield _judged("After it was killed, each worker its part", after)


def _way(name: str, url: str, half_way: Callable[[], None] | None = None) -> Way:
    return Way(name, {"CRMGRAPH__RATES__URL": url}, half_way=half_way)


def _judged(name: str, figures: Figures) -> tuple[str, bool]:
    return told(name, figures, "reached" if figures.reached else "not reached"), figures.reached
