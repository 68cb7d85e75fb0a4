"""What an input points to, as one source knows it: users by e-mail or name, stages by name, records by their ids there.

A pointer travels through the values of a change until its source is known; here it becomes that source's own link.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crmgraph.connectors.refusals import Refused, some_of
from crmgraph.domain.model import Kind, Link
from crmgraph.domain.normalize import email_key, text_key
from crmgraph.domain.records import Record, Ref
from crmgraph.service.ports import Source
from crmgraph.service.reading import Reading


@dataclass(frozen=True, slots=True)
class Pointer:
    """One thing of a kind: by the refs it has in several sources, or by what people call it."""

    kind: Kind
    refs: tuple[Ref, ...] = ()
    text: str | None = None

    def at(self, source: str) -> Ref | None:
        """Where it lives in a source."""
        return next((ref for ref in self.refs if ref.source == source), None)


class Pointing:
    """Turns pointers into links of one source; the lists that it needs are read once for an operation."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    async def resolved(self, source: Source, values: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
        """The values with links for pointers, and the fields that this source can have nothing of.

        Raises Refused with a reason for each name that it does not know, SourceError when it cannot be asked.
        """
        made: dict[str, Any] = {}
        foreign: list[str] = []
        reasons: dict[str, str] = {}
        for name, value in values.items():
            pointers = [one for one in (value if isinstance(value, tuple) else (value,)) if isinstance(one, Pointer)]
            if not pointers:
                made[name] = value
                continue
            links, missing = await self._links(source, pointers)
            if missing and pointers[0].text is not None:
                reasons[name] = await self._unknown(source, pointers[0].kind, missing)
            elif not links:
                foreign.append(name)
            else:
                made[name] = tuple(links) if isinstance(value, tuple) else links[0]
        if reasons:
            raise Refused(source.name, " ".join(reasons.values()), reasons=reasons)
        return made, tuple(foreign)

    async def _unknown(self, source: Source, kind: Kind, missing: Sequence[str]) -> str:
        """What is said of names that a source does not know, with some that it does."""
        names = [str(one.peek("name") or one.ref.id) for one in await self._records(source, kind)]
        return f"{source.name} knows no {kind} called {', '.join(missing)}; it knows {some_of(names)}."

    async def _links(self, source: Source, pointers: Sequence[Pointer]) -> tuple[list[Link], list[str]]:
        links, missing = [], []
        for pointer in pointers:
            found = await self._link(source, pointer)
            if found is not None:
                links.append(found)
            else:
                missing.append(f"`{pointer.text}`" if pointer.text is not None else "")
        return links, missing

    async def _link(self, source: Source, pointer: Pointer) -> Link | None:
        ref = pointer.at(source.name)
        if ref is not None:
            return Link(ref.id)
        if pointer.text is not None:
            return await self._called(source, pointer.kind, pointer.text)
        return await self._same_user(source, pointer) if pointer.kind is Kind.USER else None

    async def _called(self, source: Source, kind: Kind, text: str) -> Link | None:
        """The thing of this source that people call so: by its id, its e-mail or its name, capitals apart."""
        wanted = text_key(text)
        for record in await self._records(source, kind):
            names = (record.ref.id, record.peek("email"), record.peek("name"))
            if wanted in {text_key(str(one)) for one in names if one}:
                return Link(record.ref.id, record.peek("name"))
        return None

    async def _same_user(self, source: Source, pointer: Pointer) -> Link | None:
        """The user of this source with the e-mail that another source's user has."""
        for ref in pointer.refs:
            known = await self._reading.lookup.record(ref, {"email"})
            key = email_key(known.peek("email") or "") if known is not None else None
            for record in await self._records(source, Kind.USER) if key else ():
                if email_key(record.peek("email") or "") == key:
                    return Link(record.ref.id, record.peek("name"))
        return None

    async def _records(self, source: Source, kind: Kind) -> Sequence[Record]:
        """All of a kind in a source; raises SourceError where it cannot be asked, for nobody is unknown then."""
        stores = self._reading.session.resources(kind, [source])
        lists = [await self._reading.everything(source, resource) for _, resource in stores]
        return [record for records in lists for record in records]
