"""`keys rotate`: what is secret in the store goes under the first key."""

import asyncio
import json
import os
from pathlib import Path

from crmgraph.cli.ending import Code, end, give, say
from crmgraph.cli.keys import OPERATOR
from crmgraph.cli.settings import settings
from crmgraph.config.settings import Settings
from crmgraph.domain.errors import ConfigError
from crmgraph.service.auditing import Entry
from crmgraph.sources.clock import SystemClock
from crmgraph.store.late import LateStore
from crmgraph.store.rotation import Resealed


def rotate(config: Path, as_json: bool) -> None:
    """Seal every row under the first key; ends with 1 when some are left, which another run may do."""
    told = settings(config)
    first = next(iter(told.store.keys), None)
    if first is None:
        raise ConfigError("There is no key to seal under; write `vault: {keys: ${CRMGRAPH_VAULT_KEYS}}`.")
    found = asyncio.run(_resealed(told, first))
    for one in found.shut:
        say(one)
    if as_json:
        counts = {"resealed": found.anew, "already": found.already, "changed": found.changed, "shut": len(found.shut)}
        give(json.dumps({"key": first, **counts}))
    say(_sentence(first, found))
    end(Code.FINDINGS if found.changed or found.shut else Code.OK)


async def _resealed(told: Settings, first: str) -> Resealed:
    store = LateStore(told.store.url.get_secret_value(), SystemClock(), os.urandom, told.store.keys)
    try:
        found = await store.resealed()
        await store.stores.audit.note(Entry(OPERATOR, "rotateKeys", "DONE", record=first, times=found.anew))
        return found
    finally:
        await store.aclose()


def _sentence(first: str, found: Resealed) -> str:
    total = found.anew + found.already + found.changed + len(found.shut)
    said = f"{found.anew + found.already} of {total} rows are under the key `{first}`; {found.anew} of them since now"
    left = f"; {found.changed} were changed meanwhile, run it again" if found.changed else ""
    shut = f"; {len(found.shut)} cannot be opened" if found.shut else ""
    return f"{said}{left}{shut}."
