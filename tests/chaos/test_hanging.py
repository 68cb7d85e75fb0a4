"""What one hanging call must not lead to: acknowledged writes undone by it, sources that an answer forgets."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from tests.chaos.asking import PATIENCE, Client
from tests.chaos.gateway import Gateway, settings
from tests.chaos.history import DONE, Asked, Heard
from tests.chaos.operations import introduction
from tests.chaos.parallel import tag
from tests.chaos.records import held
from tests.chaos.running import LAG

from crmgraph.demo import stage
from crmgraph.demo.faults import Fault
from crmgraph.demo.serving import serving
from crmgraph.demo.simulator import Simulator

TIMEOUT = 1.0
"""Seconds that the gateway gives one call."""

CARRIED_OUT = 1.5
"""Seconds after which a hanging one is carried out: its caller has gone by then."""


@dataclass
class Hanging:
    """Lets the first call of a kind hang: `arrived` is set once it has come."""

    method: str
    prefix: str
    applied: bool
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def __call__(self, method: str, path: str) -> Fault | None:
        if method != self.method or not path.startswith(self.prefix) or self.arrived.is_set():
            return None
        self.arrived.set()
        return Fault("hang", seconds=CARRIED_OUT, applied=self.applied)


@dataclass(frozen=True, slots=True)
class Scene:
    """A gateway over CRMs that are at hand, and somebody whom all of them know."""

    crms: Mapping[str, Simulator]
    client: Client
    id: str
    email: str


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    crms = stage.simulators()
    apps = {name: crm.app for name, crm in crms.items()}
    async with serving(apps) as urls, httpx.AsyncClient(trust_env=False, timeout=PATIENCE) as http:
        gateway = Gateway(tmp_path, {**stage.environment(urls, crms), **settings(PATIENCE, TIMEOUT)})
        try:
            await gateway.start()
            client, known = Client(gateway, http), Heard(introduction(0))
            id = (await client.ask(known, "contact { id }"))["contact"]["id"]
            await asyncio.sleep(LAG)
            yield Scene(crms, client, id, known.asked.email)
        finally:
            await gateway.kill()


@pytest.mark.parametrize(
    ("source", "call"), [("bigcontacts", ("PUT", "/api/contact/")), ("concord", ("PUT", "/api/contacts/"))]
)
async def test_a_late_write_of_one_caller_undoes_no_acknowledged_write_of_another(
    scene: Scene, source: str, call: tuple[str, str]
) -> None:
    hanging = Hanging(*call, applied=True)
    scene.crms[source].faults.choose(hanging)
    first, later = (Heard(tag(f"mark-{number}", scene.id, scene.email)) for number in range(2))
    asking = asyncio.create_task(scene.client.ask(first))
    await hanging.arrived.wait()
    await asyncio.gather(asking, scene.client.ask(later))
    await asyncio.sleep(CARRIED_OUT)
    [record] = [one for one in held(scene.crms) if one.source == source and scene.email in one.emails]
    told = {one.outcome for one in later.answers[0] if one.source == source}
    assert "mark-1" in record.values["tags"] or not told & DONE


async def test_whoever_asks_again_after_an_unknown_outcome_is_told_of_every_source(scene: Scene) -> None:
    scene.crms["concord"].faults.choose(Hanging("PUT", "/api/contacts/", applied=False))
    sent = {"id": scene.id, "jobTitle": "mark-0", "idempotencyKey": "key-0"}
    heard = Heard(Asked("mark-0", "updateContact", scene.email, {"title": "mark-0"}, sent, "key-0"))
    await scene.client.ask(heard)
    while len(heard.answers) < 2:
        await asyncio.sleep(1)
        await scene.client.ask(heard)
    first, again = ({one.source: one.outcome for one in answer} for answer in heard.answers)
    assert first["concord"] == "UNKNOWN"
    assert again == {**first, "concord": "FAILED"}
