"""Who could pass a filter at all, told by narrow indexes: each holds one column, so that to go through all of it is a
matter of milliseconds, and a place in it is found at once.

Of conditions that must all hold one is enough to know, the first that few satisfy; of alternatives each must be known.
Conditions on one column are one look. Nobody is left out; whether they do pass is told by their rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import orjson
from sqlalchemy import ARRAY, BigInteger, ColumnElement, Select, Text, any_, bindparam, cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from crmgraph.domain.filtering import And, Condition, Filter, Literal, Not, Op, Or, conditions, conjuncts, nnf
from crmgraph.store.replica_customs import condition_of
from crmgraph.store.replica_filters import Conditions, by_elements, is_text
from crmgraph.store.replica_tables import contacts


@dataclass(frozen=True, slots=True)
class Effort:
    """How much one page may look at: `most` candidates one by one, `looks` into indexes to know them; where they are
    more, as many rows of the order as `walk` says, before all rows are gone through.

    Together they leave no gap: a twentieth of 100,000 are few enough to be candidates, and where more than that pass,
    so many rows of any order hold a page of them.
    """

    most: int = 5_000
    looks: int = 12
    walk: int = 1_500


@dataclass(slots=True)
class Candidates:
    """The candidates of one question."""

    conditions: Conditions
    effort: Effort
    _looks: int = field(default=0, init=False)

    async def of(self, connection: AsyncConnection, filter: Filter) -> frozenset[int] | None:
        """The ids of all who could pass; None where they are too many, or too dear to tell."""
        found = await self._of(connection, nnf(filter))
        if found is None or not any(is_text(one.field) for one in conditions(filter)):
            return found
        cut = await self._looked(connection, self.conditions.cut())
        return None if cut is None else found | cut

    async def _of(self, connection: AsyncConnection, filter: Filter) -> frozenset[int] | None:
        match filter:
            case Or(items):
                return await self._any(connection, items)
            case And():
                return await self._all(connection, conjuncts(filter))
            case _:
                return await self._all(connection, (filter,))

    async def _any(self, connection: AsyncConnection, items: Sequence[Filter]) -> frozenset[int] | None:
        found: frozenset[int] = frozenset()
        for item in items:
            more = await self._of(connection, item)
            if more is None or len(found := found | more) > self.effort.most:
                return None
        return found

    async def _all(self, connection: AsyncConnection, items: Sequence[Filter]) -> frozenset[int] | None:
        """Those of the first condition that few satisfy, places in an index before whole indexes."""
        for literals in sorted(_by_column(items), key=lambda several: not any(map(_seeks, several))):
            found: frozenset[int] | None = frozenset()
            for look in self.conditions.looks(literals):
                more = await self._looked(connection, look)
                found = None if found is None or more is None else found | more
            if found is not None and len(found) <= self.effort.most:
                return found
        for item in items:
            if isinstance(item, Or) and (found := await self._of(connection, item)) is not None:
                return found
        return None

    async def _looked(self, connection: AsyncConnection, look: Select[int]) -> frozenset[int] | None:
        """The ids that a look gives; None of too many."""
        self._looks += 1
        if self._looks > self.effort.looks:
            return None
        some = look.limit(self.effort.most + 1).subquery()
        (ids,) = (await connection.execute(select(_together(some.c.id, self.conditions.dialect)))).one()
        found = orjson.loads(ids or "[]")
        return None if len(found) > self.effort.most else frozenset(found)


def among(ids: frozenset[int], dialect: str) -> ColumnElement[bool]:
    """Whether a contact is one of these; they are handed over as one value, however many they are."""
    if dialect == "sqlite":
        held = func.json_each(orjson.dumps(sorted(ids)).decode()).table_valued("value")
        return contacts.c.id.in_(select(held.c.value))
    return contacts.c.id == any_(bindparam(None, sorted(ids), ARRAY(BigInteger)))


def _together(ids: ColumnElement[int], dialect: str) -> ColumnElement[str]:
    """All ids as one JSON text: rows of one number each would cost more than to find them."""
    return func.json_group_array(ids) if dialect == "sqlite" else cast(func.json_agg(ids), Text)


def _by_column(items: Sequence[Filter]) -> list[tuple[Literal, ...]]:
    """The conditions of several filters that must all pass, those on one column together.

    Two elements of a list may satisfy two conditions, so what is looked up by its elements stands alone.
    """
    found: dict[tuple[str, int], list[Literal]] = {}
    for place, item in enumerate(items):
        if isinstance(item, Condition | Not):
            alone = place + 1 if by_elements(item) else 0
            found.setdefault((condition_of(item).field, alone), []).append(item)
    return [tuple(several) for several in found.values()]


def _seeks(literal: Literal) -> bool:
    """Whether an index knows the place of those who satisfy it."""
    if isinstance(literal, Not) or literal.field == "tags":
        return False
    return literal.value is True if literal.op is Op.IS_NULL else literal.op is not Op.CONTAINS
