"""What a CRM's replies say about its allowances, and how spans of time are written."""

import re
from collections.abc import Mapping, Sequence

from crmgraph.connectors.spec import QuotaSpec
from crmgraph.service.ports import Quota

_COUNT = re.compile(r"[0-9]{1,12}")

_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def seconds_in(window: str) -> float | None:
    """The seconds of a span such as `10s`, `m` or `1d`; None when it is not one."""
    found = re.fullmatch(r"(\d*)([smhd])", window)
    return None if found is None else float(found[1] or 1) * _SECONDS[found[2]] or None


def rate_of(text: str | None) -> tuple[int, float] | None:
    """`100/10s` as calls and seconds; None when nothing is said, or a rate of nothing."""
    count, _, window = (text or "").partition("/")
    seconds = seconds_in(window)
    return (int(count), seconds) if seconds and count.isdecimal() and int(count) else None


def told(specs: Sequence[QuotaSpec], headers: Mapping[str, str]) -> dict[str, Quota]:
    """The allowances that a reply tells, by window; `headers` are by name in lower case."""
    read = ((one.window, _count(headers, one.limit), _count(headers, one.remaining)) for one in specs)
    return {window: Quota(window, limit, left) for window, limit, left in read if limit is not None or left is not None}


def _count(headers: Mapping[str, str], name: str) -> int | None:
    text = headers.get(name.lower(), "").strip()
    return int(text) if _COUNT.fullmatch(text) else None
