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

    def of(self, refs: Iterable[Ref]) -> dict[Ref, PersonId]:
        """Those that are remembered."""
        return {ref: self._people[ref] for ref in refs if ref in self._people}

    def learn(self, people: Mapping[Ref, PersonId], mark: int) -> None:
        """Remember what was asked for at a mark, unless something was forgotten since."""
        if mark != self.mark:
            return
        if len(self._people) + len(people) > self._most:
            self.clear()
        for ref, person in people.items():
            if ref not in self._people:
                self._people[ref] = person
                self._refs[person].append(ref)

    def forget(self, people: Collection[str]) -> None:
        """Forget every record of these persons."""
        self.mark += 1
        for person in people:
            for ref in self._refs.pop(person, ()):
                self._people.pop(ref, None)

    def clear(self) -> None:
        """Forget everything."""
        self.mark += 1
        self._people.clear()
        self._refs.clear()
