"""What one human has to do on one day, from all CRMs that they work in: open tasks that are due, and meetings."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass

from crmgraph.domain.days import Day, Placed, meeting_on, task_on
from crmgraph.domain.errors import BadReply
from crmgraph.domain.model import Kind
from crmgraph.domain.records import Record
from crmgraph.service.agendas import Agendas
from crmgraph.service.entity import Entity
from crmgraph.service.problems import problem_of
from crmgraph.service.relations import Relations
from crmgraph.service.sights import Sight

TASK_FIELDS = frozenset({"assignees", "completed", "status", "dueAt", "dueDate"})
MEETING_FIELDS = frozenset({"owner", "kind", "status", "startsAt", "endsAt", "startDate", "allDay"})
"""What a day is made from."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A task or meeting with its place on the day."""

    placed: Placed
    entity: Entity

    @property
    def key(self) -> str:
        """The thing's own global id."""
        return self.entity.key


class MyDay:
    """The days of users within one session."""

    def __init__(self, relations: Relations, agendas: Agendas, sight: Sight) -> None:
        self.session = relations.session
        self.relations = relations
        self.agendas = agendas
        self.sight = sight

    async def entries(self, user: Entity, day: Day, fields: Collection[str]) -> list[Entry]:
        """What is on a user's day, in order; `fields` are those of tasks and activities that will surely be read.

        Raises Forbidden where the caller may not see what a day is made from. A source that fails, or that cannot tell
        what is whose, is a problem.
        """
        self.sight.refuse_hidden(Kind.TASK, sorted(TASK_FIELDS), "A day is made from")
        self.sight.refuse_hidden(Kind.ACTIVITY, sorted(MEETING_FIELDS), "A day is made from")
        needed = {*fields, *TASK_FIELDS, *MEETING_FIELDS}
        placed = [(one, place) for one in await self._work(user, day, needed) if (place := self._place(day, one))]
        whole = await self.relations.lookup.complete([record for record, _ in placed], needed)
        entries = [
            Entry(place, self.relations.alone(record, fields)) for record, (_, place) in zip(whole, placed, strict=True)
        ]
        return sorted(entries, key=lambda one: (one.placed.order, self._rank(one.entity.record)))

    async def _work(self, user: Entity, day: Day, fields: Collection[str]) -> list[Record]:
        """The tasks of a user, and their meetings around the day, of every source that knows the user."""
        person = user.person
        sources = [self.session.sources[name] for name in dict.fromkeys(ref.source for ref in person.refs)]
        parts = await asyncio.gather(
            *(self.agendas.tasks(person, one, fields) for one in sources),
            *(self.agendas.meetings(person, one, day, fields) for one in sources),
        )
        return list({record.ref: record for part in parts for record in part}.values())

    def _place(self, day: Day, record: Record) -> Placed | None:
        try:
            return task_on(day, record) if record.kind is Kind.TASK else meeting_on(day, record)
        except BadReply as error:
            self.session.note(record.ref.source, problem_of(error))
            return None

    def _rank(self, record: Record) -> tuple[int, str, str]:
        """What is at one time is in the order of the sources."""
        return (self.session.ranks[record.ref.source], record.ref.resource, record.ref.id)
