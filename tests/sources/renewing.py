"""What the tests of OAuth are given: a connector that goes by it, a CRM that gives tokens, and a store in memory."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl

import orjson
from tests.sources.given import ACCOUNT, FakeClock

from crmgraph.connectors.catalog import read
from crmgraph.connectors.exchange import Reply
from crmgraph.service.tokens import Kept, Tokens
from crmgraph.sources.account import Account
from crmgraph.sources.auth import Credential, credential_of
from crmgraph.sources.granting import App, Granting
from crmgraph.sources.renewal import Renewal
from crmgraph.sources.transport import Asked

DEFINITION = read(
    """
name: tiny
title: Tiny CRM
settings:
  token: {description: A token., secret: true, required: false}
  client_id: {description: The app., required: false}
  client_secret: {description: The app's secret., secret: true, required: false}
  org: {description: The organisation., required: false}
auth:
  bearer: "{token}"
  header: {X-Org: "{org}"}
  oauth:
    authorize: https://crm.example.com/agree
    token: /oauth/token
    scopes: [read, write]
    form: {user_type: Location}
    account: {org: orgId}
resources:
  contact: {list: {call: GET /contacts, items: data}, fields: {givenName: name}}
""",
    "tiny.yaml",
)

SECRETS = {"client_secret": "app-s3cret"}

OAUTH: Account = replace(
    ACCOUNT, definition=DEFINITION, settings={"client_id": "app", "org": "acme"}, secrets=dict(SECRETS)
)

DAY = 86_400.0


@dataclass
class Memory:
    """A store of tokens; `before_renew` is what happens before something is put in it."""

    clock: FakeClock
    kept: Kept | None = None
    holder: str | None = None
    reads: int = 0
    log: list[str] = field(default_factory=list)
    before_renew: Callable[[], Awaitable[None]] | None = None

    async def read(self, source: str) -> Kept | None:
        self.reads += 1
        return self.kept

    async def connect(self, source: str, account: str, tokens: Tokens) -> None:
        version = 1 if self.kept is None else self.kept.version + 1
        self.kept, self.holder = Kept(tokens, version, account), None

    async def lease(self, source: str, version: int) -> bool:
        if self.kept is None or self.kept.version != version or self.kept.refused or self.holder:
            return False
        self.holder = "me"
        return True

    async def release(self, source: str, version: int) -> None:
        self.holder = None

    async def renew(self, source: str, version: int, tokens: Tokens) -> bool:
        if self.before_renew is not None:
            await self.before_renew()
        if self.kept is None or self.kept.version != version:
            return False
        self.log.append(f"stored {tokens.access}")
        self.kept, self.holder = Kept(tokens, version + 1, self.kept.account), None
        return True

    async def refuse(self, source: str, version: int, reason: str) -> bool:
        if self.kept is None or self.kept.version != version:
            return False
        self.kept, self.holder = replace(self.kept, refused=reason), None
        return True


Answer = Reply | Exception | Callable[[dict[str, str]], Reply]


def gives(access: str = "access-2", refresh: str | None = "refresh-2", lives: Any = DAY, **more: Any) -> Reply:
    """An answer with tokens."""
    told = {"access_token": access, "refresh_token": refresh, "expires_in": lives, **more}
    return Reply(200, content=orjson.dumps({name: value for name, value in told.items() if value is not None}))


@dataclass
class Giver:
    """A transport to where tokens are given: it answers in turn, the last answer again and again."""

    answers: list[Answer]
    asked: list[Asked] = field(default_factory=list)
    closed: bool = False

    async def exchange(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer(self.form()) if callable(answer) else answer

    async def aclose(self) -> None:
        self.closed = True

    def form(self, at: int = -1) -> dict[str, str]:
        """What was asked for, the last time."""
        return dict(parse_qsl((self.asked[at].body or b"").decode()))


def app(account: Account = OAUTH) -> App:
    spec = account.definition.spec.auth.oauth
    assert spec is not None
    return App(spec, account.base_url, account.texts())


@dataclass
class Stage:
    """A renewal with everything around it."""

    clock: FakeClock
    memory: Memory
    giver: Giver
    renewal: Renewal
    connected: list[str]


def stage(
    *answers: Answer, lives: float | None = DAY, refresh: str | None = "refresh-1", connected: bool = True
) -> Stage:
    """A source that was connected just now, with tokens that live so many seconds."""
    clock, giver, told = FakeClock(), Giver(list(answers) or [gives()]), []
    memory = Memory(clock)
    granting = Granting("sales", app(), giver, 10.0, clock)

    async def store() -> Memory:
        return memory

    def credential(access: str) -> Credential:
        return credential_of("sales", DEFINITION.spec.auth, OAUTH.texts(), access)

    if connected:
        renew, ends = granting._times(None if lives is None else _delta(lives), refresh is not None)
        memory.kept = Kept(Tokens("access-1", refresh, renew, ends), 1, "acme")
    renewal = Renewal("sales", store, granting, credential, told.append, clock, clock.sleep)
    return Stage(clock, memory, giver, renewal, told)


def _delta(seconds: float) -> Any:
    from datetime import timedelta

    return timedelta(seconds=seconds)
