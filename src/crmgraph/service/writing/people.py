"""Which records of a person a write goes to."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from crmgraph.domain.errors import Ambiguous, InputError
from crmgraph.domain.model import Kind
from crmgraph.domain.records import Ref
from crmgraph.service.entity import Entity
from crmgraph.service.reading import Reading
from crmgraph.service.writing.changes import Action, Change, OnlyIf, offers
from crmgraph.service.writing.checking import Checking
from crmgraph.service.writing.keying import keyed
from crmgraph.service.writing.mistakes import MistakeCode


class People:
    """Decides on changes of contacts; every mistake goes to `checking`."""

    def __init__(self, reading: Reading, checking: Checking) -> None:
        self._reading = reading
        self._checking = checking

    def created(self, values: Mapping[str, Any], sources: Sequence[str] | None) -> list[Change]:
        """A record in each source that is named; where none is, in each that can."""
        stores = self._reading.session.resources(Kind.CONTACT, self._checking.sources(sources))
        chosen = [one for one in stores if sources is not None or offers(one[1], Action.CREATE)]
        return [self._creation(source.name, resource.name, values) for source, resource in chosen]

    def _creation(self, source: str, resource: str, values: Mapping[str, Any]) -> Change:
        own, ignored = keyed(self._reading.gateway.custom, source, values)
        return Change(source, resource, Action.CREATE, values=own, ignored=ignored)

    async def updated(
        self, given: str, values: Mapping[str, Any], sources: Sequence[str] | None, only_if: OnlyIf
    ) -> list[Change]:
        """Each of the person's records, or those of the sources that are named."""
        refs = await self.records(given, sources)
        if only_if.version is not None and len(refs) > 1:
            self._checking.wrong("onlyIf.version", "A version is one record's; name its source in `sources`.")
        return [self._update(ref, values, only_if) for ref in refs]

    async def upserted(
        self, sort: str, key: str, values: Mapping[str, Any], new: Mapping[str, Any], sources: Sequence[str] | None
    ) -> list[Change]:
        """The records of the one who has this key; where nobody has it, `new` ones. Several: nothing.

        What is there already keeps its other addresses: the key is written along only where a record is made.
        """
        try:
            found = await self._reading.by_key(sort, key, ())
        except Ambiguous as several:
            self._checking.wrong(f"by.{sort}", several.message, MistakeCode.AMBIGUOUS)
            return []
        except InputError as wrong:
            self._checking.wrong(f"by.{sort}", wrong.message)
            return []
        if found is None:
            return [self._if_nobody(one) for one in self.created(new, sources)]
        return self._placed(found, values, new, sources)

    async def upserted_at(
        self, source: str, ident: str, values: Mapping[str, Any], sources: Sequence[str] | None
    ) -> list[Change]:
        """The records of the one whom a source's own contact belongs to."""
        try:
            found = await self._reading.by_ref(source, ident, ())
        except InputError as wrong:
            self._checking.wrong("by.record", wrong.message, MistakeCode.NOT_FOUND)
            return []
        if found is None:
            said = f"{source} has no contact `{ident}`."
            await self._checking.missing("by.record", [self._contact(source, ident)], said)
            return []
        return self._placed(found, values, values, sources)

    def _placed(
        self, found: Entity, values: Mapping[str, Any], new: Mapping[str, Any], sources: Sequence[str] | None
    ) -> list[Change]:
        """Updates of the person's records, and new ones in the sources that are named and do not know them."""
        chosen = [source.name for source in self._checking.sources(sources)]
        updates = [self._update(ref, values, OnlyIf()) for ref in found.person.refs if ref.source in chosen]
        known = {change.source for change in updates}
        missing = [name for name in chosen if name not in known] if sources is not None else []
        return updates + [self._if_nobody(one) for one in (self.created(new, missing) if missing else [])]

    def _if_nobody(self, change: Change) -> Change:
        """A creation for which the source must have told that it does not know the person."""
        failed = self._checking.could_not_tell(change.source)
        if not failed and change.source not in self._reading.unasked:
            return change
        said = f"{change.source} could not tell whether it knows this person, so nobody was made there"
        return replace(change, barred=f"{said}; `createContact` makes one all the same.")

    async def deleted(self, given: str, sources: Sequence[str]) -> list[Change]:
        """The person's records in the sources that are named."""
        refs = await self.records(given, sources)
        return [Change(ref.source, ref.resource, Action.DELETE, ref.id, ref.parent) for ref in refs]

    async def tagged(
        self, given: str, sources: Sequence[str] | None, add: Sequence[str] = (), remove: Sequence[str] = ()
    ) -> list[Change]:
        """Tags on or off the person's records."""
        for field in ("tags",) if not (add or remove) or not all(one.strip() for one in (*add, *remove)) else ():
            self._checking.wrong(field, "Name at least one tag, none of them empty.", MistakeCode.REQUIRED)
        refs = await self.records(given, sources)
        return [
            Change(ref.source, ref.resource, Action.TAG, ref.id, ref.parent, add=tuple(add), remove=tuple(remove))
            for ref in refs
        ]

    async def records(self, given: str, sources: Sequence[str] | None) -> list[Ref]:
        """The person's records in the sources that are named, in all where none is."""
        chosen = [source.name for source in self._checking.sources(sources)]
        found = await self._checking.entity("id", given, Kind.CONTACT)
        if found is None:
            return []
        for name in chosen if sources is not None else ():
            if all(ref.source != name for ref in found.person.refs):
                self._unknown_at(name)
        return [ref for ref in found.person.refs if ref.source in chosen]

    def _unknown_at(self, source: str) -> None:
        if self._checking.could_not_tell(source):
            said = f"{source} could not tell whether it knows this person."
            self._checking.wrong("sources", said, MistakeCode.UNAVAILABLE)
        else:
            self._checking.wrong("sources", f"{source} has no record of this person.", MistakeCode.NOT_FOUND)

    def _contact(self, source: str, ident: str) -> Ref:
        (resource,) = self._reading.session.sources[source].reader.definition.of_kind(Kind.CONTACT)[:1]
        return Ref(source, resource.name, ident)

    def _update(self, ref: Ref, values: Mapping[str, Any], only_if: OnlyIf) -> Change:
        own, ignored = keyed(self._reading.gateway.custom, ref.source, values)
        return Change(
            ref.source, ref.resource, Action.UPDATE, ref.id, ref.parent, own, only_if=only_if, ignored=ignored
        )
