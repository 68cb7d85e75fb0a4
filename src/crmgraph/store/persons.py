"""The ids of persons in the database: one worker at a time changes them, and none gives a person two."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from crmgraph.domain.assigning import NO_CHANGE, Assignment, Known, PersonId, assigned
from crmgraph.domain.profiles import order
from crmgraph.domain.records import Ref
from crmgraph.service.notices import Notice
from crmgraph.service.persons import Clusters, Led, Resolved
from crmgraph.store.database import Database
from crmgraph.store.notices import post
from crmgraph.store.person_memory import PersonMemory
from crmgraph.store.person_rows import known_around, leads, members_of, owners, records_around, turn, write
from crmgraph.store.tables import persons
from crmgraph.store.worker import Worker

Look = Callable[[AsyncConnection], Awaitable[tuple[Known, Assignment]]]


class DatabasePersons:
    """One worker's view. What it remembers is believed until it hears of a change or could not listen."""

    def __init__(self, database: Database, worker: Worker, memory: PersonMemory | None = None) -> None:
        self._database = database
        self._worker = worker
        self._memory = memory or PersonMemory()

    def heed(self, notice: Notice) -> None:
        """Forget those whom another worker changed."""
        if notice.people:
            self._memory.forget(notice.people)

    def doubt(self) -> None:
        """Ask again before anything is believed."""
        self._memory.doubt()

    async def of(self, refs: Collection[Ref]) -> Mapping[Ref, PersonId]:
        """The persons of those records that have one."""
        known = self._memory.of(refs)
        missing = [ref for ref in refs if ref not in known]
        if missing:
            mark = self._memory.mark
            found = await self._database.read(lambda connection: owners(connection, missing))
            self._memory.learn(found, mark)
            known |= found
        return known

    async def around(self, refs: Collection[Ref]) -> Mapping[Ref, PersonId]:
        """The persons of those records that have one, with all their other records."""
        known = self._memory.around(refs)
        missing = [ref for ref in refs if ref not in known]
        if missing:
            mark = self._memory.mark
            found = await self._database.read(lambda connection: records_around(connection, missing))
            self._memory.learn(found, mark, whole=True)
            known |= found
        return known

    def last(self, refs: Collection[Ref]) -> Mapping[Ref, PersonId]:
        """The persons of those records of which it is remembered, without asking anybody."""
        return self._memory.last(refs)

    async def assign(
        self, clusters: Clusters, read_sources: Collection[str], whole: bool = False
    ) -> Mapping[Ref, PersonId]:
        """Whom each record of the clusters belongs to, who is new included; durable when it returns."""
        refs = [ref for cluster in clusters for ref in cluster]
        remembered = self._memory.of(refs)
        if _settled(clusters, remembered):
            return remembered

        async def look(connection: AsyncConnection) -> tuple[Known, Assignment]:
            known = await known_around(connection, refs)
            return known, assigned(known, clusters, read_sources, self._new, whole)

        mark = self._memory.mark
        known, change = await self._database.read(look)
        if change != NO_CHANGE:
            known, change, mark = await self._changed(look)
        members = {**known.members, **change.members}
        self._memory.learn(members, mark, whole=True)
        return {ref: members[ref] for ref in refs}

    async def resolve(self, ident: PersonId) -> Resolved | None:
        """Whom an id leads to, however old it is; None for one that was never given."""
        if "\0" in ident:  # PostgreSQL has no such texts.
            return None
        current = func.coalesce(persons.c.merged_into, persons.c.id)

        async def work(connection: AsyncConnection) -> Resolved | None:
            found = (await connection.execute(select(current).where(persons.c.id == ident))).scalar()
            if found is None:
                return None
            came_off = select(current).where(persons.c.split_from == found).order_by(persons.c.number)
            others = dict.fromkeys((await connection.execute(came_off)).scalars())
            members = sorted(await members_of(connection, found), key=order)
            return Resolved(found, tuple(members), tuple(PersonId(one) for one in others if one != found))

        return await self._database.read(work)

    async def leads(self, idents: Collection[PersonId]) -> Mapping[PersonId, Led]:
        """Where each of several ids leads; those that were never given are left out."""
        known = self._memory.leads(idents)
        wanted = [one for one in idents if one not in known and "\0" not in one]
        if wanted:
            mark = self._memory.mark
            found = await self._database.read(lambda connection: leads(connection, wanted))
            self._memory.learn_leads(found, mark)
            known |= found
        return known

    async def _changed(self, look: Look) -> tuple[Known, Assignment, int]:
        """Look again, alone, and write what changes; with it goes the mark at which that is so."""
        people: set[PersonId] = set()
        marks: list[int] = []

        def ended() -> None:
            self._memory.forget(people)
            marks.append(self._memory.mark)

        async def work(connection: AsyncConnection) -> tuple[Known, Assignment]:
            head = await turn(connection)
            known, change = await look(connection)
            people.update(_touched(known, change))
            await write(connection, change, head)
            await self._tell(connection, [*change.members, *known.members], people)
            return known, change

        return *await self._database.write(work, ended=ended), marks[0]

    async def _tell(self, connection: AsyncConnection, refs: Iterable[Ref], people: Collection[PersonId]) -> None:
        """Tell the others whose records have changed; nobody remembers anything of persons who are new."""
        if people:
            await post(connection, self._worker, [Notice(min(refs, key=order), people=tuple(sorted(people)))])

    def _new(self) -> PersonId:
        return PersonId(self._worker.random(12).hex())


def _settled(clusters: Clusters, known: Mapping[Ref, PersonId]) -> bool:
    """Whether each cluster is one person already, and no two are the same."""
    people = [{known.get(ref) for ref in cluster} for cluster in clusters]
    single = [next(iter(one)) for one in people if len(one) == 1]
    return len(single) == len(clusters) == len(set(single)) and None not in single


def _touched(known: Known, change: Assignment) -> set[PersonId]:
    """The persons who lost or gained a record, and whose ids redirect elsewhere."""
    lost = {known.members[ref] for ref in change.members if ref in known.members}
    return (lost | change.aliases.keys() | set(change.members.values())) - set(change.born)
