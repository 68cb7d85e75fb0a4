"""A page of one source's people out of the replica, in any order.

Who could pass a filter at all is asked first; where they are few, they alone are looked at. Where they are many, or no
index tells, some people out of all are asked: where enough of them pass, the first rows of the order hold a page,
unless most come late. Only then all rows are looked at, once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncConnection

from crmgraph.domain.columns import ORDERS, TIMES
from crmgraph.domain.filtering import Filter, conditions, nnf
from crmgraph.service.replica import Beyond, Place, Question
from crmgraph.store.replica_candidates import Candidates, Effort
from crmgraph.store.replica_comparing import Comparing, Sql, Texts
from crmgraph.store.replica_filters import Conditions, is_text
from crmgraph.store.replica_lists import Key, Listing
from crmgraph.store.replica_parts import Likened, Parts, matched
from crmgraph.store.replica_sample import Sample, sample_of
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
        partly = any(map(is_text, conditions(filter)))
        if (few := await candidates.of(connection, filter)) is not None:
            cut = await candidates.cut(connection) if partly else frozenset[int]()
            if cut is not None:
                return await self._out_of(connection, listing.cut(bool(cut)), few | cut)
        return await self._near_or_far(connection, listing.cut(partly), candidates)

    @property
    def _wanted(self) -> int:
        return self.asked.first + 1

    async def _out_of(self, connection: AsyncConnection, listing: Listing, few: frozenset[int]) -> Sequence[Found]:
        """The page where only so few could pass."""
        if not few:
            return []
        assert self.asked.filter is not None
        passes = listing.at_rows.passes(listing.at_rows.turns(self.asked.filter))
        return await self._found(connection, listing, listing.passing(passes, few), self._wanted)

    async def _near_or_far(
        self, connection: AsyncConnection, listing: Listing, candidates: Candidates
    ) -> Sequence[Found]:
        """The page out of the first rows, where some people tell that they should hold it, and they do; else out of
        all rows.
        """
        assert self.asked.filter is not None
        said = listing.at_rows.turns(self.asked.filter)
        passes, dear = listing.at_rows.passes(said), said.dear()
        asked = listing.sample(self.effort.sampled, passes, dear.values())
        total, held, is_cut = (await connection.execute(asked)).one()
        sample = sample_of(total, dear, held)
        if near := await self._near(connection, listing, sample, passes):
            return near
        unled = {name for name, one in dear.items() if not candidates.has_place(one.condition)}
        gathered = sample.to_gather(dear, self.dialect, unled)
        through = listing.cut(listing.conditions.cut and is_cut).through(said, set(dear) - set(gathered), gathered)
        return await self._found(connection, listing, listing.passing(through), self._wanted)

    async def _near(
        self, connection: AsyncConnection, listing: Listing, sample: Sample, passes: Sql
    ) -> Sequence[Found]:
        """A whole page of those who pass among the first rows; nothing where they do not hold one.

        They are walked twice where the first walk tells that fewer pass there, and how many rows it takes; then it is
        surer, and may be farther.
        """
        walked = sample.walk(self._wanted)
        for most in (self.effort.walked, 2 * self.effort.walked):
            if walked is None or walked > most:
                break
            found = await self._found(connection, listing, listing.near(walked, passes), self._wanted)
            if len(found) == self._wanted:
                return found
            walked = Sample(walked, len(found)).walk(self._wanted)
        return []

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
