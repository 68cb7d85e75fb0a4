"""A page of one source's people out of the replica, in any order.

Who could pass a filter at all is asked first; where they are few, they alone are looked at. Where they are many, or no
index tells, the first rows of the order hold a page of them, unless most come late: only then all rows are looked at,
once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncConnection

from crmgraph.domain.columns import ORDERS, TIMES
from crmgraph.domain.filtering import Filter, nnf
from crmgraph.service.replica import Beyond, Place, Question
from crmgraph.store.replica_candidates import Candidates, Effort
from crmgraph.store.replica_comparing import Comparing, Texts
from crmgraph.store.replica_filters import Conditions
from crmgraph.store.replica_lists import Key, Listing
from crmgraph.store.replica_parts import Likened, Parts, matched
from crmgraph.store.replica_tables import contacts


@dataclass(frozen=True, slots=True)
class Found:
    """The id of a row, what it is ordered by, and its place in the list."""

    id: int
    key: Any
    place: Place


@dataclass(frozen=True, slots=True)
class Paging:
    """The pages of one question; `pieced` tells whether there is an index of pieces."""

    asked: Question
    texts: Texts
    region: str
    dialect: str
    effort: Effort
    pieced: bool = False

    async def page(self, connection: AsyncConnection) -> Sequence[Found]:
        """The next rows, one more than asked where there are more."""
        listing = Listing(self.asked, self._conditions, self._column())
        if self.asked.filter is None:
            return await self._everybody(connection, listing)
        filter = nnf(self.asked.filter)
        candidates = Candidates(self._conditions, self.effort, await self._index(connection, filter))
        few, cut = await candidates.of(connection, filter), await candidates.cut(connection, filter)
        listing = replace(listing, conditions=replace(self._conditions, cut=cut != frozenset()))
        few = None if few is None or cut is None else few | cut
        if few is None and (near := await self._near(connection, listing)):
            return near
        return [] if few == frozenset() else await self._found(connection, listing, listing.passing(few), self._wanted)

    @property
    def _wanted(self) -> int:
        return self.asked.first + 1

    async def _near(self, connection: AsyncConnection, listing: Listing) -> Sequence[Found]:
        """A whole page of those who pass among the first rows; nothing where they do not hold one.

        Where some of it is there, so many rows more are walked as should hold the rest.
        """
        walk = self.effort.walk
        found = await self._found(connection, listing, listing.near(walk), self._wanted)
        enough = 3 * walk * self._wanted // (2 * len(found) + 1)
        if len(found) < self._wanted and enough <= self.effort.most_walked:
            found = await self._found(connection, listing, listing.near(enough), self._wanted)
        return found if len(found) == self._wanted else []

    async def _everybody(self, connection: AsyncConnection, listing: Listing) -> Sequence[Found]:
        found: list[Found] = []
        for keyed in (True, False) if listing.is_keyed else (False,):
            if (lacking := self._wanted - len(found)) > 0:
                found += await self._found(connection, listing, listing.part(keyed), lacking)
        return found

    def _column(self) -> Key:
        """The order's column."""
        if self.asked.order is None:
            return None
        name = ORDERS.get(self.asked.order[0])
        if name is None:
            raise Beyond(f"The replica cannot list people by {self.asked.order[0]}; leave `orderBy` out, or ask live.")
        if name not in TIMES.values() and not self.texts.readable:
            raise Beyond("An encrypted replica cannot list people by name; ask live, or list them by a time.")
        return contacts.c[name]

    async def _index(self, connection: AsyncConnection, filter: Filter) -> Parts | None:
        """The index of pieces, where there is one that tells anything."""
        if not (self.pieced and self.texts.readable):
            return None
        if self.dialect == "sqlite":
            return await matched(connection, self.asked.source, self.texts, filter)
        return Likened(self.asked.source, Comparing(self.texts, self.dialect))

    async def _found(
        self, connection: AsyncConnection, listing: Listing, asked: Select[Any], most: int
    ) -> Sequence[Found]:
        rows = (await connection.execute(asked.limit(most))).all()
        return [Found(row.id, row.key, listing.place(row.id, row.key)) for row in rows]

    @property
    def _conditions(self) -> Conditions:
        return Conditions(self.asked.source, self.texts, self.region, self.dialect)
