"""`connect`: a person agrees in a browser, and the source has its first tokens."""

import asyncio
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from crmgraph.cli.callback import PATH, came_back
from crmgraph.cli.ending import say
from crmgraph.cli.listening import listener
from crmgraph.cli.settings import settings
from crmgraph.config.settings import Settings
from crmgraph.connectors.shapes import unknown
from crmgraph.domain.errors import Denied, InputError
from crmgraph.parts.sources import account
from crmgraph.sources.account import Account
from crmgraph.sources.clock import SystemClock
from crmgraph.sources.consent import Consent, consent, unlike
from crmgraph.sources.direct import Direct
from crmgraph.sources.granting import App, Granted, Granting, Refused, account_name
from crmgraph.sources.proving import app_of
from crmgraph.store.late import LateStore

HOST = "127.0.0.1"

PASTED = 8765
"""The port of the address that a person copies when no port is named: nobody listens there, and none is needed."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a person's consent comes back: to a port of this machine, or pasted. `wait` is in seconds."""

    port: int | None
    paste: bool
    redirect: str | None
    wait: float


def connect(name: str, config: Path, way: Way) -> None:
    """Have a person agree, and keep the tokens; says what was connected."""
    told = settings(config)
    one = _account(told, name)
    app = app_of(one)
    if app is None:
        raise InputError(f"`{name}` {_other_way(one)}")
    say(asyncio.run(_connected(told, one, app, way)))


def _account(told: Settings, name: str) -> Account:
    found = next((one for one in told.sources if one.name == name), None)
    if found is None:
        raise InputError(unknown(name, [one.name for one in told.sources]))
    return account(found)


def _other_way(one: Account) -> str:
    if one.definition.spec.auth.oauth is None:
        return f"cannot be connected: the connector of {one.definition.title} knows no OAuth."
    return "goes by a static credential; give it `client_id` and `client_secret` instead, and connect it then."


async def _connected(told: Settings, one: Account, app: App, way: Way) -> str:
    clock = SystemClock()
    store = LateStore(told.store.url.get_secret_value(), clock, os.urandom, told.store.keys)
    granting = Granting(one.name, app, Direct(app.address, one.allow_private), one.timeout, clock)
    try:
        tokens = await store.tokens()
        await tokens.release(one.name, 0)  # A store that cannot be written is told before anybody has agreed.
        asked, code = await _agreed(app, way)
        granted = await _granted(one, granting, asked, code)
        if (wrong := unlike(app, granted.account)) is not None:
            raise InputError(f"Nothing was connected: {wrong}. Choose that one, or change the configuration.")
        name = account_name(granted.account) if granted.account else os.urandom(16).hex()
        await tokens.connect(one.name, name, granted.tokens)
        return _sentence(one, granted)
    finally:
        await granting.aclose()
        await store.aclose()


async def _agreed(app: App, way: Way) -> tuple[Consent, str]:
    """What was asked, and the code that came back."""
    if way.paste:
        asked = consent(app, way.redirect or f"http://{HOST}:{way.port or PASTED}{PATH}", os.urandom)
        say(f"Open this address in any browser:\n\n{asked.address}\n\nThen paste the address that it leads to:")
        pasted = await asyncio.to_thread(sys.stdin.readline)
        return asked, asked.code(dict(parse_qsl(urlsplit(pasted.strip()).query)))
    with listener(HOST, way.port or 0) as port:
        asked = consent(app, way.redirect or f"http://{HOST}:{port.getsockname()[1]}{PATH}", os.urandom)
        say(f"Open this address in a browser of this machine (or use `--paste`):\n\n{asked.address}\n")
        return asked, await came_back(port, urlsplit(asked.redirect).path or "/", asked.code, way.wait)


async def _granted(one: Account, granting: Granting, asked: Consent, code: str) -> Granted:
    try:
        return await granting.exchanged(code, asked.redirect, asked.verifier)
    except Refused as no:
        raise Denied(one.name, f"{one.name} gave no tokens: {no.said}.") from None


def _sentence(one: Account, granted: Granted) -> str:
    whose = ", ".join(f"{name} {value}" for name, value in granted.account.items())
    ends = granted.tokens.ends_at
    until = "" if ends is None else f" until {ends.isoformat(timespec='seconds')}"
    lasts = "and is renewed in time" if granted.tokens.refresh else "and cannot be renewed: connect it again then"
    of = f" ({whose})" if whose else ""
    return f"`{one.name}` is connected to {one.definition.title}{of}; its token is good{until} {lasts}."
