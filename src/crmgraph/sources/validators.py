"""What tells a CRM which reply we have, so that it need not send an equal one again."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from crmgraph.connectors.exchange import Call
from crmgraph.connectors.replies import http_date

_TAG = re.compile(r'(W/)?"[!#-~]*"')

SETTLED = timedelta(seconds=60)
"""A change this long before the reply is dated for good: within the same second another one could have followed."""


def validator(headers: Mapping[str, str]) -> tuple[str, str] | None:
    """The header that asks whether a reply with these headers (by name in lower case) is still so, None without one."""
    tag = headers.get("etag", "").strip()
    if _TAG.fullmatch(tag):
        return "If-None-Match", tag
    if "last-modified" not in headers:
        return None
    changed, sent = http_date(headers["last-modified"]), http_date(headers.get("date", ""))
    if changed is not None and sent is not None and sent - changed >= SETTLED:
        return "If-Modified-Since", headers["last-modified"].strip()
    return None


def conditional(call: Call, header: tuple[str, str]) -> Call:
    """The call that is answered with 304 where nothing has changed."""
    return replace(call, headers=(*call.headers, header))
