"""What a CRM's replies say about its allowances."""

import re
from collections.abc import Mapping, Sequence

from crmgraph.connectors.spec import QuotaSpec
from crmgraph.service.ports import Quota

_COUNT = re.compile(r"[0-9]{1,12}")


def told(specs: Sequence[QuotaSpec], headers: Mapping[str, str]) -> dict[str, Quota]:
    """The allowances that a reply tells, by window; `headers` are by name in lower case."""
    read = ((one.window, _count(headers, one.limit), _count(headers, one.remaining)) for one in specs)
    return {window: Quota(window, limit, left) for window, limit, left in read if limit is not None or left is not None}


def _count(headers: Mapping[str, str], name: str) -> int | None:
    text = headers.get(name.lower(), "").strip()
    return int(text) if _COUNT.fullmatch(text) else None
