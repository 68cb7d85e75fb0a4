"""Lists across sources, page by page: by source, or merged by one key where every source sorts by it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from crmgraph.domain.errors import BadReply, InputError
from crmgraph.domain.filtering import check, passes
from crmgraph.domain.records import Record
from crmgraph.service.choosing import Choosing
from crmgraph.service.cursors import Seal, digest
from crmgraph.service.custom import CustomFields
from crmgraph.service.identity import Identity
from crmgraph.service.pages import Asked, Budget, Listed, OnMissing
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
    ) -> None:
        self.session = session
        self.identity = identity
        self.staff = staff
        self.seal = seal
        self.custom = custom
        self.choosing = Choosing(session, custom, budget)
        self.region = region

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
        streams = [
            Stream(self.session, choice, asked.needed, Standing.of_json(standings.get(choice.name, {})))
            for choice in await self.choosing.lists(asked, sources)
        ]

        def seal(standings: Mapping[str, Any]) -> str:
            return self.seal.close({"q": question, "at": as_of.isoformat(), "s": standings})

        names = frozenset(source.name for source in sources)
        traversal = Traversal(asked, names, streams, as_of, self.identity, lambda record: self._passes(record, asked))
        return await traversal.page(seal)

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
