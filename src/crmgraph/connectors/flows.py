"""Every read a CRM offers, as generators: they yield calls, are handed replies and return raw records.

No input or output happens here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from crmgraph.connectors.asking import Wanted, asked_of, page_size, sorts_by
from crmgraph.connectors.batches import batch_of, find_batches, finds, keys_of, parents_of, sure_finds
from crmgraph.connectors.calls import build, merge
from crmgraph.connectors.definition import Definition, Resource, items_at, list_at
from crmgraph.connectors.exchange import Call, Flow, Reply, Site, Terms
from crmgraph.connectors.lines import parse_steps, put_through
from crmgraph.connectors.pagination import Page, Position, goes_round, parameters, turn
from crmgraph.connectors.pushdown import push_keys
from crmgraph.connectors.replies import Verdict, judge
from crmgraph.connectors.saying import NOTHING
from crmgraph.connectors.spec import Called, Endpoint, Find, Listing, Many, Of, Through, Whole
from crmgraph.connectors.transforms import Unreadable
from crmgraph.connectors.values import as_json
from crmgraph.domain.errors import BadReply, InputError, Unsupported
from crmgraph.domain.model import Kind

__all__ = ["Reader", "Wanted", "batch_of", "find_batches", "keys_of", "page_size", "parents_of", "sorts_by"]

EVERYTHING = Wanted()
_OF_PAGES = 100
"""How many pages of a list are read for one record."""


class Reader:
    """The flows of one definition for one source."""

    def __init__(self, definition: Definition, site: Site) -> None:
        self.definition = definition
        self.site = site

    def call(
        self,
        endpoint: Called,
        slots: Mapping[str, Any],
        extra: Mapping[str, Any] | None = None,
        terms: Terms | None = None,
    ) -> Call:
        """The call to an endpoint, with the definition's headers; `terms` are given where it reads."""
        return build(endpoint, self.site, self.definition.spec.headers, slots, extra, terms)

    def reading(self, endpoint: Endpoint, slots: Mapping[str, Any], extra: Mapping[str, Any] | None = None) -> Call:
        """A call that reads."""
        return self.call(endpoint, slots, extra, Terms(self.definition.reply_for(endpoint), endpoint.lifetime))

    def ask(
        self, endpoint: Endpoint, slots: Mapping[str, Any], extra: Mapping[str, Any] | None = None
    ) -> Flow[Verdict]:
        """One call that reads, and what its reply means."""
        call = self.reading(endpoint, slots, extra)
        return self.judged(endpoint, call, (yield call))

    def judged(self, endpoint: Called, call: Call, reply: Reply) -> Verdict:
        """What a reply means."""
        return judge(call, reply, self.definition.reply_for(endpoint))

    def page(
        self,
        listing: Listing,
        wanted: Wanted,
        position: Position,
        resource: Resource | None = None,
        then: Sequence[int] = (),
    ) -> Flow[Page]:
        """One page of a list; raises BadReply when what should be a list is none.

        `then` are the positions of pages that will surely be asked for after it.
        """
        asked = asked_of(listing, wanted, resource)
        return (yield from self._page(listing, {}, asked, position, page_size(listing, wanted), then))

    def _page(
        self,
        endpoint: Endpoint,
        slots: Mapping[str, Any],
        asked: Mapping[str, Any],
        position: Position,
        size: int,
        then: Sequence[int],
    ) -> Flow[Page]:
        def at(place: Position) -> Call:
            return self.reading(endpoint, slots, merge(asked, parameters(endpoint.pages, place, size)))

        # As many as the CRM takes at once; the others follow them.
        along = then[: self.definition.spec.limits.concurrency - 1]
        call = replace(at(position), then=tuple(map(at, along)))
        verdict = self.judged(endpoint, call, (yield call))
        if verdict.absent and not slots:
            raise self._bad(f"says that `{endpoint.call}` is not there, where its definition has a list")
        items = self._items(endpoint, verdict)
        try:
            return turn(endpoint, position, size, verdict.body, items)
        except Unreadable as wrong:
            raise self._bad(f"answered `{endpoint.call}` with a next page that holds {wrong}") from None

    def _bad(self, what: str) -> BadReply:
        return BadReply(self.site.source, f"{self.site.source} {what}.")

    def _items(self, endpoint: Endpoint, verdict: Verdict) -> Sequence[Any]:
        if verdict.absent:
            return []
        if endpoint.item is not None:
            one = items_at(endpoint.item, verdict.body)
            return [] if one is None or one == [] else [one]
        found = list_at(endpoint.items, verdict.body)
        if found is None:
            told = f"a list at `{endpoint.items}`" if endpoint.items else "a list"
            raise self._bad(f"answered `{endpoint.call}` without {told}, where its definition has one")
        return found

    def whole(
        self, listing: Listing, most: int, wanted: Wanted = EVERYTHING, resource: Resource | None = None
    ) -> Flow[Page]:
        """A list read to its end, in at most `most` pages: where there are more, what is given has a `next`."""
        return self._pages(listing, {}, asked_of(listing, wanted, resource), page_size(listing, wanted), most)

    def _pages(
        self, endpoint: Endpoint, slots: Mapping[str, Any], asked: Mapping[str, Any], size: int, most: int
    ) -> Flow[Page]:
        items: list[Any] = []
        position: Position = None
        seen: list[Position] = []
        then: Sequence[int] = ()
        for left in reversed(range(most)):
            page = yield from self._page(endpoint, slots, asked, position, size, then[:left])
            if goes_round(position, page, items) or page.next in seen:
                raise self._bad(f"gives the same page of `{endpoint.call}` again and again, so its list has no end")
            items += page.items
            seen.append(position := page.next)
            then = page.beyond
            if position is None:
                break
        return Page(items, position, len(items) if position is None else None)

    def get(self, resource: Resource, ident: str, parent: str | None = None) -> Flow[Any]:
        """One record by id, None when it is not there; raises Unsupported when the CRM cannot fetch one."""
        endpoint = resource.spec.get
        if endpoint is None and isinstance(resource.spec.get_many, Whole):
            found = yield from self._out_of_list(resource, ident)
            return found if resource.belongs(found) else None
        if endpoint is None:
            raise Unsupported(f"{self.site.source} cannot fetch one {resource.name} by id.", self.site.source)
        verdict = yield from self.ask(endpoint, {"id": ident, "parent": parent})
        if endpoint.items is not None:
            # The CRM has no path to one of them: it is looked for among its siblings.
            found = _alike(resource, self._items(endpoint, verdict), ident)
        else:
            found = None if verdict.absent else items_at(endpoint.item, verdict.body)
        if isinstance(found, list):
            found = found[0] if found else None
        if found is None or found == {}:
            return None
        if not isinstance(found, dict):
            raise self._bad(f"answered a {resource.name} that is no object")
        return found if resource.belongs(found) else None

    def _out_of_list(self, resource: Resource, ident: str) -> Flow[Any]:
        """One record out of a list that is short enough to be read whole."""
        page = yield from self.whole(self._list(resource, "list"), _OF_PAGES)
        found = _alike(resource, page.items, ident)
        if found is None and page.next is not None:
            raise self._bad(f"has more {resource.name} records than the {_OF_PAGES} pages that are read for one")
        return found

    def many(self, resource: Resource, idents: Sequence[str]) -> Flow[Sequence[Any]]:
        """Several records by id in one call; the caller keeps to `batch_of`."""
        how = resource.spec.get_many
        if isinstance(how, Many):
            slots = {"ids": list(idents), "size": len(idents)}
            return (yield from self._pages(how, slots, {}, len(idents), len(idents))).items
        if isinstance(how, Through):
            keys = [("id", ident) for ident in idents]
            return (yield from self._through(self._list(resource, how.through), keys, 1)).items
        raise Unsupported(f"{self.site.source} cannot fetch several {resource.name} at once.", self.site.source)

    def find(self, resource: Resource, keys: Sequence[str], most: int = 2, certain: bool = False) -> Flow[Page]:
        """The records that hold one of `keys` (`email:…`, `phone:…`, one of `find_batches`), in at most `most` pages.

        What comes back may hold others, which the caller leaves out; a `next` says that there may be more. With
        `certain`, one key is asked of what does not lag.
        """
        sort, _, value = keys[0].partition(":")
        how = sure_finds(resource).get(sort) if certain else finds(resource).get(sort)
        if isinstance(how, Through):
            parted = [(f"{one}s", text) for one, _, text in (key.partition(":") for key in keys)]
            return (yield from self._through(self._list(resource, how.through), parted, most))
        if not isinstance(how, Find):
            raise Unsupported(f"{self.site.source} cannot look a {resource.name} up by {sort}.", self.site.source)
        slots = {"value": put_through(value, parse_steps(how.write), NOTHING), "size": how.most}
        page = yield from self._pages(how, slots, {}, how.most, most)
        may_be_cut = how.pages is None and len(page.items) >= how.most
        return Page(page.items, 0, None) if may_be_cut else page

    def _through(self, listing: Listing, keys: Sequence[tuple[str, str]], most: int) -> Flow[Page]:
        """What holds one of `keys`, by the list's filter; keys that it cannot be asked leave the answer open."""
        spec = listing.filter
        sayable = [key for key in keys if spec is not None and push_keys(spec, [key])]
        if spec is None or not sayable:
            return Page([], 0, None)
        page = yield from self._pages(listing, {}, push_keys(spec, sayable), page_size(listing, EVERYTHING), most)
        return page if len(sayable) == len(keys) else Page(page.items, 0, None)

    def of(self, resource: Resource, kind: Kind, parents: Sequence[str], most: int) -> Flow[Page]:
        """The records that hang on `parents` (as many as `parents_of` says), in at most `most` pages."""
        how = resource.spec.of.get(kind)
        if isinstance(how, Through):
            keys = [(str(kind), parent) for parent in parents]
            return (yield from self._through(self._list(resource, how.through), keys, most))
        if isinstance(how, Whole):
            return (yield from self.whole(self._list(resource, how.whole), most))
        if not isinstance(how, Of):
            raise Unsupported(f"{self.site.source} keeps no {resource.name} of a {kind}.", self.site.source)
        slots = {"parents": list(parents), "parent": parents[0]}
        endpoint = how.alone if how.alone is not None and len(parents) == 1 else how
        return (yield from self._pages(endpoint, slots, {}, endpoint.pages.size if endpoint.pages else 100, most))

    def agenda(self, resource: Resource, user: str, between: tuple[datetime, datetime], most: int) -> Flow[Page]:
        """The records of one user that begin between two times, in at most `most` pages."""
        how = resource.spec.agenda
        if how is None:
            raise Unsupported(f"{self.site.source} has no agenda of {resource.name}.", self.site.source)
        begin, end = (as_json(put_through(one, parse_steps(how.write), NOTHING)) for one in between)
        slots = {"whose": user, "begin": begin, "end": end}
        return (yield from self._pages(how, slots, {}, how.pages.size if how.pages else 100, most))

    def _list(self, resource: Resource, name: str) -> Listing:
        listing = resource.spec.list if name == "list" else resource.spec.search
        if listing is None:
            raise Unsupported(f"{self.site.source} has no {name} of {resource.name}.", self.site.source)
        return listing

    def table(self, name: str, most: int) -> Flow[Mapping[str, Any]]:
        """A vocabulary: id → what it means."""
        vocabulary = self.definition.tables[name]
        source = vocabulary.source
        page = yield from self._pages(source, {}, {}, source.pages.size if source.pages else 100, most)
        try:
            return vocabulary.read(page.items, {"settings": {**self.site.settings, "source": self.site.source}})
        except Unreadable as wrong:
            raise self._bad(f"answered a list of {name} that holds {wrong}") from None

    def probe(self) -> Flow[None]:
        """One cheap authenticated read; raises what is wrong."""
        endpoint = self.definition.probe()
        if endpoint is None:
            raise InputError(f"The connector {self.definition.name} declares nothing that can be read.")
        verdict = yield from self.ask(endpoint, {"size": 1}, parameters(endpoint.pages, None, 1))
        if verdict.absent:
            raise self._bad(f"says that `{endpoint.call}` is not there, which its definition reads first")
        if endpoint.items is not None:
            self._items(endpoint, verdict)


def _alike(resource: Resource, items: Sequence[Any], ident: str) -> Any:
    """The one of several with this id."""
    return next((one for one in items if str(resource.ident(one, NOTHING)) == ident), None)
