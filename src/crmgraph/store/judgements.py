"""The judgements of people in the database, and what this worker remembers of them."""

import asyncio
from collections.abc import Collection, Mapping, Sequence

import msgspec
from sqlalchemy import Row, select, update
from sqlalchemy import insert as insert_one
from sqlalchemy.ext.asyncio import AsyncConnection

from crmgraph.domain.judgements import NOTHING, Judged, Judgement, Saying, about, holding, in_order, refs_of, standing
from crmgraph.domain.records import Ref
from crmgraph.service.auditing import Entry
from crmgraph.service.notices import Notice
from crmgraph.store import audit_rows
from crmgraph.store.database import Database
from crmgraph.store.events import Sealing
from crmgraph.store.judgement_rows import judgement_of, row_of, verdict
from crmgraph.store.notices import post
from crmgraph.store.tables import judgement_head, judgements
from crmgraph.store.worker import Worker

_NEWEST_LAST = select(judgements).order_by(judgements.c.number)


class Remembered(msgspec.Struct, frozen=True):
    """The judgements as they stood when `number` was the last one and so often something had been erased."""

    known: Mapping[int, Judgement] = msgspec.field(default_factory=dict)
    judged: Judged = NOTHING
    number: int = 0
    erased: int = 0


class DatabaseJudgements:
    """One worker's view. What it remembers is believed until it hears of a judgement or could not listen."""

    def __init__(self, database: Database, worker: Worker, vault: Sealing | None = None) -> None:
        self._database = database
        self._worker = worker
        self._vault = vault
        self._memory = Remembered()
        self._doubted = True
        self._reading = asyncio.Lock()

    def heed(self, notice: Notice) -> None:
        """Doubt what is remembered where another worker judged, or erased what was said of a record."""
        self._doubted |= notice.judged or notice.gone

    def doubt(self) -> None:
        """Look again before anything is believed."""
        self._doubted = True

    async def say(self, saying: Saying, by: str, why: str | None = None) -> Judgement:
        """Keep a judgement; raises InputError for an undoing of nothing."""
        (said,) = await self.say_all([saying], by, why)
        return said

    async def say_all(self, sayings: Sequence[Saying], by: str, why: str | None = None) -> Sequence[Judgement]:
        """As `say`, of several at once: all of them are kept, or none."""

        async def work(connection: AsyncConnection) -> list[Judgement]:
            head = await _turn(connection)
            known = dict((await self._as_of(connection, head)).known)
            told: list[Judgement] = []
            for number, saying in enumerate(map(in_order, sayings), start=head.number + 1):
                said = Judgement(number, saying, refs_of(saying, known), by, self._worker.now(), why)
                await connection.execute(insert_one(judgements).values(row_of(said, self._vault)))
                await self._tell(connection, said.refs, by, verdict(saying))
                known[number] = said
                told.append(said)
            await connection.execute(update(judgement_head).values(number=head.number + len(told)))
            return told

        return await self._database.write(work, ended=self.doubt) if sayings else []

    async def all(self) -> Sequence[Judgement]:
        """Everything that was ever said, the oldest first."""
        return list((await self._remembered()).known.values())

    async def standing(self) -> Judged:
        """What stands now."""
        return (await self._remembered()).judged

    async def of(self, refs: Collection[Ref]) -> Sequence[Judgement]:
        """Those about one of these records that were not undone, the newest first."""
        return about(holding(await self.all()), refs)

    async def history(self, ref: Ref) -> Sequence[Judgement]:
        """Everything that was ever said about a record, the oldest first."""
        return about(await self.all(), [ref])

    async def _tell(self, connection: AsyncConnection, refs: Sequence[Ref], by: str, word: str) -> None:
        await post(connection, self._worker, [Notice(refs[0], judged=True)])
        entries = [Entry(by, "judge", word, ref.source, ref.resource, record=ref.id) for ref in refs]
        await audit_rows.append(connection, self._worker.now(), entries)

    async def _remembered(self) -> Remembered:
        async with self._reading:
            if self._doubted:
                self._doubted = False  # What is heard from here on is doubted again.
                try:
                    self._memory = await self._database.read(self._looked_up)
                except BaseException:
                    self.doubt()
                    raise
            return self._memory

    async def _looked_up(self, connection: AsyncConnection) -> Remembered:
        head = (await connection.execute(select(judgement_head))).one()
        return await self._as_of(connection, head)

    async def _as_of(self, connection: AsyncConnection, head: Row[tuple[int, int, int]]) -> Remembered:
        """What is remembered, with what was said since; all of it anew where something was erased."""
        memory = self._memory if self._memory.erased == head.erased else Remembered()
        if (memory.number, memory.erased) == (head.number, head.erased):
            return memory
        rows = await connection.execute(_NEWEST_LAST.where(judgements.c.number.between(memory.number + 1, head.number)))
        fresh = [judgement_of(row, self._vault) for row in rows]
        known = {**memory.known, **{one.number: one for one in fresh}}
        return Remembered(known, standing(known.values()), head.number, head.erased)


async def _turn(connection: AsyncConnection) -> Row[tuple[int, int, int]]:
    """The head of the judgements; until the transaction ends, nobody else says anything."""
    return (await connection.execute(select(judgement_head).with_for_update())).one()
