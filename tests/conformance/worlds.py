"""Every definition with a simulator behind it: found by itself, driven in process, nothing waits."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx

from crmgraph.connectors import catalog
from crmgraph.connectors.assembly import settings_of
from crmgraph.connectors.definition import Definition, Resource
from crmgraph.connectors.exchange import Call, Flow, Reply, Site
from crmgraph.connectors.flows import Reader, Wanted, batch_of, parents_of
from crmgraph.connectors.templates import fill
from crmgraph.demo.bigcontacts import bigcontacts
from crmgraph.demo.concord import concord
from crmgraph.demo.leadconnector import leadconnector
from crmgraph.demo.orgcrm import orgcrm
from crmgraph.demo.people import NOW, world
from crmgraph.domain.model import Kind
from crmgraph.domain.records import Record

TESTS = Path(__file__).parent.parent
FIFTH = sorted((TESTS / "fifth").glob("*.yaml"))

DEFINITIONS: dict[str, Definition] = {name: catalog.load(name, TESTS) for name in catalog.names()} | {
    path.stem: catalog.load(str(path), TESTS) for path in FIFTH
}

RESOURCES = [(name, resource) for name, one in DEFINITIONS.items() for resource in one.resources]
LISTS = [
    (name, resource, number)
    for name, one in DEFINITIONS.items()
    for resource in one.resources
    for number in range(len(one.resources[resource].listings))
]

PAGES = 300


def _simulated(name: str) -> tuple[Any, str, dict[str, str], dict[str, str]]:
    """The app, its base path, and the settings and secrets of an account."""
    people, clock = world(), lambda: NOW
    if name == "bigcontacts":
        made = bigcontacts(people, clock=clock)
        return made.app, "/api", {}, {"token": made.token}
    if name == "concord":
        made = concord(people, clock=clock, per_minute=100_000)
        return made.app, "/api", {}, {"token": made.token}
    if name == "orgcrm":
        made = orgcrm(people, clock=clock)
        return made.app, "/api/v1", {"org_id": "org-demo"}, {"token": made.token}
    if name == "leadconnector":
        made = leadconnector(people, clock=clock, rate_limit=100_000)
        told = {"location_id": "demoLocation00000001", "company_id": "demoCompany000000001"}
        return made.app, "", {**told, "timezone": "America/New_York"}, {"token": made.token}
    found: tuple[Any, str, dict[str, str], dict[str, str]] = import_module(f"tests.fifth.{name}").simulated()
    return found


@dataclass
class World:
    """One definition, its flows and what its CRM was asked."""

    name: str
    definition: Definition
    reader: Reader
    app: Any
    base: str
    headers: dict[str, str]
    secrets: dict[str, str]
    calls: list[Call] = field(default_factory=list)
    tables: dict[str, Any] = field(default_factory=dict)
    kept: dict[str, list[Record]] = field(default_factory=dict)

    async def run(self, flow: Flow[Any]) -> Any:
        """Drive a flow against the simulator."""
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url=f"http://simulator{self.base}") as client:
            try:
                call = next(flow)
                while True:
                    call = flow.send(await self._sent(client, call))
            except StopIteration as end:
                return end.value

    async def _sent(self, client: httpx.AsyncClient, call: Call) -> Reply:
        self.calls.append(call)
        headers = [*call.headers, *self.headers.items()]
        if call.body is not None:
            headers.append(("Content-Type", "application/json"))
        request = client.build_request(
            call.method, call.path, params=list(call.query), headers=headers, content=call.body
        )
        reply = await client.send(request)
        return Reply(reply.status_code, dict(reply.headers), reply.content)

    async def load_tables(self) -> None:
        """Have every vocabulary at hand."""
        for name in self.definition.tables:
            if name not in self.tables:
                self.tables[name] = await self.run(self.reader.table(name, PAGES))

    async def records(self, resource: Resource, items: Iterable[Any], parent: str | None = None) -> list[Record]:
        """Raw items as records, those that belong to the resource."""
        await self.load_tables()
        return [
            resource.record(item, self.name, self.tables, NOW, parent=parent)
            for item in items
            if resource.belongs(item)
        ]

    async def some(self, resource: Resource) -> list[Record]:
        """What the resource holds: its first list, or what hangs on the first contacts where it has none."""
        if resource.name not in self.kept:
            self.kept[resource.name] = await self._found(resource)
        return self.kept[resource.name]

    async def _found(self, resource: Resource) -> list[Record]:
        if resource.listings:
            page = await self.run(self.reader.whole(resource.listings[0], PAGES, Wanted(), resource))
            return await self.records(resource, page.items)
        found: list[Record] = []
        for contact in (await self.contacts())[:12]:
            found += await self.hanging(resource, Kind.CONTACT, contact.ref.id)
        return found

    async def hanging(self, resource: Resource, kind: Kind, parent: str) -> list[Record]:
        page = await self.run(self.reader.of(resource, kind, [parent], PAGES))
        alone = parent if parents_of(resource, kind) == 1 else None
        return await self.records(resource, page.items, alone)

    async def contacts(self) -> list[Record]:
        return await self.some(self.definition.resources["contact"])

    async def many(self, resource: Resource, idents: Sequence[str]) -> list[Record]:
        size = batch_of(resource)
        items: list[Any] = []
        for at in range(0, len(idents), size):
            items += await self.run(self.reader.many(resource, idents[at : at + size]))
        return await self.records(resource, items)


_WORLDS: dict[str, World] = {}


def world_of(name: str) -> World:
    """The world of a definition, made once."""
    if name not in _WORLDS:
        _WORLDS[name] = fresh_world(name)
    return _WORLDS[name]


def fresh_world(name: str) -> World:
    """A world of its own, for tests that change it."""
    definition = DEFINITIONS[name]
    app, base, given, secrets = _simulated(name)
    settings = settings_of(definition, given)
    auth = definition.spec.auth
    headers: dict[str, str] = fill(auth.header, secrets)
    if auth.bearer is not None:
        headers["Authorization"] = f"Bearer {fill(auth.bearer, secrets)}"
    reader = Reader(definition, Site(name, "", settings))
    made = World(name, definition, reader, app, base, headers, secrets)
    made.tables["settings"] = {**settings, "source": name}
    return made
