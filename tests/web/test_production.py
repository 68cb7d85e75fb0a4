"""A gateway in production, as it is put together: no console, no schema, and health that says why."""

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
from tests.api.staged import settings_for

from crmgraph.app import App
from crmgraph.demo import stage
from crmgraph.service.admission import Room
from crmgraph.service.errands import Urgency

NAMES = ("leadconnector", "concord", "bigcontacts", "orgcrm")


@pytest.fixture
async def app() -> AsyncIterator[App]:
    settings = settings_for(stage.simulators())
    server = replace(settings.server, console=False, room=Room(1, 0, 1.0), cors=("https://app.example.com",), batch=2)
    found = App(replace(settings, production=True, server=server))
    yield found
    await found.aclose()


@pytest.fixture
async def http(app: App) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app.web())
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as found:
        yield found


async def test_the_schema_and_the_console_are_not_there(http: httpx.AsyncClient) -> None:
    asked = [{"query": "{ __schema { queryType { name } } }"}, {"query": "{ contcts { nodes { id } } }"}]
    schema, mistake = (await http.post("/graphql", json=asked)).json()
    assert "does not tell its schema" in schema["errors"][0]["message"]
    assert mistake["errors"][0]["message"] == "Cannot query field 'contcts' on type 'Query'."
    assert (await http.get("/")).status_code == 404


async def test_where_there_is_no_room_it_is_told_with_a_time_and_the_health_checks_go_on(
    app: App, http: httpx.AsyncClient
) -> None:
    async with app.entrance.enter(Urgency.INTERACTIVE, 1.0):
        response = await http.post(
            "/graphql", json={"query": "{ __typename }"}, headers={"origin": "https://app.example.com"}
        )
        assert (response.status_code, response.headers["retry-after"]) == (503, "1")
        assert response.headers["access-control-allow-origin"] == "https://app.example.com"
        assert [(await http.get(path)).status_code for path in ("/livez", "/readyz")] == [200, 200]
    assert (await http.post("/graphql", json={"query": "{ __typename }"})).status_code == 200


async def test_who_is_stopping_says_so(app: App, http: httpx.AsyncClient) -> None:
    assert (await http.get("/readyz")).json()["ready"] is True
    app.stop_soon()
    response = await http.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {"ready": False, "why": "stopping", "sources": dict.fromkeys(NAMES, "UNKNOWN")}
