"""The replica in the database: each record once, with its JSON, its age, and the columns that it is found by."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Row, and_, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from crmgraph.domain.errors import ConfigError
from crmgraph.domain.model import Kind
from crmgraph.domain.records import Record, Ref
from crmgraph.service import replica as port
from crmgraph.service.forgetting import Traces, texts_in
from crmgraph.service.replica import Place, Question, Reached, Rows, SyncState
from crmgraph.store.database import Database, insert
from crmgraph.store.replica_candidates import Effort
from crmgraph.store.replica_pages import Paging
from crmgraph.store.replica_pieces import is_kept, purge, take_out
from crmgraph.store.replica_tables import contacts, customs, keys, raws, records, states
from crmgraph.store.replica_taking import AT_ONCE, Said, emptied, of_contact, parts, rows_of, said_by, taken
from crmgraph.store.replica_texts import Texts, texts_of
from crmgraph.store.vault import Vault
from crmgraph.store.worker import Worker

TURN = 10
"""After how many records that are worked out others get their turn: each takes a fraction of a millisecond."""


@dataclass(frozen=True, slots=True)
class How:
    """How texts stand in the replica, and whether there is an index of their pieces."""

    texts: Texts
    pieced: bool


class DatabaseReplica:
    """The replica as one worker keeps it; `region` is where numbers without a country code belong. With `vault`, it is
    encrypted. `effort` is how much one page may look at.
    """

    def __init__(
        self,
        database: Database,
        worker: Worker,
        region: str,
        vault: Vault | None = None,
        effort: Effort = Effort(),
    ) -> None:
        self._database = database
        self._worker = worker
        self._region = region
        self._vault = vault
        self._effort = effort
        self._how: How | None = None

    async def take(self, read: Sequence[Record], reached: Reached | None = None) -> None:
        """Keep what these records say, and how far the reading has come that brought them, at once or not at all."""
        how = await self._known()
        said: list[Said] = []
        for one in {one.ref: one for one in read}.values():
            said.append(said_by(one, self._region, how.texts))
            if len(said) % TURN == 0:
                await asyncio.sleep(0)

        async def work(connection: AsyncConnection) -> None:
            await taken(connection, said, None if self._vault is None else self._seal, how.pieced)
            if reached is not None:
                await _note(connection, reached)

        await self._database.write(work)

    async def swept(self, before: datetime, reached: Reached) -> Sequence[Ref]:
        """A whole reading has ended: what was last seen before it began is gone. Tells what went."""
        of_list = and_(records.c.source == reached.source, records.c.resource == reached.resource)
        how = await self._known()
        unseen = and_(of_list, records.c.fetched_at < before, records.c.gone_at.is_(None))

        async def work(connection: AsyncConnection) -> Sequence[Ref]:
            rows = (await connection.execute(select(records).where(unseen))).all()
            await self._go(connection, how, [row.id for row in rows])
            await _note(connection, reached)
            return [_ref(row) for row in rows]

        went = await self._database.write(work)
        await self._database.surveyed((contacts, customs, keys))
        return went

    async def gone(self, refs: Collection[Ref]) -> None:
        """These records are no more."""

        async def work(connection: AsyncConnection) -> None:
            rows = await rows_of(connection, refs)
            await self._go(connection, how, [row.id for row in rows if row.gone_at is None])

        if refs:
            how = await self._known()
            await self._database.write(work)

    async def _go(self, connection: AsyncConnection, how: How, ids: Sequence[int]) -> None:
        """Nothing of them is kept but that they were there, by whose time it is known that they are no more."""
        for part in parts(ids):
            await emptied(connection, part, how.pieced)
            now = self._worker.now()
            gone = {"gone_at": now, "fetched_at": now, "digest": b""}
            await connection.execute(update(records).where(records.c.id.in_(part)).values(**gone))

    async def page(self, asked: Question) -> Rows:
        """One page; raises Beyond for what cannot be compared or ordered so."""
        if asked.kind is not Kind.CONTACT:
            raise port.Beyond(f"The replica lists people only, no {asked.kind} records; ask live.")
        how = await self._known()

        async def work(connection: AsyncConnection) -> Rows:
            paging = Paging(asked, how.texts, self._region, connection.dialect.name, self._effort, how.pieced)
            found = await paging.page(connection)
            shown = found[: asked.first]
            by_id = await self._whole(connection, [one.id for one in shown])
            held = [one for one in shown if one.id in by_id]
            end: Place | None = shown[-1].place if len(found) > len(shown) else None
            rows, places = [by_id[one.id] for one in held], [one.place for one in held]
            total = await _people_of(connection, asked.source) if asked.counted else None
            return Rows(rows, places, [one.key for one in held], end, total)

        return await self._database.read(work)

    async def by_keys(self, wanted: Collection[str]) -> Mapping[str, Sequence[Ref]]:
        """The records that hold each of some keys."""
        texts = (await self._known()).texts
        kept = {texts.kept("key", one): one for one in wanted}
        columns = (keys.c.key, records.c.source, records.c.resource, records.c.record, records.c.parent)

        async def work(connection: AsyncConnection) -> Mapping[str, Sequence[Ref]]:
            found: defaultdict[str, list[Ref]] = defaultdict(list)
            for part in parts(list(kept)):
                asked = select(*columns).join_from(keys, records).where(keys.c.key.in_(part))
                for key, *ref in await connection.execute(asked.order_by(keys.c.key, keys.c.id)):
                    found[kept[key]].append(Ref(*ref))
            return found

        return await self._database.read(work)

    async def by_refs(self, refs: Collection[Ref]) -> Mapping[Ref, port.Row]:
        """Those of some records that are kept."""

        async def work(connection: AsyncConnection) -> Mapping[Ref, port.Row]:
            rows = await rows_of(connection, refs)
            found = await self._whole(connection, [row.id for row in rows])
            return {one.ref: one for one in found.values()}

        return await self._database.read(work)

    async def state(self, source: str, resource: str) -> SyncState:
        """How far the reading of a list has come."""
        asked = select(states.c.full_since, states.c.changed_since, states.c.under_way)
        of_list = and_(states.c.source == source, states.c.resource == resource)
        row = (await self._database.read(lambda connection: connection.execute(asked.where(of_list)))).one_or_none()
        return port.NEVER if row is None else SyncState(row.full_since, row.changed_since, row.under_way)

    async def counts(self) -> Mapping[tuple[str, Kind], int]:
        """How many records of each kind are kept of each source."""
        asked = select(records.c.source, records.c.kind, func.count()).where(records.c.gone_at.is_(None))
        grouped = asked.group_by(records.c.source, records.c.kind)
        rows = await self._database.read(lambda connection: connection.execute(grouped))
        return {(source, Kind(kind)): count for source, kind, count in rows}

    async def told_of(self, connection: AsyncConnection, traces: Traces) -> list[int]:
        """The ids of somebody's records, of what hangs on them, and of what else but people tells of them."""
        texts = await texts_of(connection, self._vault, self._worker.random)
        ids = {row.id for row in await rows_of(connection, traces.refs)}
        about = [texts.kept("key", of_contact(ref.source, ref.id)) for ref in traces.refs]
        for part in parts(about):
            ids |= set((await connection.execute(select(keys.c.id).where(keys.c.key.in_(part)))).scalars())
        others = select(records, raws.c.raw, raws.c.sealed).join(raws).where(records.c.kind != Kind.CONTACT.value)
        after = 0
        others = others.order_by(records.c.id).limit(AT_ONCE)
        while rows := (await connection.execute(others.where(records.c.id > after))).all():
            ids |= {row.id for row in rows if traces.are_in("\n".join(texts_in(self._row(row).raw)))}
            after = rows[-1].id
        return sorted(ids)

    async def unpieced(self, connection: AsyncConnection, ids: Sequence[int]) -> None:
        """Leave no piece of some records' texts, before they are deleted."""
        if await is_kept(connection):
            for part in parts(ids):
                await take_out(connection, part)
            await purge(connection)

    async def _known(self) -> How:
        """How the replica of this store stands, which is asked once."""

        async def work(connection: AsyncConnection) -> How:
            texts = await texts_of(connection, self._vault, self._worker.random)
            return How(texts, await is_kept(connection))

        if self._how is None:
            self._how = await self._database.write(work)
        return self._how

    async def _whole(self, connection: AsyncConnection, ids: Sequence[int]) -> dict[int, port.Row]:
        """Rows by their ids."""
        found: dict[int, port.Row] = {}
        for part in parts(ids):
            asked = select(records, raws.c.raw, raws.c.sealed).join(raws).where(records.c.id.in_(part))
            found |= {row.id: self._row(row) for row in await connection.execute(asked)}
        return found

    def _row(self, row: Row[Any]) -> port.Row:
        ref = _ref(row)
        return port.Row(ref, Kind(row.kind), orjson.loads(self._opened(row)), row.fetched_at)

    def _seal(self, ident: int, raw: bytes) -> bytes:
        assert self._vault is not None
        return self._vault.seal(raw.decode(), _spot(ident))

    def _opened(self, row: Row[Any]) -> bytes | str:
        if not row.sealed:
            return bytes(row.raw)
        if self._vault is None:
            raise ConfigError("The replica is encrypted, and `replica.encrypt` is off; switch it on, or read it anew.")
        return self._vault.open(bytes(row.raw), _spot(row.id))


def _ref(row: Row[Any]) -> Ref:
    return Ref(row.source, row.resource, row.record, row.parent)


def _spot(ident: int) -> tuple[str, str, str]:
    return raws.name, str(ident), "raw"


async def _people_of(connection: AsyncConnection, source: str) -> int:
    """How many people are kept of a source."""
    asked = select(func.count()).select_from(contacts).where(contacts.c.source == source)
    return int((await connection.execute(asked)).scalar_one())


async def _note(connection: AsyncConnection, reached: Reached) -> None:
    """Keep how far the reading of a list has come."""
    state = reached.state
    said = {"full_since": state.full_since, "changed_since": state.changed_since, "under_way": state.under_way}
    row = {"source": reached.source, "resource": reached.resource, **said}
    kept = insert(connection, states).values(row)
    await connection.execute(kept.on_conflict_do_update(index_elements=["source", "resource"], set_=said))
