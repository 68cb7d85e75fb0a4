"""Whom records belong to, as far as this worker has asked and nobody has changed it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from crmgraph.domain.assigning import PersonId
from crmgraph.domain.records import Ref
from crmgraph.service.persons import Led

MOST = 500_000
"""How many records are remembered; beyond, all is forgotten and asked for anew."""


@dataclass(slots=True)
class _Remembered:
    """Records with their persons; of the persons in `whole` every record; where ids lead, and which to whom."""

    people: dict[Ref, PersonId] = field(default_factory=dict)
    refs: defaultdict[str, list[Ref]] = field(default_factory=lambda: defaultdict(list))
    whole: set[str] = field(default_factory=set)
    led: dict[PersonId, Led] = field(default_factory=dict)
    led_to: defaultdict[str, set[PersonId]] = field(default_factory=lambda: defaultdict(set))

    def forget(self, people: Collection[str]) -> None:
        self.whole.difference_update(people)
        for person in people:
            for ref in self.refs.pop(person, ()):
                self.people.pop(ref, None)
            for ident in self.led_to.pop(person, ()):
                self.led.pop(ident, None)


class PersonMemory:
    """`mark` moves whenever something is forgotten: what was asked for before is not learnt after."""

    def __init__(self, most: int = MOST) -> None:
        self.mark = 0
        self._most = most
        self._known = _Remembered()
        self._doubted = _Remembered()

    def of(self, refs: Iterable[Ref]) -> dict[Ref, PersonId]:
        """Those that are remembered."""
        people = self._known.people
        return {ref: people[ref] for ref in refs if ref in people}

    def around(self, refs: Iterable[Ref]) -> dict[Ref, PersonId]:
        """Those of whose person every record is remembered, with the others of these records."""
        people, whole, held = self._known.people, self._known.whole, self._known.refs
        found = {person: None for ref in refs if (person := people.get(ref)) is not None and person in whole}
        return {ref: person for person in found for ref in held[person]}

    def leads(self, idents: Iterable[PersonId]) -> dict[PersonId, Led]:
        """Those of the ids of which it is remembered where they lead."""
        return {one: self._known.led[one] for one in idents if one in self._known.led}

    def last(self, refs: Iterable[Ref]) -> dict[Ref, PersonId]:
        """What was believed of these records last, and may be so no longer."""
        now, before = self._known.people, self._doubted.people
        known = ((ref, now.get(ref) or before.get(ref)) for ref in refs)
        return {ref: person for ref, person in known if person is not None}

    def learn(self, people: Mapping[Ref, PersonId], mark: int, whole: bool = False) -> None:
        """Remember what was asked for at a mark, unless something was forgotten since; `whole` says that every record
        of these persons is there.
        """
        if mark != self.mark:
            return
        if len(self._known.people) + len(people) > self._most:
            self.clear()
        for ref, person in people.items():
            if ref not in self._known.people:
                self._known.people[ref] = person
                self._known.refs[person].append(ref)
        if whole:
            self._known.whole.update(people.values())

    def learn_leads(self, found: Mapping[PersonId, Led], mark: int) -> None:
        """Remember where ids lead, as `learn` does."""
        if mark != self.mark:
            return
        if len(self._known.led) + len(found) > self._most:
            self.clear()
        self._known.led |= found
        for one, led in found.items():
            self._known.led_to[led.person].add(one)

    def forget(self, people: Collection[str]) -> None:
        """Forget every record of these persons, and which ids lead to them."""
        self.mark += 1
        self._known.forget(people)
        self._doubted.forget(people)

    def doubt(self) -> None:
        """Believe nothing any more, and keep it for as long as nobody can be asked."""
        if self._known.people:
            self._doubted = self._known
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self.mark += 1
        self._known = _Remembered()
