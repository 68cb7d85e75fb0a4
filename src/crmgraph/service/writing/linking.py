"""What is attached to what: which records a change of associations goes to. Each link is one source's own."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

from crmgraph.domain.model import Kind
from crmgraph.domain.records import Ref
from crmgraph.service.reading import Reading
from crmgraph.service.writing.changes import Action, Change
from crmgraph.service.writing.checking import Checking
from crmgraph.service.writing.mistakes import MistakeCode
from crmgraph.service.writing.pointing import Pointer

LINKED = (Kind.CONTACT, Kind.COMPANY, Kind.OPPORTUNITY, Kind.TASK, Kind.ACTIVITY)
"""The kinds that are linked with each other."""

Given = Mapping[str, Sequence[str]]
"""The input's list (`companies`) → the global ids in it."""

KIND_OF: Mapping[str, Kind] = {
    "contacts": Kind.CONTACT,
    "companies": Kind.COMPANY,
    "opportunities": Kind.OPPORTUNITY,
    "tasks": Kind.TASK,
    "activities": Kind.ACTIVITY,
}


class Linking:
    """Decides on changes of associations; every mistake goes to `checking`."""

    def __init__(self, reading: Reading, checking: Checking) -> None:
        self._reading = reading
        self._checking = checking

    async def changed(self, action: Action, given: str, others: Given, sources: Sequence[str] | None) -> list[Change]:
        """What is attached, detached or synced at each record of the thing whose source has some of the others.

        An empty list says something of a sync alone: nothing of that kind shall stay.
        """
        named = {name: ids for name, ids in others.items() if ids or action is Action.SYNC}
        if not named:
            said = f"Name what is to be linked in one of {', '.join(KIND_OF)}."
            self._checking.wrong("", said, MistakeCode.REQUIRED)
        refs = await self._records(given, sources)
        homes = {ref.source for ref in refs}
        pointers = {name: await self._pointers(name, ids, homes) for name, ids in named.items()}
        self._refuse_strangers(refs, pointers)
        linked = [(ref, self._links(ref.source, pointers)) for ref in refs]
        return [
            Change(ref.source, ref.resource, action, ref.id, ref.parent, links=links) for ref, links in linked if links
        ]

    async def _records(self, given: str, sources: Sequence[str] | None) -> list[Ref]:
        chosen = {source.name for source in self._checking.sources(sources)}
        found = await self._checking.entity("id", given, *LINKED)
        refs = [] if found is None else [ref for ref in found.person.refs if ref.source in chosen]
        if found is not None and sources is not None and not refs:
            said = f"{' and '.join(sources)} has no record of this {found.kind}."
            self._checking.wrong("sources", said, MistakeCode.NOT_FOUND)
        return refs

    async def _pointers(self, name: str, ids: Sequence[str], homes: Set[str]) -> dict[str, Pointer | None]:
        """The path of each id in the input → what it points to."""
        paths = {f"{name}.{at}": ident for at, ident in enumerate(ids)}
        return {path: await self._pointer(path, ident, KIND_OF[name], homes) for path, ident in paths.items()}

    async def _pointer(self, path: str, ident: str, kind: Kind, homes: Set[str]) -> Pointer | None:
        """What an id points to; the other records of a person are looked up only where one of them may be meant."""
        named = self._checking.ident(path, ident, kind)
        if named is not None and kind is Kind.CONTACT and (named.ref is None or homes != {named.ref.source}):
            return await self._checking.person(path, ident)
        return None if named is None or named.ref is None else Pointer(kind, (named.ref,))

    def _refuse_strangers(self, refs: Sequence[Ref], pointers: Mapping[str, Mapping[str, Pointer | None]]) -> None:
        """Note as mistakes what lives where the thing has no record that is looked at."""
        for path, pointer in (pair for some in pointers.values() for pair in some.items()) if refs else ():
            if pointer is not None and not any(pointer.at(ref.source) for ref in refs):
                theirs, ours = pointer.refs[0].source, ", ".join(ref.source for ref in refs)
                said = f"This {pointer.kind} lives in {theirs}; what it is to be linked with, in {ours}."
                self._checking.wrong(path, said)

    def _links(self, source: str, pointers: Mapping[str, Mapping[str, Pointer | None]]) -> dict[str, list[str]]:
        """The ids by kind, as this source has them; a list of which it has none says nothing here."""
        return {
            KIND_OF[name].value: list(_ids(source, some.values()))
            for name, some in pointers.items()
            if not some or any(_ids(source, some.values()))
        }


def _ids(source: str, pointers: Iterable[Pointer | None]) -> Iterator[str]:
    return (ref.id for one in pointers if one is not None and (ref := one.at(source)) is not None)
