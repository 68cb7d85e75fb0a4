"""What people decided of identity, as reading knows it: asked for each time, for it costs nothing while nobody decides.

A store that fails is no reason to answer nothing. What was last known goes on to hold, and the answer can say so.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping

import structlog

from crmgraph.domain.judgements import NOTHING, Judged
from crmgraph.domain.records import Ref
from crmgraph.service.ports import Clock, StoreUnavailable
from crmgraph.service.sparing import Sparing

Ask = Callable[[], Awaitable[Judged]]
"""Tells what stands, the same object for as long as nobody decides anything; raises StoreUnavailable."""

_log = structlog.get_logger("crmgraph.judging")


async def nobody() -> Judged:
    """Where nobody can decide."""
    return NOTHING


class Judging:
    """What stands; `judged` is what was last known, and `is_known` whether it could be told when last asked for."""

    def __init__(self, clock: Clock, ask: Ask = nobody) -> None:
        self.judged = NOTHING
        self.is_known = False
        self._ask = ask
        self._sparing = Sparing(clock)
        self._same: Mapping[Ref, Collection[Ref]] = {}

    async def ready(self) -> bool:
        """Take in what was decided since; False where that cannot be told."""
        if self._sparing.rests:
            return False
        try:
            judged = await self._sparing.ask(self._ask)
        except StoreUnavailable as error:
            self.is_known = False
            _log.warning("what people decided cannot be told", error=str(error))
            return False
        self.is_known = True
        if judged is not self.judged:
            self.judged, self._same = judged, _partners(judged)
        return True

    def same(self, ref: Ref) -> Collection[Ref]:
        """The records of which people decided that they are this one's person."""
        return self._same.get(ref, ())


def _partners(judged: Judged) -> Mapping[Ref, Collection[Ref]]:
    found: defaultdict[Ref, list[Ref]] = defaultdict(list)
    for a, b in judged.same:
        found[a].append(b)
        found[b].append(a)
    return found
