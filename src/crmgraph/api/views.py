"""The gateway as each caller sees it."""

from collections.abc import Callable, Hashable, Mapping

from cachetools import LRUCache

from crmgraph.domain.errors import InputError
from crmgraph.service.callers import Caller
from crmgraph.service.ports import Source
from crmgraph.service.reading import Gateway

SEEN = 256
"""How many views of the sources are kept: one for each role, and one for each caller with credentials of their own."""

SourcesOf = Callable[[str, str], Source]
"""From a source's name and a caller's own token to the source as it is asked with that."""


def nobodys_own(name: str, token: str) -> Source:
    """Where callers bring no tokens."""
    raise InputError(f"Nobody has credentials of their own for {name}.")


class Views:
    """One view for each sight, and one for each caller with credentials of their own."""

    def __init__(self, gateway: Gateway, sources_of: SourcesOf) -> None:
        self._gateway = gateway
        self._sources_of = sources_of
        self._known: LRUCache[Hashable, Gateway] = LRUCache(SEEN)

    def of(self, caller: Caller) -> Gateway:
        """A caller's, made when they first ask."""
        key = caller.role.sight, caller.tokens
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._gateway.seen_by(caller.role.sight, self._own(caller))
        return found

    def _own(self, caller: Caller) -> Mapping[str, Source]:
        """The sources that are asked with a caller's own credentials."""
        return {name: self._sources_of(name, token) for name, token in caller.tokens}
