"""Which sources a write of what belongs to an account goes to: tags, custom fields, template values.

Tags and custom fields belong to no one source: each source's own record of them is found by its name or key.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from crmgraph.connectors.definition import Resource
from crmgraph.connectors.namesakes import KNOWN_BY
from crmgraph.domain.errors import SourceError
from crmgraph.domain.model import Kind
from crmgraph.service.ports import Source
from crmgraph.service.reading import Reading
from crmgraph.service.writing.changes import Action, Change
from crmgraph.service.writing.checking import Checking, resource_name
from crmgraph.service.writing.mistakes import MistakeCode
from crmgraph.service.writing.naming import called


class Vocabularies:
    """Decides on changes of what accounts have beside their people; every mistake goes to `checking`."""

    def __init__(self, reading: Reading, checking: Checking) -> None:
        self._reading = reading
        self._checking = checking

    def created(self, kind: Kind, name: str, values: Mapping[str, Any], sources: Sequence[str] | None) -> list[Change]:
        """A record in each source that is named; where none is, in each that can."""
        names = self._names(kind, name, sources)
        stores = self._checking.that_can(kind, Action.CREATE, sources)
        return [
            _new(source, resource, kind, names[source.name], values)
            for source, resource in stores
            if source.name in names
        ]

    async def changed(
        self, kind: Kind, field: str, name: str, values: Mapping[str, Any], sources: Sequence[str] | None
    ) -> list[Change]:
        """The record of this name in each source that is named; where none is, in each that has it. `field` is where
        the input has the name.
        """
        return await self._known(Action.UPDATE, kind, field, name, values, sources)

    async def deleted(self, kind: Kind, field: str, name: str, sources: Sequence[str] | None) -> list[Change]:
        """Likewise, to be deleted."""
        return await self._known(Action.DELETE, kind, field, name, {}, sources)

    async def put(
        self, kind: Kind, name: str, values: Mapping[str, Any], sources: Sequence[str] | None
    ) -> list[Change]:
        """The record of this name in each source that is named, or in each that can: changed where it is there, made
        where it is not.
        """
        stores = self._checking.that_can(kind, Action.CREATE, sources)
        return [
            Change(source.name, resource.name, Action.UPDATE, values=values, named=name)
            if resource is not None and await self._has(source, resource, name)
            else _new(source, resource, kind, name, values)
            for source, resource in stores
        ]

    async def _known(
        self,
        action: Action,
        kind: Kind,
        field: str,
        name: str,
        values: Mapping[str, Any],
        sources: Sequence[str] | None,
    ) -> list[Change]:
        names = self._names(kind, name, sources)
        stores = [one for one in self._checking.stores(kind, sources) if one[0].name in names]
        if sources is None:
            stores = [(at, one) for at, one in stores if one and await self._has(at, one, names[at.name])]
            if not stores and name:
                self._checking.wrong(field, f"No source has a {kind} `{name}`.", MistakeCode.NOT_FOUND)
        return [
            Change(source.name, resource_name(kind, one), action, values=values, named=names[source.name])
            for source, one in stores
        ]

    async def _has(self, source: Source, resource: Resource, name: str) -> bool:
        """Whether a source has this; what cannot be read may be there, and nothing has an empty name."""
        if not name:
            return False
        try:
            return await called(self._reading, source, resource, name) is not None
        except SourceError:
            return True

    def _names(self, kind: Kind, name: str, sources: Sequence[str] | None) -> Mapping[str, str]:
        """What each source calls it; a source that is named and has none, by the configuration, is a mistake."""
        custom = self._reading.gateway.custom if kind is Kind.CUSTOM_FIELD else None
        known = {one: name if custom is None else custom.theirs(one, name) for one in self._reading.session.sources}
        for source in sources or ():
            if source in known and known[source] is None:
                said = f"The configuration gives `{name}` to other sources than {source}."
                self._checking.wrong("sources", said)
        return {source: own for source, own in known.items() if own is not None}


def _new(source: Source, resource: Resource | None, kind: Kind, name: str, values: Mapping[str, Any]) -> Change:
    named = {KNOWN_BY[kind]: name, **values}
    return Change(source.name, resource_name(kind, resource), Action.CREATE, values=named)
