"""Driving the flows of a write: every call is really made, failures go into the flow, and what was sent is kept."""

from typing import TypeVar

from crmgraph.connectors.exchange import Call, Flow
from crmgraph.domain.errors import SourceError
from crmgraph.service.ports import Source
from crmgraph.service.problems import Meter

T = TypeVar("T")


class Driver:
    """One change's calls. Nothing is shared with other reads: what is written upon must be what the CRM says now."""

    def __init__(self, source: Source, meter: Meter) -> None:
        self.source = source
        self.made: list[Call] = []
        self._meter = meter

    async def run(self, flow: Flow[T]) -> T:
        """Drive a flow to its end; a call that fails is told to the flow, which may raise another error for it."""
        try:
            call = next(flow)
            while True:
                self.made.append(call)
                try:
                    reply = await self.source.send(call, self._meter)
                except SourceError as error:
                    call = flow.throw(error)
                else:
                    call = flow.send(reply)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
