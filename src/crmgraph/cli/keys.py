"""`keys create`, `keys list` and `keys revoke`: who may ask with an API key."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from crmgraph.app import App
from crmgraph.cli.ending import Code, end, give, say
from crmgraph.cli.settings import settings
from crmgraph.config.settings import Settings
from crmgraph.connectors.shapes import unknown
from crmgraph.domain.errors import ConfigError, InputError
from crmgraph.service.auditing import Entry
from crmgraph.service.keys import Key, made

T = TypeVar("T")

OPERATOR = "operator"
"""Who is told in the audit log: whoever may run the program beside its configuration."""


def create(path: Path, name: str, role: str, days: int | None) -> None:
    """Make a key and print it: it is shown this once, for only what proves it is kept."""
    told = settings(path)
    pepper = _pepper(told)
    if role not in told.roles:
        raise InputError(f"There is no such role: {unknown(role, told.roles)}")
    now = datetime.now(UTC)
    key, text = made(name, role, pepper, os.urandom, now, None if days is None else now + timedelta(days=days))

    async def work(app: App) -> None:
        # First told, then made: a key that nobody was told of must not exist.
        await app.stores.audit.note(Entry(OPERATOR, "createKey", "DONE", record=key.id))
        await app.stores.keys.add(key)

    _with_store(told, work)
    say(f"The key {key.id} of {name} has the role {role}. Keep it: it is not shown again.")
    give(text)


def listed(path: Path, as_json: bool) -> None:
    """Print the keys, the oldest first; never what proves them."""
    found = _with_store(settings(path), lambda app: app.stores.keys.all())
    if as_json:
        give(json.dumps([_portrait(one) for one in found], indent=2))
        return
    for one in found:
        give(f"{one.id}  {one.name}  {one.role}  made {_day(one.created_at)}  {_standing(one)}")
    if not found:
        say("There are no keys; `crmgraph keys create NAME --role ROLE` makes one.")


def revoke(path: Path, ident: str) -> None:
    """Believe a key no longer; every worker knows it within seconds."""

    async def work(app: App) -> bool:
        found = await app.stores.keys.revoke(ident, datetime.now(UTC))
        await app.stores.audit.note(Entry(OPERATOR, "revokeKey", "DONE" if found else "UNCHANGED", record=ident))
        return found

    if not _with_store(settings(path), work):
        say(f"There is no key {ident} that holds; `crmgraph keys list` tells which there are.")
        end(Code.FINDINGS)
    say(f"The key {ident} is refused from now on, by every worker within five seconds.")


def _pepper(told: Settings) -> bytes:
    if told.auth is None or told.auth.pepper is None:
        raise ConfigError(
            "Keys are kept under a pepper, and the configuration has none; write `pepper: ${CRMGRAPH_PEPPER}` under"
            " `auth` and put 32 random characters or more there, as `openssl rand -hex 32` gives."
        )
    return told.auth.pepper.get_secret_value().encode()


def _with_store(told: Settings, work: Callable[[App], Awaitable[T]]) -> T:
    async def asked() -> T:
        app = App(told)
        try:
            return await work(app)
        finally:
            await app.aclose()

    return asyncio.run(asked())


def _standing(one: Key) -> str:
    if one.revoked_at is not None:
        return f"revoked {_day(one.revoked_at)}"
    if one.expires_at is None:
        return "holds"
    return f"{'holds until' if one.holds(datetime.now(UTC)) else 'expired'} {_day(one.expires_at)}"


def _day(when: datetime) -> str:
    return when.date().isoformat()


def _portrait(one: Key) -> dict[str, str | None]:
    times = {"createdAt": one.created_at, "expiresAt": one.expires_at, "revokedAt": one.revoked_at}
    said = {name: None if when is None else when.isoformat() for name, when in times.items()}
    return {"id": one.id, "name": one.name, "role": one.role, **said}
