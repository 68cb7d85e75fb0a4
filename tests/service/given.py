"""What these tests are given: small CRMs in memory, each with its own way of paging and of finding, and a clock."""

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import orjson

from crmgraph.connectors.catalog import read
from crmgraph.connectors.definition import Definition
from crmgraph.connectors.exchange import Call, Reply, Site
from crmgraph.connectors.flows import Reader
from crmgraph.domain.errors import Unavailable
from crmgraph.service.breakers import BreakerStatus
from crmgraph.service.cursors import Seal
from crmgraph.service.custom import CustomFields
from crmgraph.service.freshness import Remembered
from crmgraph.service.identity import Identity, IdentityRules
from crmgraph.service.index import MemoryIndex
from crmgraph.service.judging import Ask, Judging, nobody
from crmgraph.service.likeness import Likeness
from crmgraph.service.lists import Budget, Listed, Lists
from crmgraph.service.lookup import Lookup
from crmgraph.service.ports import Quota, SourceHealth, Tally
from crmgraph.service.resolver import Resolver
from crmgraph.service.session import Session
from crmgraph.service.staff import Staff

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)

PAGES = {
    "page": "{style: page, size: 3, params: {page: '{page}', size: '{size}'}, ends_short: true}",
    "offset": "{style: offset, size: 4, params: {offset: '{offset}', size: '{size}'}, ends_short: true}",
    "cursor": "{style: cursor, size: 4, params: {size: '{size}'}, next: {after: last.token}, ends_short: true}",
    "long cursor": "{style: cursor, size: 50, params: {size: '{size}'}, next: {after: last.token}, ends_short: true}",
}

_TEMPLATE = """
name: tiny
title: Tiny CRM
resources:
  contact:
    list:
      call: POST /search
      body: {{}}
      items: items
      {total}
      pages: {pages}
      {natural}
      text: {{text: "{{text}}"}}
      order:
        createdAt: {{asc: {{sort: created}}, desc: {{sort: -created}}}}
        updatedAt: {{asc: {{sort: updated}}, desc: {{sort: -updated}}}}
      filter:
        style: tree
        into: filters
        both: {{all: "{{items}}"}}
        either: {{any: "{{items}}"}}
        condition: {{name: "{{name}}", value: "{{value}}"}}
        fields:
          id: {{name: id, ops: {{eq: eq}}}}
          emails: {{name: emails, ops: {{find: eq}}}}
          phones: {{name: phones, ops: {{find: eq}}}}
    get: {{call: "GET /contacts/{{id}}", item: ""}}
    {find}
    {only}
    fields:
      givenName: given
      familyName: family
      fullName: full
      emails: emails
      phones: phones
      jobTitle: job
      createdAt: created
      updatedAt: updated
"""

FINDS = {
    "batched": "find: {email: {through: list, max: 2}, phone: {through: list, max: 2}}",
    "single": (
        "find: {email: {call: GET /find, query: {emails: '{value}'}, items: items},"
        " phone: {call: GET /find, query: {phones: '{value}'}, items: items}}"
    ),
    "none": "",
}


@lru_cache
def definition(style: str, natural: str | None, find: str, total: bool = True, only: bool = False) -> Definition:
    """A small CRM's definition: its paging, the order it comes in unasked, and how it finds people by key."""
    text = _TEMPLATE.format(
        pages=PAGES[style],
        natural=f"natural: {natural}" if natural else "",
        find=FINDS[find],
        total="total: total" if total else "",
        only="only: {path: hidden, not_in: [true]}" if only else "",
    )
    return read(text, "tiny.yaml")


class FakeClock:
    """Time passes only when somebody turns the clock."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> datetime:
        return BEGAN + timedelta(seconds=self.time)

    def monotonic(self) -> float:
        return self.time


@dataclass(repr=False)
class TinyCrm:
    """A CRM in memory, and the source that calls it. `down` fails every call, `hiccups` the next so many."""

    name: str
    definition: Definition
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    down: bool = False
    hiccups: int = 0
    calls: list[Call] = field(default_factory=list)
    tables: MutableMapping[str, Mapping[str, Any]] = field(default_factory=dict)
    memory: dict[Call, Remembered] = field(default_factory=dict)
    before_each: Callable[[Call], None] = lambda call: None

    def __repr__(self) -> str:
        listing = self.definition.resources["contact"].listings[0]
        style = listing.pages.style if listing.pages else "none"
        return f"TinyCrm({self.name}, {style}, {listing.natural}, {list(self.rows.values())})"

    @property
    def reader(self) -> Reader:
        return Reader(self.definition, Site(self.name, settings=self.settings))

    @property
    def settings(self) -> Mapping[str, str]:
        return {"source": self.name}

    @property
    def mark(self) -> int:
        return 0

    @property
    def health(self) -> SourceHealth:
        return SourceHealth.UNKNOWN

    @property
    def quota(self) -> Sequence[Quota]:
        return ()

    @property
    def breaker(self) -> BreakerStatus | None:
        return None

    @property
    def last_success(self) -> datetime | None:
        return None

    def put(self, ident: str, **row: Any) -> None:
        """Keep a contact."""
        self.rows[ident] = {"id": ident, "emails": [], "phones": [], **row}

    async def send(self, call: Call, tally: Tally) -> Reply:
        tally.made()
        self.before_each(call)
        self.calls.append(call)
        if self.down or self.hiccups > 0:
            self.hiccups -= 1
            raise Unavailable(self.name, f"{self.name} did not answer.")
        return self.answer(call)

    async def read(self, call: Call, tally: Tally) -> Reply:
        return await self.send(call, tally)

    def kept(self, call: Call) -> Remembered | None:
        return self.memory.get(call)

    def forget(self, vocabularies: bool = False) -> None:
        """It shares and keeps nothing."""

    def answer(self, call: Call) -> Reply:
        if call.path.startswith("/contacts/"):
            row = self.rows.get(call.path.rpartition("/")[2])
            return _reply(404, {"message": "gone"}) if row is None else _reply(200, row)
        if call.path == "/find":
            ((name, value),) = call.query
            return _reply(200, {"items": [row for row in self.rows.values() if value in row[name]]})
        return self._search(orjson.loads(call.body or b"{}"))

    def _search(self, asked: Mapping[str, Any]) -> Reply:
        rows = [row for row in self._sorted(asked) if all(_fits(row, one) for one in asked.get("filters", ()))]
        rows = [row for row in rows if asked.get("text", "") in row.get("job", "")]
        size, at = int(asked["size"]), 0
        if "page" in asked:
            at = (int(asked["page"]) - 1) * size
        elif "offset" in asked:
            at = int(asked["offset"])
        elif "after" in asked:
            # As those do that go on from a record: behind it in the order, whether it is still there or not.
            order = self._order(asked)
            behind = (i for i, row in enumerate(rows) if _behind(self._token(row, asked), asked["after"], order))
            at = next(behind, len(rows))
        items = [{**row, "token": self._token(row, asked)} for row in rows[at : at + size]]
        return _reply(200, {"items": items, "total": len(rows)})

    def _sorted(self, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
        order = self._order(asked)
        if order is None:
            return list(reversed(self.rows.values()))
        name = order.removeprefix("-")
        return sorted(self.rows.values(), key=lambda row: (row[name], row["id"]), reverse=order.startswith("-"))

    def _order(self, asked: Mapping[str, Any]) -> str | None:
        natural = self.definition.resources["contact"].listings[0].natural
        unasked = None if natural is None else ("-" if natural.endswith("desc") else "") + "created"
        said: str | None = asked.get("sort", unasked)
        return said

    def _token(self, row: Mapping[str, Any], asked: Mapping[str, Any]) -> list[Any]:
        order = self._order(asked)
        return [row[order.removeprefix("-")] if order else row["at"], row["id"]]


def _behind(token: Any, after: Any, order: str | None) -> bool:
    descending = order is None or order.startswith("-")
    return bool(token < after if descending else token > after)


def _fits(row: Mapping[str, Any], condition: Mapping[str, Any]) -> bool:
    if "any" in condition:
        return any(_fits(row, one) for one in condition["any"])
    held = row[condition["name"]]
    return condition["value"] in held if isinstance(held, list) else condition["value"] == held


def _reply(status: int, body: Any) -> Reply:
    return Reply(status, {}, orjson.dumps(body))


@dataclass
class Office:
    """Several CRMs, most trusted first, with what outlives a request."""

    crms: Sequence[TinyCrm]
    clock: FakeClock = field(default_factory=FakeClock)
    index: MemoryIndex = field(default_factory=MemoryIndex)
    budget: Budget = field(default_factory=Budget)
    rules: IdentityRules = field(default_factory=IdentityRules)
    judging: Ask = nobody
    nonces: int = 0
    key: bytes = b"k"

    def __post_init__(self) -> None:
        self.resolver = Resolver(self.rules.policy, self.index, Judging(self.clock, self.judging), len(self.crms))

    def session(self) -> Session:
        """A request's view."""
        return Session(self.crms, self.clock, self.clock.monotonic() + 60)

    def identity(self, session: Session) -> Identity:
        likeness = Likeness(self.index, self.resolver, self.rules.max_shared)
        return Identity(session, Lookup(session), likeness, self.rules)

    def lists(self, session: Session) -> Lists:
        identity = self.identity(session)
        seal = Seal(self.key, self.random)
        return Lists(
            session,
            identity,
            Staff(session, identity.lookup, 10),
            seal,
            CustomFields({}),
            self.budget,
            self.rules.region,
        )

    def random(self, count: int) -> bytes:
        self.nonces += 1
        return self.nonces.to_bytes(count, "big")


def at(seconds: float) -> str:
    """A moment after the beginning, as a CRM writes it."""
    return (BEGAN + timedelta(seconds=seconds)).isoformat()


def behind(listed: Listed) -> str | None:
    """The cursor to go on from behind a page."""
    return None if listed.end is None else listed.end.text
