"""Forgetting a person: nothing of what they are known by is left in any table, nor in the bytes of the file."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import orjson
import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from tests.store.given import NOON, Crew
from tests.store.test_replica import REGION, contact

from crmgraph.domain.judgements import Different, Pin, Same
from crmgraph.domain.model import Custom, Email, Phone
from crmgraph.domain.names import person_name
from crmgraph.domain.profiles import Profile
from crmgraph.domain.records import Record, Ref
from crmgraph.service.auditing import Entry, verified
from crmgraph.service.events import Event
from crmgraph.service.forgetting import Traces, traces
from crmgraph.service.notices import Notice
from crmgraph.service.writing.results import Result, WriteOutcome, to_json
from crmgraph.store import tables
from crmgraph.store.audit import DatabaseAudit
from crmgraph.store.database import Database
from crmgraph.store.events import DatabaseEvents
from crmgraph.store.forgetting import DatabaseForgetting
from crmgraph.store.judgements import DatabaseJudgements
from crmgraph.store.notices import DatabaseNotices
from crmgraph.store.replica import DatabaseReplica
from crmgraph.store.tables import metadata
from crmgraph.store.vault import Vault

MAIL, PHONE, NAME = "Zephyrine.Quillfeather@canary.example", "+1 (415) 555-0199", "Zephyrine Quillfeather"
NOTE = "likes canaries-in-coal-mines жюъ"
REF = Ref("sales", "contact", "canary-0001")
CANARIES = ("uillfeather", "canary.example", "4155550199", "555-0199", "canaries-in-coal-mines", "жюъ")
"""The last is a piece of a text, as an index of pieces holds it."""

OTHER = Ref("sales", "contact", "other-0002")
THIRD = Ref("desk", "contact", "third-0003")


def people() -> list[Record]:
    said: dict[str, Any] = {
        "fullName": NAME,
        "emails": (Email(MAIL),),
        "phones": (Phone(PHONE),),
        "customFields": (Custom("note", NOTE),),
    }
    other = contact(OTHER.id, fullName="Anna Kovacs", emails=(Email("anna@kovacs.example"),))
    return [contact(REF.id, **said), other]


WHO: Traces = traces([REF], [MAIL], [PHONE], [NAME])
TOLD = to_json([Result("sales", "contact", WriteOutcome.DONE, REF.id)])
SAID = orjson.dumps({"note": NOTE, "email": MAIL.upper(), "phone": "415.555.0199"})


def rows() -> Mapping[str, Mapping[str, Any]]:
    """A row with something of theirs for every table that may hold any."""
    lease = {"lease_until": NOON, "holder": None}
    step = {"number": 0, "source": "sales", "resource": "contact", "action": "update", "attempts": 1}
    end = {"of_source": "sales", "of_resource": "contact", "of_id": REF.id}
    return {
        "intents": {"id": "i1", "caller": "ada", "mutation": "m", "input": SAID, "created_at": NOON, "settled_at": NOON}
        | lease,
        "steps": step
        | {"intent": "i1", "target": REF.id, "clue": SAID, "state": "DONE", "record": REF.id, "reason": NAME}
        | {"told": TOLD, "changed_at": NOON},
        "idempotency": {"caller": "ada", "key": "k", "digest": b"d", "payload": TOLD, "expires_at": NOON} | lease,
        "imports": {"id": "m1", "caller": "ada", "plan": b"{}", "total": 1, "state": "DONE", "created_at": NOON}
        | {"reason": f"{MAIL} was refused."}
        | lease,
        "import_rows": {"import_id": "m1", "number": 0, "row": SAID},
        "import_parts": {"import_id": "m1", "source": "sales", "number": 0, "attempts": 1, "outcome": "DONE"}
        | {"results": TOLD},
        "events": {"source": "sales", "number": 1, "delivery": "d", "type": "t", "at": NOON, "resource": "contact"}
        | {"record": REF.id, "gone": False, "sealed": False, "payload": SAID, "kept_at": NOON},
        "rule_links": {"rule": "r", **end, "to_source": "b", "to_resource": "contact", "to_id": "9"}
        | {"said": SAID, "brought": b"{}"},
        "rule_marks": {"rule": "r", "digest": "d", "standing": orjson.dumps({"key": NAME}), "clean": True},
        "judgements": {"number": 1, "verdict": "PIN", "source": "sales", "resource": "contact", "record": REF.id}
        | {"who": "ada", "at": NOON, "sealed": False, "payload": SAID},
        "person_records": {"source": "sales", "resource": "contact", "record": REF.id, "parent": "", "person": "p"},
        "person_former": {"source": "sales", "resource": "contact", "record": REF.id, "parent": "", "person": "o"},
        "locks": {"source": "sales", "record": MAIL, "fence": 1} | lease,
        "notices": {"number": 1, "worker": "w", "told_at": NOON}
        | {"notice": msgspec.json.encode(Notice(REF, profile=Profile(REF, person_name(None, None, NAME))))},
    }


@pytest.fixture
async def planted(database: Database, crew: Crew) -> Database:
    """A store full of them."""
    await DatabaseReplica(database, crew.worker(), REGION).take(people())

    async def work(connection: AsyncConnection) -> None:
        for name, row in rows().items():
            await connection.execute(insert(metadata.tables[name]).values(**row))

    await database.write(work)
    await DatabaseAudit(database, crew.worker()).note(Entry("ada", "m", "DONE", "sales", "contact", "update", REF.id))
    return database


def vault(crew: Crew, *keys: str) -> Vault:
    return Vault({name: (name.encode() * 32)[:32] for name in keys}, crew.random)


def erasing(database: Database, crew: Crew, *keys: str) -> DatabaseForgetting:
    worker = crew.worker()
    return DatabaseForgetting(database, worker, DatabaseReplica(database, worker, REGION), vault(crew, *keys))


async def left(database: Database) -> list[str]:
    """The tables in which something of theirs is."""

    async def work(connection: AsyncConnection) -> list[str]:
        found = [
            (table.name, repr((await connection.execute(select(table))).all())) for table in metadata.sorted_tables
        ]
        return [name for name, held in found if any(one in held for one in CANARIES)]

    return await database.read(work)


async def test_nothing_is_left_in_any_table_and_the_log_is_still_whole(planted: Database, crew: Crew) -> None:
    assert len(await left(planted)) >= len(rows()) - 3
    done = await erasing(planted, crew).forget(WHO)
    assert await left(planted) == []
    expected = {*rows(), "replica_records", "replica_contacts", "replica_keys", "replica_customs", "replica_raws"}
    assert (set(done.counts), done.open) == (expected, 0)
    head = await verified(DatabaseAudit(planted, crew.worker()))
    assert head.number == 1


async def test_others_stay(planted: Database, crew: Crew) -> None:
    await erasing(planted, crew).forget(WHO)
    replica = DatabaseReplica(planted, crew.worker(), REGION)
    assert list(await replica.by_refs([REF, OTHER])) == [OTHER]


async def test_a_key_still_does_nothing_twice(planted: Database, crew: Crew) -> None:
    await erasing(planted, crew).forget(WHO)
    kept = select(tables.idempotency.c.payload)
    payload = (await planted.read(lambda connection: connection.execute(kept))).scalar_one()
    assert bytes(payload) == to_json([Result("sales", "contact", WriteOutcome.DONE)])


async def test_what_is_under_way_about_them_stays_and_is_told(planted: Database, crew: Crew) -> None:
    opened = update(tables.intents).values(settled_at=None)
    await planted.write(lambda connection: connection.execute(opened))
    done = await erasing(planted, crew).forget(WHO)
    assert done.open == 1
    assert await left(planted) == ["intents", "steps"]


@pytest.mark.parametrize("keys", [(), ("k",)])
async def test_a_reason_that_quotes_them_goes_and_what_was_judged_of_others_stays(
    database: Database, crew: Crew, keys: Sequence[str]
) -> None:
    """With a vault as without one."""
    sealing = vault(crew, *keys) if keys else None
    judgements, listening = DatabaseJudgements(database, crew.worker(), sealing), crew.worker()
    other = DatabaseJudgements(database, listening, sealing)
    notices = DatabaseNotices(database, listening, [other])
    await notices.heard()
    await judgements.say(Different(THIRD, OTHER), "ada", f"One of them works for {NAME}.")
    await judgements.say(Pin(OTHER, "jobTitle", "Keeper"), "ada", f"See the mail of {MAIL}.")
    await judgements.say(Pin(OTHER, "companyName", NAME), "ada")
    await judgements.say(Same(OTHER, REF), "ada", "They say so.")
    await judgements.say(Pin(THIRD, "jobTitle", "Miner"), "ada", "A canary told me.")
    assert len(await other.all()) == 5
    done = await erasing(database, crew, *keys).forget(WHO)
    assert (done.counts["judgements"], done.shut) == (4, 0)
    await notices.heard()
    judgements.doubt()
    left = [(1, Different(THIRD, OTHER), None), (2, Pin(OTHER, "jobTitle", "Keeper"), None)]
    left += [(5, Pin(THIRD, "jobTitle", "Miner"), "A canary told me.")]
    for worker in (judgements, other):
        assert [(one.number, one.saying, one.why) for one in await worker.all()] == left
    assert (await judgements.say(Same(OTHER, THIRD), "ada")).number == 6, "No number is given twice."


async def test_a_sealed_event_that_tells_of_them_goes_and_others_stay(database: Database, crew: Crew) -> None:
    events = DatabaseEvents(database, crew.worker(), vault(crew, "k"))
    for number, (ref, said) in enumerate([(OTHER, {"note": f"Met {NAME}."}), (OTHER, {}), (REF, {})]):
        await events.keep(Event(ref, "changed", f"d{number}", NOON, False, orjson.dumps(said)), [])
    done = await erasing(database, crew, "k").forget(WHO)
    assert (dict(done.counts), done.shut) == ({"events": 2}, 0)
    assert [one.number for one in await events.after("sales", 0, 10)] == [2]


async def test_what_does_not_open_stays_and_is_told(database: Database, crew: Crew) -> None:
    events = DatabaseEvents(database, crew.worker(), vault(crew, "old"))
    for number, ref in enumerate([OTHER, REF]):
        await events.keep(Event(ref, "changed", f"d{number}", NOON, False, orjson.dumps({"note": NAME})), [])
    await DatabaseJudgements(database, crew.worker(), vault(crew, "old")).say(Same(OTHER, THIRD), "ada", NAME)
    done = await erasing(database, crew, "new").forget(WHO)
    assert (dict(done.counts), done.shut) == ({"events": 1}, 2)
    again = await erasing(database, crew, "new", "old").forget(WHO)
    assert (again.counts["events"], again.counts["judgements"], again.shut) == (1, 1, 0)


async def test_not_a_byte_of_them_is_left_in_the_file(tmp_path: Path, crew: Crew) -> None:
    database = Database(f"sqlite:///{tmp_path}/crmgraph.db")
    replica = DatabaseReplica(database, crew.worker(), REGION)
    for days in range(3):
        crew.clock.time = NOON + timedelta(days=days)
        await replica.take(
            [Record(one.ref, one.kind, {**one.raw, "day": days}, one._getters, {}, crew.clock.time) for one in people()]
        )

    async def work(connection: AsyncConnection) -> None:
        for name, row in rows().items():
            await connection.execute(insert(metadata.tables[name]).values(**row))

    await database.write(work)
    assert sum(_hits(tmp_path)) > 0
    await erasing(database, crew).forget(WHO)
    assert sum(_hits(tmp_path)) == 0
    await database.aclose()
    assert sum(_hits(tmp_path)) == 0


def _hits(folder: Path) -> list[int]:
    held = b"".join(path.read_bytes() for path in folder.iterdir()).lower()
    return [held.count(one.lower().encode()) for one in CANARIES]
