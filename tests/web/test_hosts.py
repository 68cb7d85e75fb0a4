"""A server on this machine alone answers to this machine's names alone."""

import httpx
import pytest
from tests.web.tiny import TinyGraph

from crmgraph.web.app import create
from crmgraph.web.hosts import LOOPBACK, is_loopback, name_of


def client(host: str) -> httpx.AsyncClient:
    app = create(TinyGraph(), lambda: {"ready": True}, hosts=LOOPBACK)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=f"http://{host}")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8000", "[::1]:8000", "LOCALHOST:1"])
async def test_this_machines_own_names_are_answered(host: str) -> None:
    async with client("127.0.0.1") as asking:
        assert (await asking.get("/livez", headers={"host": host})).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "localhost.evil.example:8000"])
async def test_a_foreign_name_that_leads_here_is_refused(host: str) -> None:
    """A page in a browser cannot read the CRMs by giving its own name our address."""
    async with client("127.0.0.1") as asking:
        reply = await asking.get("/livez", headers={"host": host})
    assert reply.status_code == 400
    assert "answers to 127.0.0.1, ::1, localhost only" in reply.json()["errors"][0]["message"]


def test_a_host_is_read_without_its_port() -> None:
    assert [name_of(host) for host in ("A.example:1", "[::1]:2", "a")] == ["a.example", "::1", "a"]


def test_what_is_reached_from_here_alone_is_known() -> None:
    assert [is_loopback(host) for host in ("127.0.0.2", "localhost", "0.0.0.0", "10.0.0.1")] == [
        True,
        True,
        False,
        False,
    ]
