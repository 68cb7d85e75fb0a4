"""Things that one source keeps (tasks, notes, activities, companies, opportunities): where a new one is made, and
which record a change means.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from crmgraph.connectors.definition import Resource
from crmgraph.connectors.planning import lacking, takes
from crmgraph.domain.model import Kind
from crmgraph.service.ports import Source
from crmgraph.service.reading import Reading
from crmgraph.service.relations import kinds_made
from crmgraph.service.writing.changes import Action, Change, OnlyIf, offers
from crmgraph.service.writing.checking import Checking
from crmgraph.service.writing.keying import keyed
from crmgraph.service.writing.mistakes import MistakeCode
from crmgraph.service.writing.pointing import Pointer
from crmgraph.service.writing.suiting import suited


class Things:
    """Decides on changes of such things; every mistake goes to `checking`."""

    def __init__(self, reading: Reading, checking: Checking) -> None:
        self._reading = reading
        self._checking = checking

    def created(self, kind: Kind, values: Mapping[str, Any], sources: Sequence[str] | None) -> list[Change]:
        """One in each source that is named; where none is, one in the most trusted source that can.

        What it is about decides where that is: the source of its company, or those that know the person.
        """
        homes = self._homes(kind, values, sources)
        rooms = {source.name: room_for(source, kind, values) for source in homes}
        chosen = list(rooms) if sources is not None else _best(rooms, values)
        return [self._creation(name, rooms[name], kind, values) for name in chosen]

    def _homes(self, kind: Kind, values: Mapping[str, Any], sources: Sequence[str] | None) -> list[Source]:
        """The sources in question: those that are named, or those that know all that it is about."""
        chosen, about = self._checking.sources(sources), list(_about(values))
        if sources is None:
            homes = [one for one in chosen if all(pointer.at(one.name) for pointer in about)]
            if not homes:
                said = f"No source knows everything that this {kind} is about; name one in `sources`, which then does"
                self._checking.wrong("", f"{said} without what it does not know.")
            return homes
        for one in chosen:
            if about and not any(pointer.at(one.name) for pointer in about):
                said = f"{one.name} knows nothing of what this {kind} is about."
                self._checking.wrong("sources", said, MistakeCode.NOT_FOUND)
        return chosen

    def _creation(self, source: str, room: Resource | None, kind: Kind, values: Mapping[str, Any]) -> Change:
        own, ignored = keyed(self._reading.gateway.custom, source, values)
        name = room.name if room is not None else " ".join(filter(None, [values.get("kind"), kind]))
        return Change(source, name, Action.CREATE, values=own, ignored=ignored)

    async def updated(self, kind: Kind, given: str, values: Mapping[str, Any], only_if: OnlyIf) -> list[Change]:
        """A change of the record that an id names."""
        if not values:
            self._checking.wrong("", "There is nothing to change: give at least one field.", MistakeCode.REQUIRED)
        found = await self._checking.entity("id", given, kind)
        if found is None:
            return []
        ref = found.record.ref
        own, ignored = keyed(self._reading.gateway.custom, ref.source, values)
        stage, pipeline = own.get("stage"), found.record.peek("pipeline")
        if isinstance(stage, Pointer) and pipeline is not None:
            own["stage"] = Pointer(stage.kind, stage.refs, stage.text, pipeline.id)
        return [
            Change(ref.source, ref.resource, Action.UPDATE, ref.id, ref.parent, own, only_if=only_if, ignored=ignored)
        ]

    async def deleted(self, kind: Kind, given: str) -> list[Change]:
        """The end of the record that an id names."""
        found = await self._checking.entity("id", given, kind)
        refs = [] if found is None else [found.record.ref]
        return [Change(ref.source, ref.resource, Action.DELETE, ref.id, ref.parent) for ref in refs]


def _about(values: Mapping[str, Any]) -> Iterator[Pointer]:
    """What values point to that lives in certain sources; people who work there are known by their e-mails in all."""
    for value in values.values():
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, Pointer) and one.refs and one.kind is not Kind.USER:
                yield one


def room_for(source: Source, kind: Kind, values: Mapping[str, Any]) -> Resource | None:
    """Where a source would make such a thing; None where it keeps none.

    Of several resources the one that has all it requires, and then the one that leaves out the least.
    """
    fit = [one for one in source.reader.definition.of_kind(kind) if values.get("kind") in (None, *kinds_made(one))]
    able = [one for one in fit if offers(one, Action.CREATE)]
    return min(able or fit, key=lambda one: _misses(one, source.name, values), default=None)


def _misses(resource: Resource, source: str, values: Mapping[str, Any]) -> tuple[int, int]:
    """How much a resource lacks that it requires, and how many values it would leave out."""
    there = {name: value for name, value in values.items() if _is_there(value, source)}
    given, _ = suited(resource, there, "create", lambda name: None)
    return len(lacking(resource, given)), sum(not takes(resource, name, "create") for name in given)


def _is_there(value: Any, source: str) -> bool:
    """Whether a source can be told a value: what it points to, it must know."""
    pointers = [one for one in (value if isinstance(value, tuple) else (value,)) if isinstance(one, Pointer)]
    return not pointers or any(not one.refs or one.kind is Kind.USER or one.at(source) for one in pointers)


def _best(rooms: Mapping[str, Resource | None], values: Mapping[str, Any]) -> list[str]:
    """The most trusted source that has all it requires, else that can; where none can, all of them tell so."""
    able = [name for name, room in rooms.items() if room is not None and offers(room, Action.CREATE)]
    whole = [name for name in able if (room := rooms[name]) is not None and _misses(room, name, values)[0] == 0]
    return (whole or able)[:1] or list(rooms)
