"""What a source's calls tell its breaker, and what the breaker keeps them from."""

import asyncio
from datetime import timedelta

import orjson
import structlog

from crmgraph.connectors.exchange import Call, Reply
from crmgraph.domain.errors import Unavailable
from crmgraph.service.breakers import BreakerState, BreakerStatus
from crmgraph.service.errands import ERRAND
from crmgraph.service.ports import Clock, Tally
from crmgraph.sources.auth import Send
from crmgraph.sources.breaker import Breaker, Pass, Tripped
from crmgraph.sources.flights import Read

A_WHILE = 0.5
"""Seconds after which a call that has used up its request's time is taken for one that hangs."""

SOON = 0.05
"""Seconds by which a timer may be early."""

_log = structlog.get_logger("crmgraph.sources")


def sparing(read: Read, breaker: Breaker) -> Read:
    """A read that does not wait for a turn while the breaker is open."""
    if breaker.rule.mode != "on":
        return read

    async def guarded(call: Call, tally: Tally) -> Reply:
        refusal = breaker.refusal()
        if refusal is not None:
            raise refusal
        return await read(call, tally)

    return guarded


def breaking(send: Send, breaker: Breaker, clock: Clock) -> Send:
    """A send whose failures open the breaker, and which an open one stops."""
    if breaker.rule.mode == "off":
        return send

    async def guarded(call: Call) -> Reply:
        given = _leave(breaker)
        began, failed = clock.monotonic(), None
        try:
            reply = await send(call)
            failed = _is_bad(call, reply)
        except Unavailable:
            failed = True
            raise
        except asyncio.CancelledError:
            failed = _hung(began, clock.monotonic())
            raise
        finally:
            if given is not None:
                _told(breaker, given, failed)
        return reply

    return guarded


def status_of(breaker: Breaker, clock: Clock) -> BreakerStatus | None:
    """How a breaker stands, in the wall clock's times; None where it is off."""
    if breaker.rule.mode == "off":
        return None
    state, now = breaker.state, clock.now()
    apart = [None, None] if state is BreakerState.CLOSED else [breaker.opened, breaker.until]
    opened, until = (None if one is None else now + timedelta(seconds=one - clock.monotonic()) for one in apart)
    return BreakerStatus(state, breaker.failures, opened, until, breaker.rule.mode == "dry_run")


def _leave(breaker: Breaker) -> Pass | None:
    """Leave to call; None where it would be refused but for the dry run."""
    try:
        return breaker.begin()
    except Tripped:
        if breaker.rule.mode == "on":
            raise
        return None


def _is_bad(call: Call, reply: Reply) -> bool:
    """Whether a reply shows that the CRM is out of order; a refusal or a request to slow down shows the contrary.

    Of what was read the JSON is parsed once for all who look at it.
    """
    if reply.status >= 500 or reply.status == 408:
        return True
    if call.terms is None or not 200 <= reply.status < 300 or reply.status == 204:
        return False
    try:
        reply.json()
    except orjson.JSONDecodeError:
        return True
    return False


def _hung(began: float, now: float) -> bool | None:
    """Whether a call that nobody waits for any longer hung: it had a while, and its request's whole time."""
    return True if now - began >= A_WHILE and now >= ERRAND.get().deadline - SOON else None


def _told(breaker: Breaker, given: Pass, failed: bool | None) -> None:
    before = breaker.state
    breaker.end(given, failed)
    if breaker.state is before:
        return
    told = {"source": breaker.source, "dry_run": breaker.rule.mode == "dry_run"}
    if breaker.state is BreakerState.OPEN:
        _log.warning("a source keeps failing and is left alone", seconds=breaker.until - breaker.opened, **told)
    else:
        _log.warning("a source is back", **told)
