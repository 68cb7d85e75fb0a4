"""What the tests run in processes of its own: `python -m tests.store.processes ROLE ARGUMENT ...`."""

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text
from tests.service.given import TinyCrm, at, definition
from tests.store.given import DONE, FAILED, UNKNOWN, plan

from crmgraph.connectors.exchange import Call, Reply
from crmgraph.service.auditing import Entry
from crmgraph.service.intents import Outcome, StepState
from crmgraph.service.ports import Tally
from crmgraph.service.syncing import Syncing
from crmgraph.sources.clock import SystemClock
from crmgraph.store.audit import DatabaseAudit
from crmgraph.store.database import Database
from crmgraph.store.journal import DatabaseJournal
from crmgraph.store.locks import DatabaseLocks
from crmgraph.store.replica import DatabaseReplica
from crmgraph.store.worker import beating, new_worker

ENDS = (DONE, UNKNOWN, FAILED, Outcome(StepState.REJECTED, reason="The CRM says no."))


@dataclass(frozen=True, slots=True)
class Tomorrow:
    """A clock for which every lease of today has run out."""

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(days=1)

    def monotonic(self) -> float:
        return 0.0


def say(*words: object) -> None:
    """Tell the parent what has been acknowledged; the line is out before anything else happens."""
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


async def open_it(url: str) -> None:
    """Open the store, which makes or migrates it."""
    database = Database(url)
    await database.read(lambda connection: connection.execute(text("SELECT 1")))
    await database.aclose()


async def count(url: str, counter: str, holders: str) -> None:
    """Raise the number in a file by one for each holder, all of them at once."""
    database, file = Database(url), Path(counter)
    locks = DatabaseLocks(database, new_worker(SystemClock(), os.urandom))

    def read() -> int:
        return int(file.read_text())

    def replace(number: int) -> None:
        file.write_text(str(number))

    async def one() -> None:
        async with locks.hold("sales", "r1", 50):
            number = read()
            await asyncio.sleep(0)  # Whoever could come in between does so here.
            replace(number + 1)

    await asyncio.gather(*(one() for _ in range(int(holders))))
    await database.aclose()


async def note(url: str, times: str) -> None:
    """Append to the audit log, one entry after the other."""
    database = Database(url)
    log = DatabaseAudit(database, new_worker(SystemClock(), os.urandom))
    for number in range(int(times)):
        await log.note(Entry(f"process {os.getpid()}", "note", "DONE", record=str(number)))
    await database.aclose()


async def write(url: str) -> None:
    """Write for ever, several at once, telling every acknowledgement, until killed."""
    journal = DatabaseJournal(Database(url), new_worker(SystemClock(), os.urandom))

    async def one(number: int) -> None:
        while True:
            id = await journal.open(plan("sales", "support"))
            say(id, "0", StepState.PLANNED)
            for step in range(2):
                await journal.sending(id, step)
                say(id, step, StepState.SENDING)
                outcome = ENDS[(number + step) % len(ENDS)]
                await journal.settled(id, step, outcome)
                say(id, step, outcome.state)

    await asyncio.gather(*map(one, range(3)))


async def recover(url: str) -> None:
    """Claim and settle whatever dead workers left behind, telling each."""
    database = Database(url)
    journal = DatabaseJournal(database, new_worker(Tomorrow(), os.urandom))
    say("ready")
    sys.stdin.readline()
    for left in await journal.unsettled():
        await asyncio.sleep(0)
        intent = await journal.claim(left.id)
        if intent is None:
            continue
        say(intent.id)
        for step in intent.steps:
            if step.state is StepState.PLANNED:
                await journal.settled(intent.id, step.number, FAILED)
            elif step.state is StepState.SENDING:
                await journal.settled(intent.id, step.number, UNKNOWN)
    await database.aclose()


class AskingCrm(TinyCrm):
    """A CRM that tells each page it is asked for, and answers when it is allowed to: by a line on standard input."""

    async def send(self, call: Call, tally: Tally) -> Reply:
        say("page", json.loads(call.body or b"{}")["page"])
        if not await asyncio.to_thread(sys.stdin.readline):
            await asyncio.Event().wait()  # Nobody allows anything any more.
        return await super().send(call, tally)


async def sync(url: str, people: str, lease: str) -> None:
    """Keep a replica of so many people true, as each worker of a server does, for ever."""
    database, worker = Database(url), new_worker(SystemClock(), os.urandom, timedelta(seconds=float(lease)))
    crm = AskingCrm("sales", definition("page", "createdAt asc", "none"))
    for number in range(int(people)):
        crm.put(f"c{number:03}", given=f"N{number}", created=at(number), updated=at(number))
    replica = DatabaseReplica(database, worker, "US")
    syncing = Syncing(replica, DatabaseLocks(database, worker), SystemClock())
    await replica.counts()
    say("ready")
    await asyncio.gather(syncing.keep([crm], 0.1), beating(database, worker, asyncio.sleep))


if __name__ == "__main__":
    role, *arguments = sys.argv[1:]
    asyncio.run({"count": count, "note": note, "write": write, "recover": recover, "sync": sync}[role](*arguments))
