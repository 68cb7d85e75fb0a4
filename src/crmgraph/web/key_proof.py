"""API keys prove who is calling: those of the configuration, and those that `crmgraph keys create` made."""

from collections.abc import Callable, Mapping

from cachetools import TTLCache

from crmgraph.service.callers import Caller, Role
from crmgraph.service.keys import Key, Keys, ident_of, mac_of, proves
from crmgraph.service.ports import Clock, StoreUnavailable
from crmgraph.web.callers import powerless
from crmgraph.web.refusal import Refused

BELIEVED = 5.0
"""Seconds for which what the store said of a key is believed: after so long, a key that was revoked is refused."""

REMEMBERED = 10_000
"""How many ids of keys are remembered, those that nobody has among them."""


class ConfiguredKeys:
    """Keys of the configuration: name → the key and its role. They are compared by what proves them."""

    def __init__(self, keys: Mapping[str, tuple[str, Role]], random: Callable[[int], bytes]) -> None:
        self._pepper = random(32)
        self._callers = {mac_of(self._pepper, text): Caller(f"key:{name}", role) for name, (text, role) in keys.items()}

    async def caller(self, text: str) -> Caller | None:
        """Whom a key belongs to, None where it is none of these."""
        return self._callers.get(mac_of(self._pepper, text))


class StoredKeys:
    """Keys of the store."""

    def __init__(self, keys: Callable[[], Keys], pepper: bytes, roles: Mapping[str, Role], clock: Clock) -> None:
        self._keys = keys
        self._pepper = pepper
        self._roles = roles
        self._clock = clock
        self._known: TTLCache[str, Key | None] = TTLCache(REMEMBERED, BELIEVED, clock.monotonic)

    async def caller(self, text: str) -> Caller | None:
        """Whom a key belongs to, None where it is none of these or holds no longer; raises Refused."""
        ident = ident_of(text)
        key = None if ident is None else await self._key(ident)
        if key is None or not proves(key, self._pepper, text) or not key.holds(self._clock.now()):
            return None
        role = self._roles.get(key.role)
        if role is None:
            raise powerless(f"The role `{key.role}` of this key is not configured here any more.")
        return Caller(f"key:{key.name}", role)

    async def _key(self, ident: str) -> Key | None:
        if ident not in self._known:
            try:
                self._known[ident] = await self._keys().find(ident)
            except StoreUnavailable:
                raise Refused(503, "Keys cannot be looked up just now; try again.", {"Retry-After": "1"}) from None
        return self._known.get(ident)
