"""Which call fails, and how: drawn by chance from a seed."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random

from crmgraph.demo.faults import Fault

LATEST = 2.0
"""Seconds within which a hanging request is applied, if it ever is."""

_REFUSAL = {"statusCode": 422, "message": ["Something was wrong with this contact."], "error": "Unprocessable Entity"}

Make = Callable[[Random], Fault]

ANYWHERE: Mapping[str, Make] = {
    "reset before": lambda _: Fault("reset"),
    "reset after": lambda _: Fault("reset", applied=True),
    "hang, never applied": lambda _: Fault("hang"),
    "hang, applied": lambda chance: Fault("hang", seconds=chance.uniform(0, LATEST), applied=True),
    "truncated": lambda _: Fault("truncate"),
}

REFUSED: Mapping[str, Make] = {"422, but created": lambda _: Fault("status", status=422, body=_REFUSAL, applied=True)}

_CREATED = ("leadconnector", "POST", "/contacts/")


@dataclass(slots=True)
class Storm:
    """Lets `share` of all calls to one CRM fail, each way as often as any other; `counts` is how often each was."""

    source: str
    share: float
    chance: Random
    counts: Counter[str] = field(default_factory=Counter)

    def __call__(self, method: str, path: str) -> Fault | None:
        self.counts["calls"] += 1
        if self.chance.random() >= self.share:
            return None
        ways = ANYWHERE | REFUSED if (self.source, method, path) == _CREATED else ANYWHERE
        way = self.chance.choice(sorted(ways))
        self.counts[way] += 1
        return ways[way](self.chance)
