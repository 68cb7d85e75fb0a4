"""What an input points to, as one source knows it: users by e-mail or name, stages by name, records by their ids there.

A pointer travels through the values of a change until its source is known; here it becomes that source's own link.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from crmgraph.connectors.refusals import Refused, some_of
from crmgraph.domain.errors import InputError
from crmgraph.domain.model import Kind, Link
from crmgraph.domain.normalize import email_key, text_key
from crmgraph.domain.records import Record, Ref
from crmgraph.service.ports import Source
from crmgraph.service.reading import Reading


@dataclass(frozen=True, slots=True)
class Pointer:
    """One thing of a kind: by the refs it has in several sources, or by what people call it.

    `pipeline` is the id of the one that a stage is looked for in where several have one of its name.
    """

    kind: Kind
    refs: tuple[Ref, ...] = ()
    text: str | None = None
    pipeline: str | None = None

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
            links = [await self._within(source, one, made, reasons, name) for one in pointers]
            there = tuple(link for link in links if link is not None)
            if name in reasons:
                continue
            if there:
                made[name] = there if isinstance(value, tuple) else there[0]
                foreign += [f"{name}.{at}" for at, link in enumerate(links) if link is None]
            else:
                foreign.append(name)
        if reasons:
            raise Refused(source.name, " ".join(reasons.values()), reasons=reasons)
        return made, tuple(foreign)

    async def _within(
        self, source: Source, pointer: Pointer, made: Mapping[str, Any], reasons: dict[str, str], name: str
    ) -> Link | None:
        """The link, a stage's in the pipeline that is given with it; a name that means nothing has its reason."""
        pipeline = made.get("pipeline")
        if pointer.kind is Kind.STAGE and isinstance(pipeline, Link):
            pointer = replace(pointer, pipeline=pipeline.id)
        try:
            return await self._link(source, pointer)
        except InputError as wrong:
            reasons[name] = wrong.message
            return None

    async def _link(self, source: Source, pointer: Pointer) -> Link | None:
        ref = pointer.at(source.name)
        if ref is not None:
            return Link(ref.id)
        if pointer.text is not None:
            return await self._called(source, pointer, pointer.text)
        return await self._same_user(source, pointer) if pointer.kind is Kind.USER else None

    async def _called(self, source: Source, pointer: Pointer, text: str) -> Link:
        """The thing of this source that people call so: by its id, else its e-mail, else its name, capitals apart.

        Raises InputError where nothing is called so, or several things are.
        """
        wanted, known = text_key(text), await self._records(source, pointer.kind)
        for sort in ("id", "email", "name"):
            found = [one for one in known if text_key(str(_said(one, sort) or "")) == wanted]
            if len(found) > 1 and pointer.pipeline is not None:
                found = await self._in_pipeline(source, pointer.pipeline, found) or found
            if len(found) > 1:
                ids = ", ".join(one.ref.id for one in found)
                raise InputError(
                    f"{source.name} has several {pointer.kind} records called `{text}`; say which by its id: {ids}."
                )
            if found:
                return Link(found[0].ref.id, found[0].peek("name"))
        names = some_of([str(one.peek("name") or one.ref.id) for one in known])
        raise InputError(f"{source.name} knows no {pointer.kind} called `{text}`; it knows {names}.")

    async def _in_pipeline(self, source: Source, pipeline: str, stages: Sequence[Record]) -> list[Record]:
        """Those of some stages that a pipeline has."""
        known = await self._records(source, Kind.PIPELINE)
        held = {link.id for one in known if one.ref.id == pipeline for link in one.peek("stages") or ()}
        return [one for one in stages if one.ref.id in held]

    async def _same_user(self, source: Source, pointer: Pointer) -> Link | None:
        """The user of this source with the e-mail that another source's user has."""
        for ref in pointer.refs:
            known = await self._reading.lookup.record(ref, {"email"})
            key = email_key(known.peek("email") or "") if known is not None else None
            for record in await self._records(source, Kind.USER) if key else ():
                if email_key(record.peek("email") or "") == key:
                    return Link(record.ref.id, record.peek("name"))
        return None

    async def _records(self, source: Source, kind: Kind) -> list[Record]:
        resources = source.reader.definition.of_kind(kind)
        return [record for one in resources for record in await self._reading.everything(source, one)]


def _said(record: Record, sort: str) -> str | None:
    """What a record can be called by."""
    return record.ref.id if sort == "id" else record.peek(sort)
