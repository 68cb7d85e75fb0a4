"""Whom records belong to, as far as this worker has asked and nobody has changed it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from crmgraph.domain.assigning import PersonId
from crmgraph.domain.records import Ref

MOST = 500_000
"""How many records are remembered; beyond, all is forgotten and asked for anew."""


class PersonMemory:
    """`mark` moves whenever something is forgotten: what was asked for before is not learnt after."""

    def __init__(self, most: int = MOST) -> None:
        self.mark = 0
        self._most = most
        self._people: dict[Ref, PersonId] = {}
        self._refs: defaultdict[str, list[Ref]] = defaultdict(list)
        self._whole: set[str] = set()
        self._doubted: dict[Ref, PersonId] = {}

    def of(self, refs: Iterable[Ref]) -> dict[Ref, PersonId]:
        """Those that are remembered."""
        return {ref: self._people[ref] for ref in refs if ref in self._people}

    def around(self, refs: Iterable[Ref]) -> dict[Ref, PersonId]:
        """Those of whose person every record is remembered, with the others of these records."""
        people, whole = self._people, self._whole
        found = {person: None for ref in refs if (person := people.get(ref)) is not None and person in whole}
        return {ref: person for person in found for ref in self._refs[person]}

    def last(self, refs: Iterable[Ref]) -> dict[Ref, PersonId]:
        """What was believed of these records last, and may be so no longer."""
        known = ((ref, self._people.get(ref) or self._doubted.get(ref)) for ref in refs)
        return {ref: person for ref, person in known if person is not None}

    def learn(self, people: Mapping[Ref, PersonId], mark: int, whole: bool = False) -> None:
        """Remember what was asked for at a mark, unless something was forgotten since; `whole` says that every record
        of these persons is there.
        """
        if mark != self.mark:
            return
        if len(self._people) + len(people) > self._most:
            self.clear()
        for ref, person in people.items():
            if ref not in self._people:
                self._people[ref] = person
                self._refs[person].append(ref)
        if whole:
            self._whole.update(people.values())

    def forget(self, people: Collection[str]) -> None:
        """Forget every record of these persons."""
        self.mark += 1
        self._whole.difference_update(people)
        for person in people:
            for ref in self._refs.pop(person, ()):
                self._people.pop(ref, None)
        gone = {ref for ref, person in self._doubted.items() if person in people}
        for ref in gone:
            del self._doubted[ref]

    def doubt(self) -> None:
        """Believe nothing any more, and keep it for as long as nobody can be asked."""
        self._doubted = self._people or self._doubted
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self.mark += 1
        self._people = {}
        self._refs.clear()
        self._whole.clear()
