"""The absolute address of a call: the base URL, the path as it is written, and the query encoded exactly once."""

from collections.abc import Iterable
from urllib.parse import quote

from crmgraph.connectors.exchange import Call
from crmgraph.domain.errors import InputError

LONGEST = 60_000
"""The longest address in characters; servers commonly stop far earlier, so that nothing real is lost."""


def target(base_url: str, call: Call, more: Iterable[tuple[str, str]] = ()) -> str:
    """The address that `call` goes to, with `more` parameters after its own.

    Raises InputError where an id or a text of the caller would lead elsewhere or makes it too long.
    """
    if not call.path.startswith("/") or {".", ".."} & set(call.path.split("/")):
        raise InputError(f"An id for `{call.source}` may not be a step of a path, such as `..`.")
    query = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in (*call.query, *more))
    joint = "&" if "?" in call.path else "?"
    address = base_url.rstrip("/") + call.path + (joint + query if query else "")
    if len(address) > LONGEST:
        raise InputError(f"What is asked of `{call.source}` is too long for one call; ask for less at once.")
    return address
