"""Several workers with one replica: one of them reads a source, and when it dies another goes on where it was."""

import asyncio
import subprocess

from tests.store.given import Crew
from tests.store.test_crashes import started

from crmgraph.domain.model import Kind
from crmgraph.service.replica import Question
from crmgraph.store.database import Database
from crmgraph.store.replica import DatabaseReplica

PEOPLE, PAGES = 10, 4
"""The CRM gives three to a page."""

LEASE = "1.5"
"""Seconds after which a worker that says nothing is taken for dead."""


def told(process: "subprocess.Popen[str]") -> str:
    """The next line that a process says."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def allow(process: "subprocess.Popen[str]") -> None:
    """Have its CRM answer the call that it has told."""
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def working(url: str) -> "subprocess.Popen[str]":
    process = started("sync", url, str(PEOPLE), LEASE)
    assert told(process) == "ready"
    return process


async def held(url: str) -> list[str]:
    """Whom the replica holds."""
    database = Database(url)
    page = await DatabaseReplica(database, Crew().worker(), "US").page(Question("sales", Kind.CONTACT, 100))
    await database.aclose()
    return [row.ref.id for row in page.rows]


def test_one_worker_reads_and_another_goes_on_when_it_dies(url: str) -> None:
    """Nobody asks beside the one who reads, and no page that was kept is asked for again."""
    with working(url) as leader:
        assert told(leader) == "page 1"
        with working(url) as other:
            allow(leader)
            assert told(leader) == "page 2"
            leader.kill()
            for page in range(2, PAGES + 1):
                assert told(other) == f"page {page}"
                allow(other)
            # The first page of the next reading is asked for when everything of this one is kept.
            assert told(other) == "page 1"
            assert sorted(asyncio.run(held(url))) == [f"c{number:03}" for number in range(PEOPLE)]
            other.kill()
