"""Which of a source's lists answers a question, how it is asked, and when a source need not be asked at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from crmgraph.connectors.definition import Resource
from crmgraph.connectors.flows import Wanted, page_size, sorts_by
from crmgraph.connectors.pushdown import KeyOf, tables_asked
from crmgraph.connectors.spec import Listing
from crmgraph.domain.errors import Unsupported
from crmgraph.domain.filtering import CUSTOM_PREFIX, And, Condition, Filter, Op, Or, conditions, conjuncts
from crmgraph.domain.naming import NAMES
from crmgraph.service.custom import CustomFields
from crmgraph.service.pages import Asked, Budget
from crmgraph.service.ports import Source
from crmgraph.service.problems import Problem
from crmgraph.service.relations import may_be
from crmgraph.service.session import Session
from crmgraph.service.targets import for_source


@dataclass(frozen=True, slots=True)
class Choice:
    """One list that is read for a question: `calls` is how many pages of it one answer may read."""

    source: Source
    resource: Resource
    listing: Listing
    wanted: Wanted
    calls: int

    @property
    def name(self) -> str:
        """What a cursor calls it."""
        return f"{self.source.name}/{self.resource.name}"


class Choosing:
    """Chooses lists for one session."""

    def __init__(self, session: Session, custom: CustomFields, budget: Budget) -> None:
        self.session = session
        self.custom = custom
        self.budget = budget

    async def lists(self, asked: Asked, sources: Sequence[Source]) -> list[Choice]:
        """The lists to read, most trusted source first; raises Unsupported where an order is not to be had."""
        return [await self._choice(asked, *one) for one in self.chosen(asked, sources)]

    def chosen(self, asked: Asked, sources: Sequence[Source]) -> list[tuple[Source, Resource, Listing]]:
        """As `lists`, before it is known how they are asked; nothing is called."""
        self._name_the_missing(asked, sources)
        stores = [
            store for source in sources for kind in asked.kinds for store in self.session.resources(kind, [source])
        ]
        found = [(source, resource, self._listing(asked, source, resource)) for source, resource in stores]
        return [
            (source, resource, listing)
            for source, resource, listing in found
            if listing is not None and not self._nothing_passes(asked.filter, source, resource)
        ]

    def _name_the_missing(self, asked: Asked, sources: Sequence[Source]) -> None:
        """A source that has no list of this kind is a gap that the answer names, where it was asked for by name."""
        for source in sources if asked.sources is not None else ():
            kept = [one for kind in asked.kinds for one in source.reader.definition.of_kind(kind)]
            if not any(one.listings for one in kept):
                message = f"{source.name} has no list of {asked.kind} records."
                self.session.note(source.name, Problem(source.name, "UNSUPPORTED", message))

    def _listing(self, asked: Asked, source: Source, resource: Resource) -> Listing | None:
        """The list that can do most of what is asked, None where there is nothing to be read."""
        lists = resource.listings if may_be(resource, asked.activity_kinds) else ()
        if lists and asked.search is not None:
            lists = self._searchable(lists, asked.search, source, resource)
        if lists and asked.order is not None:
            lists = _ordered(lists, asked.order, source, resource)
        return max(lists, key=lambda one: _pushed(one, asked.filter), default=None)

    def _searchable(
        self, lists: Sequence[Listing], text: str, source: Source, resource: Resource
    ) -> tuple[Listing, ...]:
        """The lists that take the text whole; where none does, those that take its beginning."""
        able = tuple(one for one in lists if one.text is not None)
        found = tuple(one for one in able if one.longest_text is None or len(text) <= one.longest_text) or able
        if not found:
            message = f"{source.name} cannot search {resource.name} records by text."
            self.session.note(source.name, Problem(source.name, "UNSUPPORTED", message))
        return found

    def _nothing_passes(self, wanted: Filter | None, source: Source, resource: Resource) -> bool:
        """Whether a condition that must hold looks at a field which this source never fills: then no call is needed."""
        own = None if wanted is None else for_source(wanted, resource.kind, source.name)
        # Each form of a name is told from the other.
        filled = resource.lenses.keys() | (NAMES if not NAMES.isdisjoint(resource.lenses) else set())
        for one in conjuncts(own) if own is not None else ():
            if one == Or(()):
                return True
            if isinstance(one, Condition) and one.op is not Op.IS_NULL:
                top, _, key = one.field.partition(".")
                if top not in filled or (key and self.custom.theirs(source.name, key) is None):
                    return True
        return False

    async def _choice(self, asked: Asked, source: Source, resource: Resource, listing: Listing) -> Choice:
        wanted = await self._wanted(asked, source, resource, listing)
        return Choice(source, resource, listing, wanted, calls_of(self.budget, asked, listing))

    async def _wanted(self, asked: Asked, source: Source, resource: Resource, listing: Listing) -> Wanted:
        size = size_of(asked, listing)
        fields = asked.needed if asked.fields else None
        if asked.filter is None:
            return Wanted(asked.search, None, asked.order, size, fields)
        own = for_source(asked.filter, resource.kind, source.name)
        key_of = await self._key_of(own, source, resource)
        await self.session.load_vocabularies(source, tables_asked(listing.filter, own))
        return Wanted(asked.search, own, asked.order, size, fields, key_of, self.session.tables[source.name])

    async def _key_of(self, wanted: Filter, source: Source, resource: Resource) -> KeyOf:
        """What the source's filter calls a custom field; nothing while the vocabulary that tells cannot be had."""
        if not any(one.field.startswith(CUSTOM_PREFIX) for one in conditions(wanted)):
            return self.custom.pusher(source.name, {})
        names = resource.tables_for(["customFields"])
        await self.session.load_vocabularies(source, names)
        at_hand = self.session.tables[source.name]
        if not names <= at_hand.keys():
            return lambda key: None
        return self.custom.pusher(source.name, {ident: row for name in names for ident, row in at_hand[name].items()})


def size_of(asked: Asked, listing: Listing) -> int | None:
    """How many records a page is asked for, None for as many as the CRM gives."""
    style = listing.pages.style if listing.pages else "none"
    # A page number means something under one size only; elsewhere no more is asked than is wanted, and one more to
    # overlap.
    return None if style == "page" or asked.filter is not None else asked.first + 1


def calls_of(budget: Budget, asked: Asked, listing: Listing) -> int:
    """How many pages of a list one answer may read."""
    size = page_size(listing, Wanted(size=size_of(asked, listing)))
    return max(1, min(budget.calls, ceil(budget.records / size)))


def _ordered(
    lists: Sequence[Listing], order: tuple[str, bool], source: Source, resource: Resource
) -> tuple[Listing, ...]:
    found = tuple(one for one in lists if sorts_by(one, order))
    if not found:
        direction = "descending" if order[1] else "ascending"
        raise Unsupported(
            f"{source.name} cannot list {resource.name} records by {order[0]} {direction};"
            " name the sources that can in `sources`, or leave `orderBy` out.",
            source.name,
        )
    return found


def _pushed(listing: Listing, wanted: Filter | None) -> int:
    """How many conditions the list can be asked itself; among equals the plain list comes first."""
    known = listing.filter.fields if listing.filter is not None else {}
    return sum(1 for one in conditions(wanted or And(())) if one.field.partition(".")[0] in known)
