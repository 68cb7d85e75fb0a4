"""Lists across sources, page by page: by source, or merged by one key where every source sorts by it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from crmgraph.domain.errors import BadReply, InputError, SourceError
from crmgraph.domain.filtering import check, passes
from crmgraph.domain.records import Record
from crmgraph.service.choosing import Choosing
from crmgraph.service.copies import Copies
from crmgraph.service.cursors import Seal, digest
from crmgraph.service.custom import CustomFields
from crmgraph.service.identity import Identity
from crmgraph.service.kept_lists import KeptList, is_kept
from crmgraph.service.pages import Asked, Budget, Listed, OnMissing
from crmgraph.service.ports import Source
from crmgraph.service.problems import problem_of
from crmgraph.service.relations import is_one_of
from crmgraph.service.session import Session
from crmgraph.service.staff import Staff
from crmgraph.service.standings import Standing
from crmgraph.service.streams import Stream
from crmgraph.service.targets import for_source
from crmgraph.service.traversal import Traversal

__all__ = ["Asked", "Budget", "Listed", "Lists", "OnMissing"]


class Lists:
    """Pages of lists for one session."""

    def __init__(
        self,
        session: Session,
        identity: Identity,
        staff: Staff,
        seal: Seal,
        custom: CustomFields,
        budget: Budget,
        region: str,
        copies: Copies | None = None,
    ) -> None:
        self.session = session
        self.identity = identity
        self.staff = staff
        self.seal = seal
        self.custom = custom
        self.choosing = Choosing(session, custom, budget)
        self.region = region
        self.copies = copies

    async def page(self, asked: Asked) -> Listed:
        """One page; raises InputError, Unsupported and TooCostly for what cannot be asked so."""
        if not 1 <= asked.first <= 100:
            raise InputError(f"`first` is {asked.first}; it must be from 1 to 100.")
        if asked.filter is not None:
            check(asked.filter, asked.kind)
        sources = self.session.choose(asked.sources)
        question = _question(asked)
        as_of, standings = self._open(asked.after, question)
        if asked.filter is not None:
            asked = replace(asked, filter=await self.staff.spread(asked.filter))
        streams = await self._streams(asked, sources, standings)

        def seal(standings: Mapping[str, Any]) -> str:
            return self.seal.close({"q": question, "at": as_of.isoformat(), "s": standings})

        names = frozenset(source.name for source in sources)
        traversal = Traversal(
            asked, names, streams, as_of, self.identity, lambda record: self._passes(record, asked), self._instead
        )
        return await traversal.page(seal)

    async def _streams(
        self, asked: Asked, sources: Sequence[Source], standings: Mapping[str, Any]
    ) -> list[Stream | KeptList]:
        """The lists to read, most trusted source first: live, or out of the replica where the caller allows that."""
        kept = {} if self.copies is None else await self._kept(self.copies, asked, sources, standings)
        live: dict[str, list[Stream | KeptList]] = {}
        for choice in await self.choosing.lists(asked, [one for one in sources if one.name not in kept]):
            standing = Standing.of_json(standings.get(choice.name, {}))
            live.setdefault(choice.source.name, []).append(Stream(self.session, choice, asked.needed, standing))
        return [
            stream
            for source in sources
            for stream in ([kept[source.name]] if source.name in kept else live.get(source.name, []))
        ]

    async def _kept(
        self, copies: Copies, asked: Asked, sources: Sequence[Source], standings: Mapping[str, Any]
    ) -> dict[str, KeptList]:
        """The lists out of the replica; a traversal stays with whichever it began with."""
        if asked.after is None:
            return await copies.fresh(self.session, asked, sources)
        found: dict[str, KeptList] = {}
        for source in sources:
            of_source = [one for name, one in standings.items() if name.partition("/")[0] == source.name]
            if (standing := next(filter(is_kept, of_source), None)) is None:
                continue
            kept = await copies.resumed(self.session, asked, source, standing)
            if kept is None:
                raise InputError(
                    f"The list of {source.name} was begun out of what is stored of it, which cannot be gone on with;"
                    " begin anew without `after`."
                )
            found[source.name] = kept
        return found

    async def _instead(self, asked: Asked, stream: Stream, error: SourceError) -> KeptList | None:
        """What is kept of a list whose source fails, where the caller allows that."""
        return None if self.copies is None else await self.copies.instead(self.session, asked, stream, error)

    def _open(self, after: str | None, question: str) -> tuple[datetime, Mapping[str, Any]]:
        if after is None:
            return self.session.clock.now(), {}
        state = self.seal.open(after)
        if state.get("q") != question:
            raise InputError(
                "The cursor in `after` belongs to another question; the filter, order, search and sources must stay."
            )
        return datetime.fromisoformat(state["at"]), state["s"]

    def _passes(self, record: Record, asked: Asked) -> bool:
        """Whether a record passes the filter; one that cannot be read does not, and its source is told to be wrong."""
        source = record.ref.source
        try:
            if not is_one_of(record, asked.activity_kinds):
                return False
            if asked.filter is None:
                return True
            wanted = for_source(asked.filter, record.kind, source)
            return passes(
                wanted,
                record,
                region=self.region,
                key_of_custom=lambda custom: self.custom.key_of(source, custom.key),
            )
        except BadReply as error:
            self.session.note(source, problem_of(error))
            return False


def _question(asked: Asked) -> str:
    """What must stay the same from page to page."""
    sources = None if asked.sources is None else sorted(asked.sources)
    kinds = None if asked.activity_kinds is None else sorted(asked.activity_kinds)
    return digest(asked.kinds, asked.filter, asked.order, asked.search, sources, kinds)
