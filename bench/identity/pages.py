"""How long the people of a page take, from raw values to persons, nothing remembered of them; beside Splink."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from bench.identity.caches import forget
from bench.identity.data import generated
from bench.identity.forms import form
from bench.identity.labels import Data
from bench.identity.with_splink import Splink
from crmgraph.domain.matching import Matcher
from crmgraph.domain.rarity import Shipped
from crmgraph.domain.resolution import resolved
from crmgraph.domain.trial import profile

SIZES = (200, 2_000)
TRAINING = 10_000
SEED = 42


@dataclass(frozen=True, slots=True)
class Page:
    """Milliseconds for so many records; `prepared` is the part of normal forms alone."""

    size: int
    ours: float
    prepared: float
    splink: float


def pages(rounds: int) -> list[Page]:
    """The medians of as many rounds, each with a page of other people; Splink was trained before, on many more."""
    trained = Splink([form(number, profile(row)) for number, row in enumerate(generated(TRAINING, SEED).rows)])
    trained.train()
    return [_page(size, rounds, trained) for size in SIZES]


def _page(size: int, rounds: int, trained: Splink) -> Page:
    found = [generated(size, SEED + number) for number in range(rounds + 1)]
    rarity = Shipped()
    return Page(
        size,
        ours=_timed(found, lambda data: resolved([profile(row) for row in data.rows], Matcher(rarity))),
        prepared=_timed(found, lambda data: [profile(row) for row in data.rows]),
        splink=_timed(found, lambda data: trained.of([form(n, profile(row)) for n, row in enumerate(data.rows)])),
    )


def _timed(found: list[Data], work: Callable[[Data], object]) -> float:
    """The median of milliseconds; the first page only warms up what is read once."""
    spent = []
    for data in found:
        forget()
        begun = time.perf_counter()
        work(data)
        spent.append((time.perf_counter() - begun) * 1000)
    return median(spent[1:])
