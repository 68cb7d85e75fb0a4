"""The absolute address of a call: the base URL, the path as it is written, and the query encoded exactly once."""

import re
from collections.abc import Iterable
from urllib.parse import quote

from crmgraph.connectors.exchange import Call
from crmgraph.domain.errors import InputError

LONGEST = 60_000
"""The longest address in characters; servers commonly stop far earlier, so that nothing real is lost."""

_needs_no_quoting = re.compile(r"[A-Za-z0-9_.~-]*").fullmatch

_UNFIT = re.compile(r"[^!$-;=?-_a-z|~]|%(?![0-9A-Fa-f]{2})")
"""What stands in no address as it is."""


def target(base_url: str, call: Call, more: Iterable[tuple[str, str]] = ()) -> str:
    """The address that `call` goes to, with `more` parameters after its own, in ASCII.

    Raises InputError where an id or a text of the caller would lead elsewhere, makes it too long or makes none.
    """
    if not call.path.startswith("/") or _leads_elsewhere(call.path):
        raise InputError(f"An id for `{call.source}` may not be a step of a path, such as `..`.")
    try:
        query = "&".join([f"{_quoted(name)}={_quoted(value)}" for name, value in (*call.query, *more)])
        joint = "&" if "?" in call.path else "?"
        address = _fit(base_url.rstrip("/") + call.path + (joint + query if query else ""))
    except ValueError:
        raise InputError(f"What is asked of `{call.source}` makes no address.") from None
    if len(address) > LONGEST:
        raise InputError(f"What is asked of `{call.source}` is too long for one call; ask for less at once.")
    return address


def _leads_elsewhere(path: str) -> bool:
    return "/." in path and bool({".", ".."} & set(path.split("/")))


def _quoted(text: str) -> str:
    """Most values are ids, and there may be hundreds in one call: these are told by a glance."""
    return text if _needs_no_quoting(text) else quote(text, safe="")


def _fit(address: str) -> str:
    """The address with all quoted that may not stand in one; raises ValueError where it holds control characters."""
    if _UNFIT.search(address) is None:
        return address
    if any(sign.isascii() and not sign.isprintable() for sign in address):
        raise ValueError(address)
    return _UNFIT.sub(lambda found: quote(found[0], safe=""), address)
