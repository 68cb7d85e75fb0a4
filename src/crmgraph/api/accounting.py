"""What an answer cost and what it lacks: `extensions.crmgraph`."""

from math import ceil
from typing import Any

from crmgraph.api.limits import Charge
from crmgraph.service.problems import Meter
from crmgraph.service.reading import Reading


def account(reading: Reading, charge: Charge | None) -> dict[str, Any]:
    """What the answer cost and what it lacks, per source, and what it might have cost: `extensions.crmgraph`."""
    session = reading.session
    sources = {name: _source(meter) for name, meter in session.meters.items()}
    partial = session.identity_partial or any(meter.lost is not None for meter in session.meters.values())
    cost = {} if charge is None else {"cost": charge.told}
    return {"sources": sources, "identity": "PARTIAL" if partial else "COMPLETE", **cost}


def _source(meter: Meter) -> dict[str, Any]:
    """`age`, where kept replies were used, is seconds since the oldest of them was asked for, rounded up."""
    age = {} if meter.age is None else {"age": ceil(meter.age)}
    if not meter.problems and not meter.covered:
        return {"status": "OK" if meter.calls or meter.shared else "NOT_ASKED", "calls": meter.calls, **age}
    first = (meter.problems or meter.covered)[0]
    return {
        "status": "FAILED" if meter.problems else "STALE",
        "code": first.code,
        "calls": meter.calls,
        "retryable": first.retryable,
        "retryAfter": first.retry_after,
        **age,
    }
