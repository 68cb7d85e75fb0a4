"""Equal questions that are asked at once, as by many open dashboards, are answered once.

They are equal when document, variables, operation, caller and deadline are, and no write to any source began since the
first of them was asked. Whoever joins is told that their answer cost no call.
"""

from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import replace
from typing import Any

import orjson

from crmgraph.api.outcome import Outcome
from crmgraph.service.flights import Flights
from crmgraph.service.reading import Gateway


class Answers:
    """The answers that are being worked out."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._flights: Flights[Hashable, _Both] = Flights(self._mark)

    def _mark(self) -> Hashable | None:
        marks = tuple(one.mark for one in self._gateway.sources)
        return None if None in marks else marks

    async def answer(self, question: Hashable, work_out: Callable[[], Awaitable[Outcome]]) -> Outcome:
        """The outcome for a question; for all who join, one and the same."""
        is_joined: list[bool] = []

        async def begin() -> _Both:
            return _Both(await work_out())

        both = await self._flights.outcome(question, begin, is_joined.append)
        return both.joined if is_joined[0] else both.first


class _Both:
    """An outcome as it is for who caused it, and for those who joined."""

    def __init__(self, first: Outcome) -> None:
        self.first = first
        self._joined: Outcome | None = None

    @property
    def joined(self) -> Outcome:
        if self._joined is None:
            self._joined = replace(self.first, extensions=_for_nothing(self.first.extensions), kept={})
        return self._joined


def _for_nothing(extensions: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The account of an answer that cost no call."""
    if extensions is None:
        return None
    account = extensions["crmgraph"]
    sources = {name: {**told, "calls": 0} for name, told in account["sources"].items()}
    return {**extensions, "crmgraph": {**account, "sources": sources}}


def written_out(variables: Mapping[str, Any]) -> bytes | None:
    """Variables as a part of a question's key: equal bytes for equal values; None for what orjson has no word for."""
    if not variables:
        return b""
    try:
        return orjson.dumps(variables, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:
        return None
