"""The people who work in the CRMs, each once: users with the same e-mail are one, whichever CRMs they stand in.

Whether somebody stands in another CRM too, only its list of users tells. So each source's list is read, once for a
session and by calls that others share, before any user is looked up: then most need no call of their own.
"""

import asyncio
from collections.abc import Mapping, Sequence

from crmgraph.connectors.definition import Resource
from crmgraph.domain.filtering import And, Condition, Filter, Not, Op, Or, conditions
from crmgraph.domain.model import FIELDS, Kind
from crmgraph.domain.records import Record, Ref
from crmgraph.domain.staff import colleagues, mailbox
from crmgraph.service.identity import Person
from crmgraph.service.ids import decode, encode
from crmgraph.service.loaders import Loader
from crmgraph.service.lookup import Found, Lookup
from crmgraph.service.ports import Source
from crmgraph.service.session import Session
from crmgraph.service.targets import POINTS_TO

Store = tuple[Source, Resource]


def stores_of(session: Session) -> list[Store]:
    """Where users with an e-mail are kept, if that is in several sources; else nobody can be anybody elsewhere."""
    found = [(source, one) for source, one in session.resources(Kind.USER) if "email" in one.getters]
    return found if len({source.name for source, _ in found}) > 1 else []


class Staff:
    """The users of one session; `pages` is how many pages of a source's list are read at the most."""

    def __init__(self, session: Session, lookup: Lookup, pages: int) -> None:
        self.session = session
        self.lookup = lookup
        self.pages = pages
        self._stores = {(source.name, one.name): (source, one) for source, one in stores_of(session)}
        self._lists: Loader[tuple[str, str], Found] = Loader(self._read)

    async def gather(self) -> list[Found]:
        """What each source's list tells, most trusted source first; look-ups of these users cost no call from then on.

        Empty where nobody can stand in two sources.
        """
        found = await self._lists.load_all(list(self._stores))
        for one in found:
            if isinstance(one, BaseException):
                raise one
        return [one for one in found if not isinstance(one, BaseException)]

    async def persons(self, users: Sequence[Record]) -> list[Person]:
        """The human that each of several users' records belongs to, in the records' order.

        A source that cannot tell its users is a problem, and leaves the identity partial.
        """
        if not self._stores or all(mailbox(one) is None for one in users):
            return [Person((one,), (one.ref,), True) for one in users]
        lists = await self.gather()
        complete = all(one.whole for one in lists)
        self.session.identity_partial |= not complete
        known = {one.ref: one for found in lists for one in found.records} | {one.ref: one for one in users}
        persons: dict[Ref, Person] = {}
        for records in colleagues(sorted(known.values(), key=self._place)):
            person = Person(records, tuple(one.ref for one in records), complete)
            persons |= dict.fromkeys(person.refs, person)
        return [persons[one.ref] for one in users]

    def _place(self, user: Record) -> tuple[int, str, str]:
        """The order of records: their source's trust, then their id."""
        return (self.session.ranks[user.ref.source], user.ref.id, user.ref.resource)

    async def spread(self, wanted: Filter) -> Filter:
        """The filter with all ids of each user in place of the one that it names: it means the human."""
        named = [ident for one in conditions(wanted) for ident in users_named(one)]
        refs = {ident: ref for ident in named if (ref := self._ref(ident)) is not None}
        if not refs:
            return wanted
        await self.gather()
        looked = zip(refs, await self.lookup.records(list(refs.values()), FIELDS[Kind.USER]), strict=True)
        there = {ident: one for ident, one in looked if one is not None}
        persons = zip(there, await self.persons(list(there.values())), strict=True)
        return _with_ids(wanted, {ident: ids_of(one) for ident, one in persons})

    def _ref(self, ident: str) -> Ref | None:
        """Where a user lives; None for what is none here, which the filter refuses in words of its own."""
        named = decode(ident)
        ref = named.ref if named.kind is Kind.USER else None
        return ref if ref is not None and (ref.source, ref.resource) in self._stores else None

    async def _read(self, keys: Sequence[tuple[str, str]]) -> Sequence[Found]:
        return await asyncio.gather(*(self._list(*self._stores[key]) for key in keys))

    async def _list(self, source: Source, resource: Resource) -> Found:
        return await self.session.attempt(source, self._whole(source, resource), Found((), False))

    async def _whole(self, source: Source, resource: Resource) -> Found:
        if not resource.listings:  # As of an account that lacks a setting: its users are got one by one.
            return Found((), False)
        page = await self.session.run(source, source.reader.whole(resource.listings[0], self.pages))
        records = await self.session.records(source, resource, page.items, FIELDS[Kind.USER])
        self.lookup.prime(records)
        return Found(records, page.next is None)


def ids_of(person: Person) -> tuple[str, ...]:
    """Every global id that leads to a user."""
    return tuple(encode(Kind.USER, ref) for ref in person.refs)


def users_named(one: Condition) -> tuple[str, ...]:
    """The ids by which a condition names users."""
    if POINTS_TO.get(one.field) is not Kind.USER or one.op not in (Op.EQ, Op.IN):
        return ()
    return one.value if one.op is Op.IN else (one.value,)


def _with_ids(wanted: Filter, ids: Mapping[str, tuple[str, ...]]) -> Filter:
    match wanted:
        case And(items):
            return And(tuple(_with_ids(item, ids) for item in items))
        case Or(items):
            return Or(tuple(_with_ids(item, ids) for item in items))
        case Not(item):
            return Not(_with_ids(item, ids))
        case Condition(field) if named := users_named(wanted):
            spread = dict.fromkeys(one for ident in named for one in ids.get(ident, (ident,)))
            return Condition(field, Op.IN, tuple(spread))
    return wanted
