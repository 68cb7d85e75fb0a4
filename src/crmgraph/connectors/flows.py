"""Every read a CRM offers, as generators: they yield calls, are handed replies and return raw records. No input or output here."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crmgraph.connectors.calls import build, merge
from crmgraph.connectors.definition import Definition, Resource, items_at, list_at
from crmgraph.connectors.exchange import Call, Flow, Site
from crmgraph.connectors.mapping import parse_step, reader
from crmgraph.connectors.pagination import Page, Position, goes_round, parameters, turn
from crmgraph.connectors.pushdown import KeyOf, push
from crmgraph.connectors.replies import Verdict, judge
from crmgraph.connectors.spec import Endpoint, Find, Listing, Many, Of, Through, Whole
from crmgraph.connectors.templates import fill
from crmgraph.domain.errors import BadReply, InputError, Unsupported
from crmgraph.domain.filtering import Condition, Filter, Op, Or
from crmgraph.domain.model import Kind
from crmgraph.domain.records import Getter


def _same(key: str) -> str | None:
    return key


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is asked: free text, conditions, one order (our field, whether descending), how many a page, which fields."""

    text: str | None = None
    filter: Filter | None = None
    order: tuple[str, bool] | None = None
    size: int | None = None
    fields: frozenset[str] | None = None
    key_of: KeyOf = field(default=_same)


EVERYTHING = Wanted()


class Reader:
    """The flows of one definition for one source."""

    def __init__(self, definition: Definition, site: Site) -> None:
        self.definition = definition
        self.site = site

    def call(self, endpoint: Endpoint, slots: Mapping[str, Any], extra: Mapping[str, Any] | None = None) -> Call:
        """The call to an endpoint, with the definition's headers."""
        return build(endpoint, self.site, self.definition.spec.headers, slots, extra)

    def ask(
        self, endpoint: Endpoint, slots: Mapping[str, Any], extra: Mapping[str, Any] | None = None
    ) -> Flow[Verdict]:
        """One call and what its reply means."""
        call = self.call(endpoint, slots, extra)
        reply = yield call
        return judge(call, reply, self.definition.reply_for(endpoint))

    def page(
        self, listing: Listing, wanted: Wanted, position: Position, resource: Resource | None = None
    ) -> Flow[Page]:
        """One page of a list; raises BadReply when what should be a list is none."""
        asked = _asked(listing, wanted, resource)
        return (yield from self._page(listing, {}, asked, position, page_size(listing, wanted)))

    def _page(
        self, endpoint: Endpoint, slots: Mapping[str, Any], asked: Mapping[str, Any], position: Position, size: int
    ) -> Flow[Page]:
        verdict = yield from self.ask(endpoint, slots, merge(asked, parameters(endpoint.pages, position, size)))
        if verdict.absent and not slots:
            raise BadReply(
                self.site.source,
                f"{self.site.source} says that `{endpoint.call}` is not there, where its definition has a list.",
            )
        return turn(endpoint, position, size, verdict.body, self._items(endpoint, verdict))

    def _items(self, endpoint: Endpoint, verdict: Verdict) -> Sequence[Any]:
        if verdict.absent:
            return []
        if endpoint.item is not None:
            one = items_at(endpoint.item, verdict.body)
            return [] if one is None or one == [] else [one]
        found = list_at(endpoint.items, verdict.body)
        if found is None:
            raise BadReply(
                self.site.source,
                f"{self.site.source} answered `{endpoint.call}` without a list at `{endpoint.items or ''}`,"
                " where its definition has one.",
            )
        return found

    def whole(
        self, listing: Listing, most: int, wanted: Wanted = EVERYTHING, resource: Resource | None = None
    ) -> Flow[Page]:
        """A list read to its end, in at most `most` pages: where there are more, the page that is given has a `next`."""
        return self._pages(listing, {}, _asked(listing, wanted, resource), page_size(listing, wanted), most)

    def _pages(
        self, endpoint: Endpoint, slots: Mapping[str, Any], asked: Mapping[str, Any], size: int, most: int
    ) -> Flow[Page]:
        items: list[Any] = []
        position: Position = None
        for _ in range(most):
            page = yield from self._page(endpoint, slots, asked, position, size)
            if goes_round(position, page, items):
                raise BadReply(
                    self.site.source,
                    f"{self.site.source} gives the same page of `{endpoint.call}` again and again,"
                    " so its list cannot be read to the end.",
                )
            items += page.items
            position = page.next
            if position is None:
                break
        return Page(items, position, len(items))

    def get(self, resource: Resource, ident: str, parent: str | None = None) -> Flow[Any]:
        """One record by id, None when it is not there; raises Unsupported when the CRM cannot fetch one."""
        endpoint = resource.spec.get
        if endpoint is None:
            raise Unsupported(f"{self.site.source} cannot fetch one {resource.name} by id.", self.site.source)
        verdict = yield from self.ask(endpoint, {"id": ident, "parent": parent})
        if endpoint.items is not None:
            # The CRM has no path to one of them: it is looked for among its siblings.
            siblings = self._items(endpoint, verdict)
            return next((item for item in siblings if str(resource.ident(item, {})) == ident), None)
        found = None if verdict.absent else items_at(endpoint.item, verdict.body)
        if isinstance(found, list):
            found = found[0] if found else None
        if found is None or found == {}:
            return None
        if not isinstance(found, dict):
            raise BadReply(self.site.source, f"{self.site.source} answered a {resource.name} that is no object.")
        return found if resource.belongs(found) else None

    def many(self, resource: Resource, idents: Sequence[str]) -> Flow[Sequence[Any]]:
        """Several records by id in one call; the caller keeps to `batch_of`."""
        how = resource.spec.get_many
        if isinstance(how, Many):
            verdict = yield from self.ask(how, {"ids": list(idents)})
            return self._items(how, verdict)
        if isinstance(how, Through):
            wanted = Wanted(filter=Condition("id", Op("in"), tuple(idents)), size=len(idents))
            return (yield from self.whole(self._list(resource, how.through), 1, wanted)).items
        raise Unsupported(f"{self.site.source} cannot fetch several {resource.name} at once.", self.site.source)

    def find(self, resource: Resource, keys: Sequence[str], most: int = 2) -> Flow[Page]:
        """The records that hold one of `keys` (`email:…`, `phone:…`, one batch of `find_batches`), in at most `most` pages.

        What comes back may hold others, which the caller leaves out; a `next` says that there may be more.
        """
        sort, _, value = keys[0].partition(":")
        how = _finds(resource).get(sort)
        if isinstance(how, Through):
            either = Or(tuple(_key_condition(key) for key in keys))
            return (yield from self.whole(self._list(resource, how.through), most, Wanted(filter=either)))
        if not isinstance(how, Find):
            raise Unsupported(f"{self.site.source} cannot look a {resource.name} up by {sort}.", self.site.source)
        verdict = yield from self.ask(how, {"value": _written(value, how.write), "size": how.most})
        items = self._items(how, verdict)
        return Page(items, None, len(items))

    def of(self, resource: Resource, kind: Kind, parents: Sequence[str], most: int) -> Flow[Page]:
        """The records that hang on `parents` (as many as `parents_of` says), in at most `most` pages."""
        how = resource.spec.of.get(kind)
        if isinstance(how, Through):
            either = Or(tuple(Condition(str(kind), Op("eq"), one) for one in parents))
            return (yield from self.whole(self._list(resource, how.through), most, Wanted(filter=either)))
        if isinstance(how, Whole):
            return (yield from self.whole(self._list(resource, how.whole), most))
        if not isinstance(how, Of):
            raise Unsupported(f"{self.site.source} keeps no {resource.name} of a {kind}.", self.site.source)
        slots = {"parents": list(parents), "parent": parents[0]}
        return (yield from self._pages(how, slots, {}, how.pages.size if how.pages else 100, most))

    def _list(self, resource: Resource, name: str) -> Listing:
        listing = resource.spec.list if name == "list" else resource.spec.search
        if listing is None:
            raise Unsupported(f"{self.site.source} has no {name} of {resource.name}.", self.site.source)
        return listing

    def table(self, name: str, most: int) -> Flow[Mapping[str, Any]]:
        """A vocabulary: id → what it means."""
        spec = self.definition.spec.tables[name]
        if spec.of is not None:
            resource = self.definition.resources[spec.of]
            page = yield from self.whole(self._list(resource, "list"), most)
            meaning = _meaning(spec.value, resource.getters)
            ident = resource.ident if spec.key == "id" else resource.getters[spec.key]
            return {str(ident(item, {})): meaning(item) for item in page.items}
        endpoint = spec.endpoint
        if endpoint is None:
            raise Unsupported(f"The vocabulary {name} of {self.definition.name} has neither `of` nor `endpoint`.")
        page = yield from self._pages(endpoint, {}, {}, endpoint.pages.size if endpoint.pages else 100, most)
        key, meaning = reader(spec.key), _meaning(spec.value, None)
        return {str(key(item, {})): meaning(item) for item in page.items}

    def probe(self) -> Flow[None]:
        """One cheap authenticated read; raises what is wrong."""
        endpoint = self.definition.probe()
        if endpoint is None:
            raise InputError(f"The connector {self.definition.name} declares nothing that can be read.")
        yield from self.ask(endpoint, {"size": 1}, parameters(endpoint.pages, None, 1))


def page_size(listing: Listing, wanted: Wanted) -> int:
    """How many records a call asks for: what is wanted, at most what the CRM gives."""
    most = listing.pages.size if listing.pages else 100
    return most if wanted.size is None else max(1, min(most, wanted.size))


def batch_of(resource: Resource) -> int:
    """How many ids one call takes; 1 where the CRM fetches singly, 0 where the whole list is read instead."""
    how = resource.spec.get_many
    if isinstance(how, Many | Through):
        return how.max
    return 0 if isinstance(how, Whole) else 1


def parents_of(resource: Resource, kind: Kind) -> int:
    """How many parents one call takes; 0 where the whole list is read instead."""
    how = resource.spec.of.get(kind)
    if isinstance(how, Of):
        return how.many or 1
    return how.max if isinstance(how, Through) else 0


def keys_of(resource: Resource, sort: str) -> int:
    """How many keys of this sort one call finds; 0 where the CRM cannot look one up."""
    how = _finds(resource).get(sort)
    if isinstance(how, Through):
        return how.max
    return 1 if isinstance(how, Find) else 0


def find_batches(resource: Resource, keys: Sequence[str]) -> list[Sequence[str]]:
    """`keys` parted into the calls that find them; keys of a sort that the CRM cannot look up are left out."""
    together: dict[str, list[str]] = {}
    alone: list[Sequence[str]] = []
    for key in keys:
        how = _finds(resource).get(key.partition(":")[0])
        if isinstance(how, Through):
            together.setdefault(how.through, []).append(key)
        elif how is not None:
            alone.append([key])
    size = min((how.max for how in _finds(resource).values() if isinstance(how, Through)), default=1)
    chunks = [held[at : at + size] for held in together.values() for at in range(0, len(held), size)]
    return [*chunks, *alone]


def _finds(resource: Resource) -> Mapping[str, Find | Through]:
    return {str(sort): how for sort, how in resource.spec.find.items()}


def _key_condition(key: str) -> Condition:
    sort, _, value = key.partition(":")
    return Condition("emails" if sort == "email" else "phones", Op("eq"), value)


def sorts_by(listing: Listing, order: tuple[str, bool]) -> bool:
    """Whether the list can come in this order: asked for, or by nature."""
    name, descending = order
    return _order(listing, order) is not None or listing.natural == f"{name} {'desc' if descending else 'asc'}"


def _asked(listing: Listing, wanted: Wanted, resource: Resource | None) -> dict[str, Any]:
    """What of `wanted` the list can be asked, in its own words."""
    asked: dict[str, Any] = {}
    if wanted.text is not None and listing.text is not None:
        asked |= fill(listing.text, {"text": wanted.text[: listing.longest_text]})
    if wanted.filter is not None and listing.filter is not None:
        pushed = push(listing.filter, wanted.filter, wanted.key_of)
        # Where the CRM has one parameter for both, the text goes first: the gateway can apply a filter, but no free text.
        asked |= pushed if asked.keys().isdisjoint(pushed) else {}
    if wanted.order is not None:
        asked |= fill(_order(listing, wanted.order) or {}, {})
    if wanted.fields is not None and listing.select is not None and resource is not None:
        asked[listing.select.param] = listing.select.separator.join(_selected(listing, wanted.fields, resource))
    return asked


def _order(listing: Listing, order: tuple[str, bool]) -> Mapping[str, Any] | None:
    name, descending = order
    known = listing.order.get(name)
    return None if known is None else known.desc if descending else known.asc


def _selected(listing: Listing, fields: Iterable[str], resource: Resource) -> list[str]:
    reads = {key for name in fields if name in resource.lenses for key in resource.lenses[name].reads}
    always = listing.select.always if listing.select else []
    return list(dict.fromkeys([*always, *sorted(reads)]))


def _written(key: str, transforms: str | None) -> str:
    for transform, argument in [parse_step(call.strip()) for call in transforms.split("|")] if transforms else []:
        key = str(transform.read(key, argument))
    return key


def _meaning(value: str | Mapping[str, str], getters: Mapping[str, Getter] | None) -> Callable[[Any], Any]:
    """What a vocabulary says of one item: by our fields where it is a resource's list, by paths otherwise."""
    read = reader if getters is None else getters.__getitem__
    if isinstance(value, str):
        one = read(value)
        return lambda item: one(item, {})
    parts = {part: read(path) for part, path in value.items()}
    return lambda item: {part: get(item, {}) for part, get in parts.items()}
