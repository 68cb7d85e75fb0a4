"""Gateways inside this process, over upstreams in memory."""

from collections.abc import Mapping
from pathlib import Path

import httpx
import orjson

from bench.peers.gateway import LISTS, unlimited
from bench.people import OWNERS, owner, page
from bench.replaying import Replaying
from bench.simulated import crms
from crmgraph.app import App
from crmgraph.cli.building import building
from crmgraph.config.loading import load
from crmgraph.config.settings import Settings
from crmgraph.connectors import catalog
from crmgraph.demo import stage


def over_lists(folder: Path, count: int) -> App:
    """A gateway over plain lists of so many contacts."""
    owners = [owner(number) for number in range(1, OWNERS + 1)]

    def answered(request: httpx.Request) -> httpx.Response:
        asked = request.url.params
        told = page(int(asked.get("page", 1)), count) if request.url.path == "/contacts" else owners
        return httpx.Response(200, headers={"Content-Type": "application/json"}, content=orjson.dumps(told))

    replies = Replaying(httpx.MockTransport(answered))
    settings = _settings(folder, LISTS, {"BENCH_UPSTREAM": "http://127.0.0.1"} | unlimited("lists"))
    with building():  # As the server does.
        return App(settings, transport_for=lambda _: replies)


def over_crms(folder: Path) -> App:
    """A gateway over the four simulated CRMs."""
    simulated = crms()
    replies = {name: Replaying(httpx.ASGITransport(one.app)) for name, one in simulated.items()}
    environment = stage.environment(dict.fromkeys(simulated, "http://127.0.0.1"), simulated)
    for name in simulated:
        environment |= unlimited(name)
    settings = _settings(folder, stage.configuration(), environment)
    with building():
        return App(settings, transport_for=lambda account: replies[account.name])


def _settings(folder: Path, configuration: str, environment: Mapping[str, str]) -> Settings:
    path = folder / "crmgraph.yaml"
    path.write_text(configuration)
    return load(path, {**environment, **stage.store_in(folder)}, catalog)
