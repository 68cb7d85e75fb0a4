"""What a caller's headers say of how it wants to be answered: within which time, and how urgently."""

import math

from crmgraph.service.errands import Urgency
from crmgraph.web.headers import Headers, text_of
from crmgraph.web.refusal import Refused

# What the graph is told of a request's headers; everything else stays here.
KEPT = ((b"traceparent", "traceparent"), (b"x-request-id", "x-request-id"))

_PRIORITIES = {"report": Urgency.REPORT, "interactive": Urgency.INTERACTIVE}


def kept(headers: Headers) -> dict[str, str]:
    """The headers the graph may see."""
    return {name: headers[raw].decode("latin-1") for raw, name in KEPT if raw in headers}


def wanted_deadline(headers: Headers) -> float | None:
    """The seconds the caller will wait, from the header `X-Deadline`. Refused with 400."""
    text = text_of(headers, b"x-deadline")
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise Refused(400, "The header X-Deadline must hold the seconds you will wait, such as 2.5.")
    return seconds


def wanted_urgency(headers: Headers) -> Urgency:
    """How urgent it is to the caller, from the header `X-Priority`. Refused with 400."""
    text = text_of(headers, b"x-priority")
    if text is None:
        return Urgency.INTERACTIVE
    urgency = _PRIORITIES.get(text.strip().lower())
    if urgency is None:
        raise Refused(400, "The header X-Priority must be `report` or `interactive`.")
    return urgency
