"""Checking what an input names, all of it before anything is done: ids, sources and names that stand for things."""

from collections.abc import Mapping, Sequence
from typing import Any

from crmgraph.connectors.definition import Resource
from crmgraph.domain.articles import with_article
from crmgraph.domain.errors import InputError, SourceError
from crmgraph.domain.filtering import CUSTOM_PREFIX
from crmgraph.domain.model import Kind
from crmgraph.domain.records import Ref
from crmgraph.service.entity import Entity
from crmgraph.service.ids import NodeId, decode
from crmgraph.service.ports import Source
from crmgraph.service.reading import Reading
from crmgraph.service.writing.changes import Action, Change, each_of, offers
from crmgraph.service.writing.mistakes import Mistake, MistakeCode, Mistaken, mistake
from crmgraph.service.writing.pointing import Pointer


def resource_name(kind: Kind, resource: Resource | None) -> str:
    """What a change of this kind goes to; where a source keeps none, the kind tells what it cannot do."""
    return str(kind) if resource is None else resource.name


class Checking:
    """Collects the mistakes of one input; `done` raises them together. `undone` is told where a source that is needed
    could not be asked.
    """

    def __init__(self, reading: Reading, undone: str = "Nothing was sent.") -> None:
        self._reading = reading
        self._undone = undone
        self._mistakes: list[Mistake] = []

    def done(self) -> None:
        """Raise Mistaken with everything that is wrong, if anything is."""
        if self._mistakes:
            raise Mistaken(self._mistakes)

    def wrong(self, field: str, message: str, code: MistakeCode = MistakeCode.INVALID) -> None:
        """Note a mistake; `field` is its path with dots, empty where it is about the whole input."""
        self._mistakes.append(mistake(field, message, code))

    def hidden(self, changes: Sequence[Change]) -> None:
        """Note what of these changes is hidden from the caller: who may not see a field may not write it."""
        for change in changes if self._reading.gateway.sight.hidden else ():
            kept = self._reading.session.sources[change.source].reader.definition.resources.get(change.resource)
            if kept is None:  # It will be told that the source keeps no such records.
                continue
            for one in each_of(change):
                self.hidden_values(kept.kind, {**one.values, **({"tags": ()} if one.add or one.remove else {})})

    def hidden_values(self, kind: Kind, values: Mapping[str, Any], under: str = "") -> None:
        """The same of the values of one record."""
        sight = self._reading.gateway.sight
        customs = [f"{CUSTOM_PREFIX}{one.key}" for one in values.get("customFields") or ()]
        for name in [*values, *customs]:
            if sight.hides(kind, name):
                self.wrong(f"{under}{name}", f"`{name}` is hidden from you.", MistakeCode.FORBIDDEN)

    def sources(self, names: Sequence[str] | None) -> list[Source]:
        """The sources that are named, most trusted first; all of them where none is."""
        known = self._reading.session.sources
        for name in names or ():
            if name not in known:
                said = f"There is no source `{name}`; configured are {', '.join(known)}."
                self.wrong("sources", said, MistakeCode.NOT_FOUND)
        if names is not None and not names:
            self.wrong("sources", "`sources` is empty; name at least one.", MistakeCode.REQUIRED)
        return [source for source in known.values() if names is None or source.name in names]

    def stores(self, kind: Kind, names: Sequence[str] | None) -> list[tuple[Source, Resource | None]]:
        """The sources that are named, all where none is, each with where it keeps this kind."""
        chosen = self.sources(names)
        known = {source.name: one for source, one in self._reading.session.resources(kind, chosen)}
        return [(source, known.get(source.name)) for source in chosen]

    def that_can(self, kind: Kind, action: Action, names: Sequence[str] | None) -> list[tuple[Source, Resource | None]]:
        """The sources that are named; where none is those that can, and where none can all, each to say so."""
        stores = self.stores(kind, names)
        able = [store for store in stores if store[1] is not None and offers(store[1], action)]
        return able if names is None and able else stores

    def ident(self, field: str, given: str, *kinds: Kind) -> NodeId | None:
        """What a global id names, if it is an id of one of these kinds in a source of ours."""
        try:
            found = decode(given)
        except InputError as wrong:
            self.wrong(field, wrong.message)
            return None
        if found.kind not in kinds:
            wanted = " or ".join(map(with_article, kinds))
            said = f"This is the id of {with_article(found.kind)}; {wanted} is wanted here."
            self.wrong(field, said, MistakeCode.WRONG_KIND)
            return None
        if found.ref is not None and not self._is_ours(found.ref):
            what = with_article(found.ref.resource)
            said = f"This id names {what} of `{found.ref.source}`, which is not configured here."
            self.wrong(field, said, MistakeCode.FOREIGN)
            return None
        if found.ref is not None and self._resource(found.ref).kind is not found.kind:
            self.wrong(field, f"`{given[:80]}` is not an id that this server gave; take ids from its answers.")
            return None
        return found

    def _is_ours(self, ref: Ref) -> bool:
        source = self._reading.session.sources.get(ref.source)
        return source is not None and ref.resource in source.reader.definition.resources

    def _resource(self, ref: Ref) -> Resource:
        return self._reading.session.resource(ref.source, ref.resource)

    async def entity(self, field: str, given: str, *kinds: Kind) -> Entity | None:
        """The thing that a global id names, read live."""
        ident = self.ident(field, given, *kinds)
        if ident is None:
            return None
        try:
            found = await self._reading.node(given, ())
            if isinstance(found, Entity):
                return found
            refs = await self._reading.leading.records(given)
        except InputError as wrong:  # A person's id that was never given.
            self.wrong(field, wrong.message)
        else:
            await self.missing(field, refs, f"There is no such {ident.kind} any more, or not for us.")
        return None

    async def missing(self, field: str, refs: Sequence[Ref], said: str) -> None:
        """Note that none of some records was found; where a source of theirs could not be asked, that."""
        try:
            for ref in refs:  # They were looked up before, so this makes no call.
                await self._reading.lookup.record(ref)
        except SourceError as error:
            self.wrong(field, f"{error.message} {self._undone}", MistakeCode.UNAVAILABLE)
        else:
            self.wrong(field, said, MistakeCode.NOT_FOUND)

    def could_not_tell(self, source: str) -> bool:
        """Whether a source failed in this request, so that what it knows is not known."""
        meter = self._reading.session.meters[source]
        return meter.lost is not None or bool(meter.problems)

    async def person(self, field: str, given: str) -> Pointer | None:
        """A person with all the records that are known of them."""
        found = await self.entity(field, given, Kind.CONTACT)
        return None if found is None else Pointer(Kind.CONTACT, found.person.refs)

    def pointer(self, field: str, given: str, *kinds: Kind) -> Pointer | None:
        """What a global id names, without asking whether it is still there."""
        ident = self.ident(field, given, *kinds)
        return None if ident is None or ident.ref is None else Pointer(ident.kind, (ident.ref,))
