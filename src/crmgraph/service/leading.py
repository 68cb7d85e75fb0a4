"""Where a person's id leads: to the record that it names, or to those that the map has for it now."""

from collections.abc import Collection, Iterable, Sequence

from crmgraph.domain.assigning import PersonId
from crmgraph.domain.records import Ref
from crmgraph.service.identity import Identity, Person
from crmgraph.service.ids import decode, never_given
from crmgraph.service.loaders import Loader
from crmgraph.service.person_map import PersonMap
from crmgraph.service.persons import Led


class Leading:
    """What ids of people mean in one reading: records out of sight are no one's. `persons` is None where nothing is
    kept of whom records belong to.

    Each raises InputError for an id that was never given, and StoreUnavailable where nobody can tell.
    """

    def __init__(self, persons: PersonMap | None, identity: Identity) -> None:
        self._persons = persons
        self._identity = identity
        self._led: Loader[PersonId, Led | None] = Loader(self._load)

    async def records(self, given: str) -> Sequence[Ref]:
        """The records by which an id leads to a person, most trusted first; of an id that redirects, those first that
        it was given for.
        """
        ref = decode(given).ref
        if ref is not None:
            return (ref,)
        led = await self._here(given)
        redirects = led.person != decode(given).key
        return self._in_order(led.members, led.given if redirects else led.members)

    async def record(self, given: str, person: Person) -> Ref:
        """The record of a person that their id names, or the most trusted of those that it was given for."""
        ref = decode(given).ref
        led = None if ref is not None else await self._here(given)
        refs = [ref] if led is None else self._in_order(led.members, led.given)
        return next((one for one in refs if one in person.refs), person.refs[0])

    async def _here(self, given: str) -> Led:
        led = await self._led.load(PersonId(decode(given).key or ""))
        if led is None or not any(self._identity.is_here(ref) for ref in led.members):
            raise never_given(given)
        return led

    async def _load(self, idents: Sequence[PersonId]) -> Sequence[Led | None]:
        """Several are asked for at once: whoever asks for many things by their ids waits for one query."""
        found = {} if self._persons is None else await self._persons.leads(idents)
        return [found.get(one) for one in idents]

    def _in_order(self, refs: Iterable[Ref], first: Collection[Ref]) -> list[Ref]:
        here = [ref for ref in refs if self._identity.is_here(ref)]
        return sorted(here, key=lambda ref: (ref not in first, self._identity.place(ref)))
