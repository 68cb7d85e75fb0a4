"""Who could pass a filter at all, told by indexes in which the place of those who do is known: each holds one column,
or the pieces of texts. Who lacks a custom value has no place; they are told by all values of that field.

Of conditions that must all hold one is enough to know, the first that few satisfy; of alternatives each must be known.
Conditions on one column are one look, and so are alternatives. Nobody is left out; whether they do pass is told by
their rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson
from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Select,
    Text,
    any_,
    bindparam,
    case,
    cast,
    func,
    select,
    true,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from crmgraph.domain.filtering import CUSTOM_PREFIX, And, Condition, Filter, Literal, Not, Op, Or, conjuncts
from crmgraph.store.replica_filters import Conditions, by_elements
from crmgraph.store.replica_parts import NOBODY, Parts, told
from crmgraph.store.replica_tables import contacts
from crmgraph.store.replica_turns import condition_of


@dataclass(frozen=True, slots=True)
class Effort:
    """How much one page may look at: `most` candidates one by one; where they are more, as many rows of the order as
    should hold the page after `sampled` people were asked, but no more than `walked`, or twice as many where the first
    of them tell; else all rows.
    """

    most: int = 4_000
    sampled: int = 200
    walked: int = 3_000


Known = frozenset[int] | None
"""The ids of all who could pass; None where they are too many, or no index knows their places."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """The candidates of filters that have NOT before single conditions only; `parts` is the index of pieces, where
    there is one.
    """

    conditions: Conditions
    effort: Effort
    parts: Parts | None

    async def of(self, connection: AsyncConnection, filter: Filter) -> Known:
        """Who could pass, but for those of whom a text is kept in part: what is left out of it might decide."""
        rest = self._told(filter)
        found = None if rest is None else await self._looked(connection, self._pieces(rest))
        return found if found is not None else await self._of(connection, self._untold(filter))

    def _untold(self, filter: Filter) -> Filter:
        """What must pass too, and the pieces of texts do not tell."""
        return And(tuple(one for one in conjuncts(filter) if self._told(one) is None))

    async def cut(self, connection: AsyncConnection) -> Known:
        """Those of whom a text is kept in part."""
        cut = contacts.c.source == self.conditions.source, contacts.c.cut == true()
        return await self._looked(connection, [select(contacts.c.id).where(*cut)])

    async def _of(self, connection: AsyncConnection, filter: Filter) -> Known:
        match filter:
            case Or(items):
                return await self._any(connection, items)
            case And():
                return await self._all(connection, conjuncts(filter))
            case Condition() | Not():
                return await self._satisfying(connection, [(filter,)])

    async def _any(self, connection: AsyncConnection, items: Sequence[Filter]) -> Known:
        found = await self._satisfying(connection, [(item,) for item in items if isinstance(item, Condition | Not)])
        for item in items:
            if found is not None and isinstance(item, And | Or):
                more = await self._of(connection, item)
                found = None if more is None or len(found | more) > self.effort.most else found | more
        return found

    async def _all(self, connection: AsyncConnection, items: Sequence[Filter]) -> Known:
        """Those of the first condition that few satisfy; by all values of a custom field where nothing else leads to
        anybody.
        """
        groups = _by_column(items)
        asserted = [literals for literals in groups if any(isinstance(one, Condition) for one in literals)]
        for literals in asserted if any(map(self._have_place, asserted)) else groups:
            if (found := await self._satisfying(connection, [literals])) is not None:
                return found
        for item in items:
            if isinstance(item, Or) and (found := await self._of(connection, item)) is not None:
                return found
        return None

    async def _satisfying(self, connection: AsyncConnection, alternatives: Sequence[Sequence[Literal]]) -> Known:
        """Those who satisfy any of several alternatives, each of which is conditions on one column that must all
        hold.
        """
        looks: list[Select[int]] = []
        for literals in alternatives:
            placed = [one for one in literals if self.has_place(one)]
            rest = None if placed else self._told(And(tuple(literals)))
            if not placed and rest is None:
                return None
            looks += self._pieces(rest) if rest is not None else self.conditions.looks(placed)
        return await self._looked(connection, looks)

    def _have_place(self, literals: Sequence[Literal]) -> bool:
        return any(map(self.has_place, literals))

    def has_place(self, literal: Literal) -> bool:
        """Whether the index of its column knows the place of those who satisfy it, or all values of one custom field do
        who do not.
        """
        if isinstance(literal, Not):
            one = condition_of(literal)
            return one.field.startswith(CUSTOM_PREFIX) and one.op is not Op.IS_NULL
        if literal.op is Op.IS_NULL:
            return literal.value is not literal.field.startswith(CUSTOM_PREFIX)
        if literal.field == "tags":
            return False
        return literal.op is not Op.CONTAINS or (self.parts is not None and self.parts.places(literal))

    def _told(self, filter: Filter) -> Filter | None:
        return None if self.parts is None else told(self.parts, filter)

    def _pieces(self, rest: Filter) -> Sequence[Select[int]]:
        return [] if self.parts is None or rest == NOBODY else [self.parts.look(rest)]

    async def _looked(self, connection: AsyncConnection, looks: Sequence[Select[int]]) -> Known:
        """The ids that looks give together; None of too many."""
        if not looks:
            return frozenset()
        every = looks[0] if len(looks) == 1 else union_all(*looks)
        some = every.limit(self.effort.most + 1).subquery()
        are_few = func.count() <= self.effort.most
        ids = case((are_few, _together(some.c.id, self.conditions.dialect)))
        row = (await connection.execute(select(are_few.label("are_few"), ids.label("ids")).select_from(some))).one()
        return frozenset(orjson.loads(row.ids or "[]")) if row.are_few else None


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
