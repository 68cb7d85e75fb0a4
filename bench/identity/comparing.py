"""Every matcher on the same data, each run in a process of its own."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bench.identity.alone import BASELINES, OURS, Run, alone
from bench.identity.data import generated
from bench.identity.febrl import FILES, febrl, fetched
from bench.identity.figures import mean
from bench.identity.labels import Data
from bench.identity.parameters import VARIATIONS
from bench.identity.plan import Plan

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Compared:
    """What one matcher did with one kind of data: the mean over seeds, and the most memory of any."""

    data: str
    matcher: str
    run: Run


def compared(plan: Plan, say: Say) -> Iterator[Compared]:
    """The usual data, then the other error models, very many records, and FEBRL."""
    everybody = (*OURS, *BASELINES) if plan.baselines else OURS
    yield from _all(f"generated, {plan.size:,}", [generated(plan.size, seed) for seed in plan.seeds], everybody, say)
    for variation in list(VARIATIONS)[1:]:
        yield from _all(variation, [generated(plan.size, plan.seeds[0], variation)], everybody, say)
    if plan.large:
        yield from _all(f"generated, {plan.large:,}", [generated(plan.large, plan.seeds[0])], everybody, say)
    lack = fetched()
    if lack is not None:
        say(lack)
        return
    for name in FILES:
        yield from _all(name, [febrl(name)], everybody, say)


def _all(name: str, several: Sequence[Data], matchers: Sequence[str], say: Say) -> Iterator[Compared]:
    for matcher in matchers:
        runs = [alone(matcher, data) for data in several]
        found = Compared(name, matcher, _mean(runs))
        say(f"{name:20} {matcher:28} F1 {found.run.figures.f1:.4f} in {found.run.seconds:.1f} s")
        yield found


def _mean(runs: Sequence[Run]) -> Run:
    seconds = sum(one.seconds for one in runs) / len(runs)
    return Run(mean([one.figures for one in runs]), seconds, max(one.memory for one in runs))
