"""What each question of a reading may cost, mirrored on `Reading` and its parts, and asked of nobody.

Each method puts on the bill what its namesake would call at the most. `path` names the field that asks.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from crmgraph.connectors.definition import Resource
from crmgraph.connectors.flows import Wanted, keys_of, page_size
from crmgraph.connectors.pushdown import tables_asked
from crmgraph.connectors.spec import Endpoint, Listing
from crmgraph.domain.filtering import Filter, check, conditions
from crmgraph.domain.model import FIELDS, Kind
from crmgraph.domain.profiles import NEEDED
from crmgraph.domain.records import Ref
from crmgraph.service import costs
from crmgraph.service.agendas import NAMESAKES, asked_for, without_list
from crmgraph.service.choosing import Choosing, calls_of, size_of
from crmgraph.service.costs import Bill, Crowd, signature
from crmgraph.service.custom import CustomFields
from crmgraph.service.identity import FETCHED, SINGLE_KEYS
from crmgraph.service.ids import decode, encode
from crmgraph.service.lookup import LINKS, OF_PAGES
from crmgraph.service.pages import Asked, Budget
from crmgraph.service.ports import Source
from crmgraph.service.reading import HOLDERS
from crmgraph.service.relations import MOST_LINKS, may_be
from crmgraph.service.session import TABLE_PAGES, Session
from crmgraph.service.staff import stores_of, users_named
from crmgraph.service.streams import STEPS_BACK
from crmgraph.service.traversal import TOGETHER


@dataclass(frozen=True, slots=True)
class Things:
    """At most so many things of a kind, each with at most one record in each of `sources`."""

    kind: Kind
    crowd: Crowd
    sources: tuple[str, ...]

    def each(self, kind: Kind, most: int, sources: Iterable[str]) -> "Things":
        """What comes of them: at most `most` of each."""
        return Things(kind, self.crowd.times(most), tuple(sources))


class Pricing:
    """Puts prices on the questions of one operation."""

    def __init__(self, session: Session, custom: CustomFields, budget: Budget) -> None:
        self.session = session
        self.budget = budget
        self.choosing = Choosing(session, custom, budget)
        self.bill = Bill.of(session.sources)

    def stores(self, kind: Kind, sources: Collection[str]) -> list[tuple[Source, Resource]]:
        """Where records of a kind are kept, of some sources."""
        return [(source, one) for source, one in self.session.resources(kind) if source.name in sources]

    def tables(self, source: Source, resource: Resource, fields: Iterable[str], path: str) -> None:
        """The vocabularies that fields look into; those that are kept from a request before cost nothing."""
        for name in sorted(resource.tables_for(frozenset(fields))):
            self.table(source, name, path)

    def table(self, source: Source, name: str, path: str) -> None:
        vocabulary = source.reader.definition.tables.get(name)
        if vocabulary is not None:
            most = costs.pages(vocabulary.source, TABLE_PAGES)
            self.bill.once(source.name, signature(vocabulary.source), most, f"{path}: the vocabulary of {name}")

    def whole(self, source: Source, listing: Listing, most: int, because: str, certain: bool = False) -> None:
        """A list that is read whole, once for the operation."""
        certain = certain and not costs.is_paged(listing)
        self.bill.once(source.name, signature(listing), costs.pages(listing, most), because, certain)

    def vocabulary(self, kind: Kind, sources: Sequence[str] | None, path: str) -> None:
        """All records of a short kind."""
        for source, resource in self.session.resources(kind, self.session.choose(sources)):
            if resource.listings:
                because = f"{path}: the list of {resource.name} records"
                self.whole(source, resource.listings[0], self.budget.calls, because, certain=True)
                self.tables(source, resource, FIELDS[kind], path)
        if kind is Kind.USER:
            self.staff(path)

    def staff(self, path: str) -> None:
        """Who users are: each source's list of them, where somebody may stand in several."""
        for source, resource in stores_of(self.session):
            if resource.listings:
                because = f"{path}: the list of {resource.name} records"
                self.whole(source, resource.listings[0], self.budget.calls, because)
                self.tables(source, resource, FIELDS[Kind.USER], path)

    def listed(self, asked: Asked, times: int, path: str) -> None:
        """So many pages of a list: what every source may be read for them; raises InputError as the list does."""
        if asked.filter is not None:
            check(asked.filter, asked.kind)
            self._users_named(asked.filter, path)
        self._lists(asked, times, path)

    def _lists(self, asked: Asked, times: int, path: str) -> None:
        for source, resource, listing in self.choosing.chosen(asked, self.session.choose(asked.sources)):
            most = self._pages(asked, listing)
            because = f"{path}: {_counted(most, 'page')} of {resource.name} records"
            self.bill.add(source.name, most * times, because)
            self.tables(source, resource, asked.needed, path)
            if asked.filter is not None:
                for name in sorted(tables_asked(listing.filter, asked.filter)):
                    self.table(source, name, path)
            if not asked.needed.isdisjoint(listing.omits):
                read = most * times * page_size(listing, Wanted(size=size_of(asked, listing)))
                self._records(source, resource, Crowd(read, read), asked.needed, path)

    def _users_named(self, filter: Filter, path: str) -> None:
        """The users that a filter names, each looked up with all records that they have."""
        for one in conditions(filter):
            refs = [ref for ident in users_named(one) if (ref := decode(ident).ref) is not None]
            for ref in refs if stores_of(self.session) else ():
                self.staff(path)
                self.one(ref, FIELDS[Kind.USER], path)

    def day(self, ref: Ref, fields: Collection[str], path: str) -> tuple[str, ...]:
        """A user's day: who they are, and what is theirs in each source that may know them; returns these sources."""
        self.staff(path)
        self.one(ref, FIELDS[Kind.USER], path)
        known = {source.name: one.name for source, one in stores_of(self.session)} | {ref.source: ref.resource}
        ids = tuple(encode(Kind.USER, Ref(source, resource, "?")) for source, resource in known.items())
        for kind in (Kind.TASK, Kind.ACTIVITY):
            self._lists(asked_for(kind, ids, fields), 1, path)
        for source in map(self.session.sources.__getitem__, known):
            for resource, agenda in ((one, one.spec.agenda) for one in without_list(source)):
                if agenda is not None:
                    because = f"{path}: {resource.name} records of {NAMESAKES} users at the most"
                    self.bill.add(source.name, NAMESAKES * costs.pages(agenda, OF_PAGES), because)
        return tuple(known)

    def _pages(self, asked: Asked, listing: Listing) -> int:
        """The pages of one list: within the budget, and what resuming reads over again."""
        if not costs.is_paged(listing):
            return 1
        most = calls_of(self.budget, asked, listing)
        return most if asked.after is None else most + 2 + STEPS_BACK

    def records(self, kind: Kind, crowd: Crowd, sources: Collection[str], fields: Collection[str], path: str) -> None:
        """So many records of a kind by their ids, in each of some sources."""
        for source, resource in self.stores(kind, sources):
            self._records(source, resource, crowd, fields, path)

    def _records(self, source: Source, resource: Resource, crowd: Crowd, fields: Collection[str], path: str) -> None:
        listing = costs.whole_list(resource)
        if listing is not None:
            self.whole(source, listing, OF_PAGES, f"{path}: the list of {resource.name} records")
        else:
            because = f"{path}: {_counted(crowd.size, resource.name + ' record')} by id"
            self.bill.add(source.name, costs.records(resource, crowd), because)
        self.tables(source, resource, fields, path)

    def one(self, ref: Ref, fields: Collection[str], path: str) -> None:
        """One record by its ref, which costs exactly one call where the CRM gives it by id."""
        resource = self.session.resource(ref.source, ref.resource)
        source = self.session.sources[ref.source]
        if resource.spec.get is not None and resource.spec.get_many is None:
            because = f"{path}: the {resource.name} record by id"
            self.bill.once(ref.source, f"{resource.name} {ref.id} {ref.parent}", 1, because, certain=True)
            self.tables(source, resource, fields, path)
        else:
            self._records(source, resource, Crowd(1), fields, path)

    def hanging(
        self, things: Things, kind: Kind, words: Collection[str] | None, fields: Collection[str], path: str
    ) -> None:
        """What hangs on things: the records of `kind` of each."""
        for source, resource in self.stores(kind, things.sources):
            if things.kind not in resource.spec.of or not may_be(resource, words):
                continue
            listing = costs.whole_list(resource, things.kind)
            if listing is not None:
                self.whole(source, listing, OF_PAGES, f"{path}: the list of {resource.name} records, read once")
            else:
                because = f"{path}: {resource.name} records of {_counted(things.crowd.size, str(things.kind))}"
                self.bill.add(source.name, costs.hanging(resource, things.kind, things.crowd), because)
            self.tables(source, resource, {*LINKS, *fields}, path)
            self._left_out(source, resource, things, fields, path)

    def _left_out(self, source: Source, resource: Resource, things: Things, fields: Collection[str], path: str) -> None:
        """Records whose endpoint leaves wanted fields out are read again by their ids."""
        how = resource.spec.of.get(things.kind)
        if isinstance(how, Endpoint) and not set(how.omits).isdisjoint(fields):
            read = costs.hanging(resource, things.kind, things.crowd) * (how.pages.size if how.pages else 100)
            self._records(source, resource, Crowd(read, read), fields, path)

    def linked(self, things: Things, field: str, kind: Kind, fields: Collection[str], path: str) -> Things:
        """What a link of each thing leads to, in the source that the link came from."""
        self._whoever(kind, path)
        sources = [one for one in things.sources if self._fills(one, things.kind, field)]
        self.records(kind, things.crowd, sources, fields, path)
        return things.each(kind, 1, sources)

    def all_linked(
        self, things: Things, names: Sequence[str], kind: Kind, fields: Collection[str], path: str
    ) -> Things:
        """What several links of each thing lead to."""
        sources = [one for one in things.sources if any(self._fills(one, things.kind, name) for name in names)]
        self._whoever(kind, path)
        several = things.each(kind, MOST_LINKS, sources)
        self.records(kind, several.crowd, sources, fields, path)
        return several

    def _whoever(self, kind: Kind, path: str) -> None:
        if kind is Kind.USER:
            self.staff(path)

    def people(self, things: Things, fields: Collection[str], path: str) -> Things:
        """The persons that each thing's record points to."""
        for name in things.sources:
            several = self._fills(name, things.kind, "contacts")
            pointed = things.crowd.times(MOST_LINKS) if several else Crowd(things.crowd.size, things.crowd.size)
            self.records(Kind.CONTACT, pointed, [name], {*NEEDED, *fields}, path)
        most = MOST_LINKS if any(self._fills(one, things.kind, "contacts") for one in things.sources) else 1
        self.persons(things.crowd.size, things.crowd.times(most), fields, path)
        return things.each(Kind.CONTACT, most, self.session.sources)

    def people_of(self, things: Things, first: int, fields: Collection[str], path: str) -> Things:
        """The persons whose records hang on each thing."""
        self.hanging(things, Kind.CONTACT, None, fields, path)
        self.persons(things.crowd.size, things.crowd.times(FETCHED), fields, path)
        return things.each(Kind.CONTACT, first, self.session.sources)

    def _fills(self, source: str, kind: Kind, field: str) -> bool:
        kinds = (Kind.ACTIVITY, Kind.NOTE) if kind is Kind.ACTIVITY else (kind,)
        return any(field in one.lenses or one.parent for k in kinds for _, one in self.stores(k, [source]))

    def persons(self, times: int, seeds: Crowd, fields: Collection[str], path: str, thorough: bool = False) -> None:
        """Putting people together so many times: live look-ups by key, and what only the index knows of. The only
        source is not looked up in.
        """
        for source, resource in self.session.resources(Kind.CONTACT):
            if len(self.session.sources) > 1:
                most = costs.closing(resource, max(1, -(-seeds.size // max(times, 1))), thorough)
                because = f"{path}: look-ups by e-mail and phone, {_counted(times, 'time')}"
                self.bill.add(source.name, times * most, because)
            missing = Crowd(min(seeds.size, times * FETCHED), max(times, seeds.batches))
            self._records(source, resource, missing, {*NEEDED, *fields}, path)

    def page(self, asked: Asked, times: int, path: str) -> Things:
        """So many pages of people."""
        self.listed(asked, times, path)
        together = times * TOGETHER
        self.persons(together, Crowd(together * asked.first, together), asked.needed, path)
        return Things(Kind.CONTACT, Crowd(times * asked.first, times), tuple(self.session.sources))

    def person(self, ref: Ref | None, fields: Collection[str], path: str) -> Things:
        """One person by one of their records, None by whichever the map has of them; when sources fail, by the keys
        that the index knows.
        """
        if ref is None:
            self.records(Kind.CONTACT, Crowd(HOLDERS, HOLDERS), tuple(self.session.sources), {*NEEDED, *fields}, path)
        else:
            resource = self.session.resource(ref.source, ref.resource)
            self._records(self.session.sources[ref.source], resource, Crowd(1), {*NEEDED, *fields}, path)
        return self.by_keys(SINGLE_KEYS, fields, path)

    def by_keys(self, count: int, fields: Collection[str], path: str, sort: str | None = None) -> Things:
        """The persons who hold so many keys (of one sort, where it is known)."""
        stores = self.session.resources(Kind.CONTACT)
        for source, resource in stores:
            sorts = [one for one in costs.SORTS if keys_of(resource, one) and sort in (None, one)]
            most = max((costs.find(resource, _mixed(sorts, at, count)) for at in range(count + 1)), default=0)
            self.bill.add(source.name, most, f"{path}: {_counted(most, 'look-up')} by key")
            self._records(source, resource, Crowd(HOLDERS, HOLDERS), {*NEEDED, *fields}, path)
        self.persons(1, Crowd(HOLDERS * len(stores)), fields, path, thorough=True)
        return Things(Kind.CONTACT, Crowd(1), tuple(self.session.sources))


def _mixed(sorts: Sequence[str], at: int, count: int) -> Mapping[str, int]:
    """Some keys of each of two sorts, or all of one."""
    return dict(zip(sorts, (at, count - at) if len(sorts) > 1 else (count,), strict=True)) if sorts else {}


def _counted(number: int, what: str) -> str:
    if number == 1:
        return f"1 {what}"
    return f"{number} {what[:-1]}ies" if what.endswith("y") else f"{number} {what}s"
