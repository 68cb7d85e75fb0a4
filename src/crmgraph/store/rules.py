"""What rules remember, in the database."""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import Row, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from crmgraph.domain.records import Ref
from crmgraph.service.rule_memory import Digests, Mark, RuleLink
from crmgraph.store.database import Database, insert
from crmgraph.store.tables import rule_links, rule_marks


class DatabaseRules:
    """The memory of rules, shared by all workers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def touching(self, record: Ref, other: str) -> Sequence[RuleLink]:
        """The links of every rule between a record and records of the source `other`, whichever way they go."""
        of, to, table = ("of_source", "of_resource", "of_id"), ("to_source", "to_resource", "to_id"), rule_links.c
        place = (record.source, record.resource, record.id)
        ends = [
            and_(*(table[name] == part for name, part in zip(end, place, strict=True)), table[far] == other)
            for end, far in ((of, "to_source"), (to, "of_source"))
        ]
        asked = select(rule_links).where(or_(*ends)).order_by(table.rule, table.of_id)
        rows = await self._database.read(lambda connection: connection.execute(asked))
        return [_link(row) for row in rows]

    async def keep(self, link: RuleLink) -> None:
        """Remember a link in the place of what was known of its rule and record."""
        row = {"rule": link.rule, **_columns("of", link.of), **_columns("to", link.to)}
        row |= {"said": _packed(link.said), "brought": _packed(link.brought)}
        await self._put(rule_links, ["rule", "of_source", "of_resource", "of_id"], row)

    async def mark(self, rule: str) -> Mark | None:
        """How far a rule has come."""
        asked = select(rule_marks).where(rule_marks.c.rule == rule)
        found = (await self._database.read(lambda connection: connection.execute(asked))).one_or_none()
        if found is None:
            return None
        standing = None if found.standing is None else orjson.loads(found.standing)
        return Mark(found.digest, found.since, found.began, standing, found.clean)

    async def keep_mark(self, rule: str, mark: Mark) -> None:
        """Remember how far a rule has come."""
        standing = None if mark.standing is None else orjson.dumps(mark.standing)
        row = {"rule": rule, "digest": mark.digest, "since": mark.since, "began": mark.began}
        await self._put(rule_marks, ["rule"], row | {"standing": standing, "clean": mark.clean})

    async def _put(self, table: Any, key: list[str], row: dict[str, Any]) -> None:
        async def work(connection: AsyncConnection) -> None:
            put = insert(connection, table).values(row)
            await connection.execute(put.on_conflict_do_update(index_elements=key, set_=row))

        await self._database.write(work)


def _columns(end: str, ref: Ref) -> dict[str, Any]:
    parts = {"source": ref.source, "resource": ref.resource, "id": ref.id, "parent": ref.parent}
    return {f"{end}_{name}": part for name, part in parts.items()}


def _link(row: Row[Any]) -> RuleLink:
    of = Ref(row.of_source, row.of_resource, row.of_id, row.of_parent)
    to = Ref(row.to_source, row.to_resource, row.to_id, row.to_parent)
    return RuleLink(row.rule, of, to, _unpacked(row.said), _unpacked(row.brought))


def _packed(said: Digests) -> bytes:
    return orjson.dumps({name: sorted(digests) for name, digests in said.items()}, option=orjson.OPT_SORT_KEYS)


def _unpacked(said: bytes) -> Digests:
    return {name: frozenset(digests) for name, digests in orjson.loads(said).items()}
