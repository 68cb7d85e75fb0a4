"""On whose account a call goes: above this the guards know who asks, and below it only what is asked."""

from crmgraph.connectors.exchange import Call, Reply
from crmgraph.service.ports import Tally
from crmgraph.sources.auth import Send
from crmgraph.sources.flights import Read


def tallied(send: Send) -> Read:
    """A send of which each attempt is told as a call."""

    async def guarded(call: Call, tally: Tally) -> Reply:
        tally.made()
        return await send(call)

    return guarded
