"""What the harness itself does: calls that fail as often as asked, programs that die, records as the CRMs hold them."""

from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import httpx
import pytest
from tests.chaos.crms import crms
from tests.chaos.faulting import ANYWHERE, REFUSED, Storm
from tests.chaos.gateway import Gateway, settings
from tests.chaos.operations import SOURCES, Known, introduction, operations
from tests.chaos.programs import Gone
from tests.chaos.records import held
from tests.chaos.simulated import Simulated, simulated


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Simulated]:
    """The CRMs in their own process."""
    async with simulated(tmp_path) as found:
        yield found


def test_a_storm_fails_the_share_that_it_is_told_in_every_way() -> None:
    storm = Storm("leadconnector", 0.4, Random(7))
    struck = [storm("POST", "/contacts/") for _ in range(10_000)]
    assert 0.38 < sum(fault is not None for fault in struck) / len(struck) < 0.42
    assert set(storm.counts) == {"calls", *ANYWHERE, *REFUSED}
    assert {fault.seconds <= 2 for fault in struck if fault is not None} == {True}


@pytest.mark.parametrize(
    ("source", "call"),
    [
        ("leadconnector", ("POST", "/contacts/search")),
        ("leadconnector", ("GET", "/contacts/")),
        ("orgcrm", ("POST", "/contacts/")),
    ],
)
def test_only_creates_of_leadconnector_are_refused_and_done(source: str, call: tuple[str, str]) -> None:
    storm = Storm(source, 1.0, Random(7))
    assert {fault and fault.mode for fault in (storm(*call) for _ in range(500))} == {
        "reset",
        "hang",
        "truncate",
    }


def test_a_storm_is_the_same_for_the_same_seed() -> None:
    first, second = (Storm("concord", 0.4, Random(7)) for _ in range(2))
    assert [first("GET", "/x") for _ in range(99)] == [second("GET", "/x") for _ in range(99)]


def test_operations_have_marks_of_their_own_and_are_the_same_for_the_same_seed() -> None:
    known = [Known("id", "known-0000@chaos.example.net")]
    drawn = operations(500, known, Random(7))
    assert drawn == operations(500, known, Random(7))
    assert len({one.mark for one in drawn}) == 500
    assert {one.mutation for one in drawn} == {"createContact", "addTags", "updateContact"}
    assert 0.4 < sum(one.key is not None for one in drawn) / 500 < 0.6


def test_every_crm_is_read_in_the_same_words() -> None:
    records = held(crms())
    assert {record.source for record in records} == set(SOURCES)
    [found] = [one for one in records if one.source == "bigcontacts" and one.id == "40010"]
    assert found.values == {
        "name": "Maria Fernandez-Oliveira",
        "title": "VP Engineering",
        "tags": ["vip", "newsletter", "beta tester"],
    }
    assert all(set(record.values) >= {"name", "tags"} for record in records)


async def test_the_crms_run_apart_and_fail_only_in_a_storm(served: Simulated) -> None:
    url = served.environment["DEMO_ORGCRM"] + "/api/v1/contacts"
    headers = {"Authorization": f"Bearer {served.environment['DEMO_ORGCRM_TOKEN']}", "X-Org-Id": "org-demo"}
    async with httpx.AsyncClient(trust_env=False, headers=headers, timeout=0.2) as client:
        assert (await client.get(url)).status_code == 200
        await served.storm(7, 1.0)
        with pytest.raises((httpx.TransportError, httpx.TimeoutException)):
            await client.get(url)
        await served.calm()
        assert (await client.get(url)).status_code == 200
    counts = await served.counts()
    assert counts["calls"] == 1
    assert sum(counts.values()) == 2


async def test_a_gateway_that_was_killed_is_started_anew_elsewhere(tmp_path: Path, served: Simulated) -> None:
    gateway = Gateway(tmp_path, {**served.environment, **settings(10)})
    urls = []
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        for _ in range(2):
            await gateway.start()
            urls.append(await gateway.url())
            assert (await client.get(f"{urls[-1]}/livez")).status_code == 200
            await gateway.kill()
            with pytest.raises(httpx.TransportError):
                await client.get(f"{urls[-1]}/livez")
    assert len(set(urls)) == 2


async def test_a_program_that_ends_at_once_is_told_with_where_it_complained(tmp_path: Path) -> None:
    gateway = Gateway(tmp_path, {})
    with pytest.raises(Gone, match=r"gateway\.log"):
        await gateway.start()
    await gateway.kill()
    assert "DEMO_" in (tmp_path / "gateway.log").read_text()


async def test_a_gateway_that_forgets_has_a_store_of_its_own_each_time(tmp_path: Path) -> None:
    gateway = Gateway(tmp_path, {}, forgets=True)
    stores = []
    for _ in range(2):
        with pytest.raises(Gone):
            await gateway.start()
        stores.append(gateway.store)
        await gateway.kill()
    assert len(set(stores)) == 2


def test_an_introduction_goes_everywhere() -> None:
    assert introduction(1).input["sources"] == list(SOURCES)
