"""The most calls that a question may cost each source, told without asking anybody.

The operation is walked once. Every field that calls has a line in one of the tables of `calling_fields`; all the others
are read off what is there.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from graphql import GraphQLError, OperationType
from strawberry import Schema
from strawberry.types.arguments import convert_arguments

from crmgraph.api import explaining_identity
from crmgraph.api.calling_fields import ALL_LINKED, HANGING, LINKED, LISTS, TYPES, VOCABULARIES
from crmgraph.api.explaining_identity import COMPARISONS, price_comparison, price_contacts
from crmgraph.api.inputs import filter_of, order_of
from crmgraph.api.nodes import FIRST
from crmgraph.api.selection import fields_selected
from crmgraph.api.steps import Step, Steps
from crmgraph.domain.errors import InputError
from crmgraph.domain.filtering import Condition, Op
from crmgraph.domain.model import FIELDS, Kind
from crmgraph.domain.records import Ref
from crmgraph.service.costs import Crowd, Item
from crmgraph.service.ids import decode
from crmgraph.service.pages import Asked
from crmgraph.service.pricing import Pricing, Things
from crmgraph.service.reading import PEOPLE_PAGES, Gateway

_ENTRIES = (("entries", "nodes", "node"), ("entries", "edges", "node", "node"))
"""The ways from a day to what is on it."""

MOST = 100


def explained(schema: Schema, gateway: Gateway, steps: Steps) -> dict[str, Any]:
    """Per source the most calls, whether it is exactly so many, and where they come from; `total` over all.

    What is called again after a failure is beside these figures. Raises InputError for what could not be asked so.
    """
    if steps.operation.operation is not OperationType.QUERY:
        raise InputError("What a mutation would send is told by the mutation itself: ask it with `dryRun: true`.")
    pricing = Pricing(gateway.read().session, gateway.custom, gateway.budget)
    Explaining(schema, steps, pricing).all()
    bill = pricing.bill
    sources = {
        name: {"most": bill.most(name), "exact": bill.exact(name), "because": [_line(one) for one in items]}
        for name, items in bill.items.items()
    }
    return {"sources": sources, "total": sum(bill.most(name) for name in bill.items)}


class Explaining:
    """Walks one operation and puts its fields on the bill.

    A strict one raises InputError for a field that could not be asked so; one that is not leaves it to the field.
    """

    def __init__(self, schema: Schema, steps: Steps, pricing: Pricing, strict: bool = True) -> None:
        self.schema = schema
        self.steps = steps
        self.pricing = pricing
        self.strict = strict

    def all(self) -> None:
        """Every field of the operation."""
        for step in self.steps.first():
            self._tried(self.question, step)

    def _tried(self, ask: Callable[..., None], *asked: Any) -> None:
        try:
            ask(*asked)
        except (InputError, GraphQLError):
            if self.strict:
                raise

    def question(self, step: Step) -> None:
        """A field of the root."""
        given = self._arguments(step)
        if step.name in LISTS:
            self._list(step, given)
        elif step.name in VOCABULARIES:
            self._vocabulary(step, VOCABULARIES[step.name], given["sources"])
        elif step.name == "myDay":
            self._day(step, str(given["user"]))
        elif step.name == "contactImport":
            self._import(step)
        elif step.name in explaining_identity.LISTS:
            self._known_people(step, _page(given["first"]))
        elif step.name in COMPARISONS:
            price_comparison(self.pricing, step, given)
            for contact in self._under(step, ("contact",)):
                self.things(contact, Things(Kind.CONTACT, Crowd(1), tuple(self.pricing.session.sources)))
        elif step.name == "contact":
            self._contact(step, given["by"])
        elif step.name in ("node", "nodes"):
            for ident in [given["id"]] if step.name == "node" else dict.fromkeys(given["ids"]):
                self._node(step, str(ident))

    def _arguments(self, step: Step) -> dict[str, Any]:
        """A root field's arguments as its resolver gets them; what is left out is None."""
        known = self.steps.schema.query_type.fields[step.name]  # type: ignore[union-attr]
        defined = known.extensions["strawberry-definition"]
        registry = self.schema.schema_converter.scalar_registry
        given = convert_arguments(dict(step.arguments), defined.arguments, registry, self.schema.config)
        return {one.python_name: None for one in defined.arguments} | given

    def _list(self, step: Step, given: Mapping[str, Any]) -> None:
        kind, *also = LISTS[step.name]
        words = given.get("kinds")
        asked = Asked(
            kind,
            _page(given["first"]),
            given["after"],
            given.get("search"),
            filter_of(given.get("filter")),
            order_of(given.get("order_by")),
            None if given["sources"] is None else tuple(given["sources"]),
            fields=self._fields_of_nodes(step, LISTS[step.name]),
            also=tuple(also),
            activity_kinds=None if words is None else frozenset(one.value for one in words),
        )
        if kind is Kind.CONTACT:
            things = self.pricing.page(asked, 1, step.path)
        else:
            self.pricing.listed(asked, 1, step.path)
            chosen = [one.name for one in self.pricing.session.choose(asked.sources)]
            things = Things(kind, Crowd(asked.first), tuple(chosen))
        self._nodes(step, things)

    def _vocabulary(self, step: Step, kind: Kind, sources: Sequence[str] | None) -> None:
        self.pricing.vocabulary(kind, sources, step.path)
        if kind is Kind.TAG:
            self._tags(self.steps.below(step))

    def _contact(self, step: Step, by: Any) -> None:
        fields, pricing = self._fields(step, Kind.CONTACT), self.pricing
        if by.id is not None:
            self.things(step, pricing.person(decode(str(by.id.value)).ref, fields, step.path))
        elif by.record is not None:
            self.things(step, pricing.person(self._ref(by.record.value), fields, step.path))
        elif by.email is not None or by.phone is not None:
            sort = "phone" if by.email is None else "email"
            # Asked for as it is compared and, where that differs, as the caller spells it.
            self.things(step, pricing.by_keys(2, fields, step.path, sort))

    def _day(self, step: Step, ident: str) -> None:
        """The day of a user, and what is asked of the tasks and meetings on it."""
        ref = decode(ident).ref
        if ref is None:
            return
        inner = [one for parts in _ENTRIES for one in self._under(step, parts)]
        kinds = (Kind.TASK, Kind.ACTIVITY)
        fields = frozenset[str]().union(*(self._fields(one, kind) for one in inner for kind in kinds))
        sources = self.pricing.day(ref, fields, step.path)
        for one in inner:
            for kind in kinds:
                self.things(one, Things(kind, Crowd(MOST), sources), TYPES[kind])

    def _import(self, step: Step) -> None:
        """The records that rows were written to, where they are asked for."""
        for items in self.steps.below(step):
            first = _page(items.arguments.get("first", FIRST)) if items.name == "items" else 0
            for record in self._under(items, ("nodes", "results", "record"), ("edges", "node", "results", "record")):
                fields, sources = self._fields(record, Kind.CONTACT), self.pricing.session.sources
                self.pricing.records(Kind.CONTACT, Crowd(first, first), sources, fields, record.path)

    def _known_people(self, step: Step, first: int) -> None:
        """The people of a list about identity, where they are asked for."""
        for way in explaining_identity.LISTS[step.name]:
            for contact in self._under(step, ("nodes", *way), ("edges", "node", *way)):
                fields = self._fields(contact, Kind.CONTACT)
                self.things(contact, price_contacts(self.pricing, first, fields, contact.path))

    def _under(self, step: Step, *ways: Sequence[str]) -> Iterator[Step]:
        """The fields that some paths lead to."""
        for name, *rest in ways:
            for one in self.steps.below(step):
                if one.name == name:
                    yield from self._under(one, rest) if rest else (one,)

    def _ref(self, record: Any) -> Ref:
        (source,) = self.pricing.session.choose([record.source])
        for resource in source.reader.definition.of_kind(Kind.CONTACT):
            return Ref(record.source, resource.name, record.id)
        raise InputError(f"{record.source} keeps no contacts.")

    def _node(self, step: Step, ident: str) -> None:
        named = decode(ident)
        if named.kind is Kind.CONTACT:
            self.things(step, self.pricing.person(named.ref, FIELDS[Kind.CONTACT], step.path), TYPES[Kind.CONTACT])
        elif named.ref is None:
            self.pricing.vocabulary(Kind.TAG if named.kind is Kind.TAG else Kind.CUSTOM_FIELD, None, step.path)
            self._tags(self.steps.below(step, TYPES[named.kind]) if named.kind is Kind.TAG else [])
        else:
            if named.kind is Kind.USER:
                self.pricing.staff(step.path)
            self.pricing.one(named.ref, FIELDS[named.kind], step.path)
            if named.kind in TYPES:
                self.things(step, Things(named.kind, Crowd(1), (named.ref.source,)), TYPES[named.kind])

    def things(self, step: Step, things: Things, kind: str | None = None) -> None:
        """The fields asked of things that a step gives."""
        for one in self.steps.below(step, kind):
            self._tried(self._field, one, things)

    def _field(self, step: Step, things: Things) -> None:
        connected = things.kind in (Kind.CONTACT, Kind.COMPANY)
        if connected and step.name in HANGING:
            self._hanging(step, things)
        elif step.name == "contacts" and things.kind is Kind.COMPANY:
            fields, first = self._fields_of_nodes(step, (Kind.CONTACT,)), _page(step.arguments.get("first", FIRST))
            self._nodes(step, self.pricing.people_of(things, first, fields, step.path))
        elif step.name in ("contact", "contacts"):
            people = self.pricing.people(things, self._fields(step, Kind.CONTACT), step.path)
            self.things(step, people)
        elif step.name in LINKED:
            kind = LINKED[step.name]
            self.things(step, self.pricing.linked(things, step.name, kind, self._fields(step, kind), step.path))
        elif step.name in ALL_LINKED:
            kind, names = ALL_LINKED[step.name]
            fields = self._fields(step, kind)
            self.things(step, self.pricing.all_linked(things, names, kind, fields, step.path))
        elif step.name == "tags":
            self._tags(self.steps.below(step))

    def _hanging(self, step: Step, things: Things) -> None:
        kinds = HANGING[step.name]
        words = ["APPOINTMENT"] if step.name == "appointments" else step.arguments.get("kinds")
        fields = self._fields_of_nodes(step, kinds)
        for kind in kinds:
            self.pricing.hanging(things, kind, words, fields, step.path)
        self._nodes(step, things.each(kinds[0], _page(step.arguments.get("first", FIRST)), things.sources))

    def _tags(self, below: Sequence[Step]) -> None:
        """The people of each of any number of tags: as many pages as one operation may ask for."""
        for step in below:
            if step.name == "contacts":
                fields, first = self._fields_of_nodes(step, (Kind.CONTACT,)), _page(step.arguments.get("first", FIRST))
                wanted = Condition("tags", Op.EQ, "")
                asked = Asked(Kind.CONTACT, first, step.arguments.get("after"), filter=wanted, fields=fields)
                self._nodes(step, self.pricing.page(asked, PEOPLE_PAGES, step.path))

    def _nodes(self, step: Step, things: Things) -> None:
        """The fields asked of a connection's nodes, by either way to them."""
        for one in self.steps.below(step):
            if one.name == "nodes":
                self.things(one, things)
            elif one.name == "edges":
                for inner in self.steps.below(one):
                    if inner.name == "node":
                        self.things(inner, things)

    def _fields(self, step: Step, kind: Kind, path: Sequence[str] = ()) -> frozenset[str]:
        return fields_selected(step.nodes, self.steps.fragments, kind, path)

    def _fields_of_nodes(self, step: Step, kinds: Collection[Kind]) -> frozenset[str]:
        ways: tuple[Sequence[str], ...] = (("nodes",), ("edges", "node"))
        return frozenset[str]().union(*(self._fields(step, kind, way) for kind in kinds for way in ways))


def _line(item: Item) -> str:
    return f"{item.because}, {item.most} {'call' if item.most == 1 else 'calls'}"


def _page(first: Any) -> int:
    if not isinstance(first, int) or not 1 <= first <= MOST:
        raise InputError(f"`first` is {first}; it must be from 1 to {MOST}.")
    return first
