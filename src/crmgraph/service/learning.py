"""The key index learns from what is read into the replica, and at the start from what the replica holds: no call is
made for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from crmgraph.domain.model import Kind
from crmgraph.domain.profiles import profile_of
from crmgraph.domain.records import Record, Ref
from crmgraph.service.index import FillingIndex
from crmgraph.service.ports import Source
from crmgraph.service.replica import Place, Question, Replica, Row
from crmgraph.service.syncing import Learner

PAGE = 500
"""How many people are taken over at once."""


@dataclass(frozen=True, slots=True)
class IndexLearner(Learner):
    """`region` is where numbers without a country code belong; `limit` is how many records of one source are held."""

    index: FillingIndex
    region: str
    limit: int

    def learn(self, source: str, records: Sequence[Record]) -> None:
        """People as they were just read."""
        self.index.learn(profile_of(one, self.region) for one in records)

    def forget(self, ref: Ref) -> None:
        """A record is gone."""
        self.index.forget(ref)

    def completed(self, source: str, when: datetime) -> None:
        """All people of a source are known as of then, unless they are more than are held."""
        if self.index.size(source) > self.limit:
            self.index.incomplete(source)
        else:
            self.index.completed(source, when, ())

    async def restore(self, replica: Replica, source: Source) -> None:
        """Take over what is kept of a source's people; where all of them are, they are known as of then."""
        resources = source.reader.definition.of_kind(Kind.CONTACT)
        states = [await replica.state(source.name, one.name) for one in resources if one.listings]
        after: Place | None = None
        while self.index.size(source.name) <= self.limit:
            rows = await replica.page(Question(source.name, Kind.CONTACT, PAGE, after=after))
            self.learn(source.name, [record_of(source, row) for row in rows.rows])
            if (after := rows.next) is None:
                break
        whole = [state.full_since for state in states if state.full_since is not None]
        if whole and len(whole) == len(resources):
            self.completed(source.name, min(whole))


def record_of(source: Source, row: Row) -> Record:
    """A kept record as its source's definition reads it now."""
    resource = source.reader.definition.resources[row.ref.resource]
    tables = {"settings": source.settings, **source.tables}
    return resource.record(row.raw, source.name, tables, row.fetched_at, parent=row.ref.parent)
