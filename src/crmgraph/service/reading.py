"""Everything that one operation can read: lists, look-ups, relations and vocabularies over one session."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from crmgraph.connectors.definition import Resource
from crmgraph.connectors.flows import keys_of
from crmgraph.domain.errors import Ambiguous, BadReply, InputError, SourceError, TooCostly
from crmgraph.domain.judgements import Judged
from crmgraph.domain.model import FIELDS, Email, Kind, Link, Phone
from crmgraph.domain.normalize import email_key, phone_key
from crmgraph.domain.profiles import NEEDED, keys, profile_of
from crmgraph.domain.records import Record, Ref
from crmgraph.domain.survivorship.rules import Rules
from crmgraph.service.agendas import Agendas
from crmgraph.service.copied_records import CopiedRecords
from crmgraph.service.copies import Copies
from crmgraph.service.cross_rules import CrossRule
from crmgraph.service.cursors import Seal
from crmgraph.service.custom import CustomFields
from crmgraph.service.entity import Entity, View
from crmgraph.service.errands import Urgency
from crmgraph.service.identity import SINGLE_KEYS, Identity, IdentityRules, Person
from crmgraph.service.ids import NodeId, decode, encode, encode_key
from crmgraph.service.index import KeyIndex
from crmgraph.service.index_sight import IndexSight
from crmgraph.service.judging import Judging
from crmgraph.service.lasting import Lasting
from crmgraph.service.leading import Leading
from crmgraph.service.likeness import Likeness
from crmgraph.service.lists import Asked, Budget, Listed, Lists
from crmgraph.service.lookup import Lookup
from crmgraph.service.my_day import MyDay
from crmgraph.service.person_map import PersonMap
from crmgraph.service.pinning import pins_by
from crmgraph.service.population import Everybody, Population
from crmgraph.service.ports import Clock, Source
from crmgraph.service.problems import Problem, problem_of
from crmgraph.service.relations import Relations
from crmgraph.service.resolver import Resolver
from crmgraph.service.session import Session
from crmgraph.service.sights import EVERYTHING, Sight, seen
from crmgraph.service.staff import Staff

CONTACT_FIELDS = frozenset(FIELDS[Kind.CONTACT])

HOLDERS = 10
"""How many records of one source that hold a key are looked at; who is one of more is nobody in particular."""

TOGETHER = 100
"""How many records are put together into persons at once: as many as the largest page holds."""

PEOPLE_PAGES = 25
"""How many pages of people one operation may ask for: under each of many tags there would be no end of calls."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """What lives longer than one operation."""

    sources: Sequence[Source]
    index: KeyIndex
    identity: IdentityRules
    resolver: Resolver
    rules: Mapping[Kind, Rules]
    custom: CustomFields
    seal: Seal
    budget: Budget
    clock: Clock
    deadline: float
    cross_rules: Mapping[str, CrossRule] = field(default_factory=dict)
    copies: Copies | None = None
    """What the replica may answer."""
    heard: Callable[[Sequence[Record]], None] | None = None
    """Who is told of every record that was read live."""
    sight: Sight = EVERYTHING
    own: frozenset[str] = frozenset()
    """The sources that are asked with a caller's own credentials."""
    population: Population = field(default_factory=Population)
    persons: PersonMap | None = None
    """Whom records belong to, by ids that stay; None where nothing is kept of it."""
    likeness: Likeness = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "likeness", Likeness(self.index, self.resolver, self.identity.max_shared))

    def seen_by(self, sight: Sight, own: Mapping[str, Source] | None = None) -> "Gateway":
        """The gateway of somebody who sees so much; `own` are the sources that are asked with credentials of theirs.

        Cursors of one gateway mean nothing to another, and nobody else's records are known by what `own` sources hold.
        """
        own = own or {}
        if sight.is_whole and not own:
            return self
        shown = [own.get(one.name, one) for one in self.sources if sight.shows(one.name)]
        names = [one.name for one in shown]
        rules = {name: rule for name, rule in self.cross_rules.items() if rule.source in names and rule.target in names}
        return replace(
            self,
            sources=tuple(seen(one, sight, self.custom) for one in shown),
            index=IndexSight(self.index, sight, [name for name in names if name not in own]),
            custom=self.custom.of(names),
            seal=self.seal.apart(_scope(sight, shown)),
            cross_rules=rules,
            copies=None if self.copies is None else replace(self.copies, own=frozenset(own)),
            # What they read may lack what others read.
            heard=None,
            sight=sight,
            own=frozenset(own),
            population=Population(),
        )

    def read(
        self, deadline: float | None = None, anew: bool = False, urgency: Urgency = Urgency.INTERACTIVE
    ) -> "Reading":
        """Open one operation; `deadline` in seconds may shorten the operator's, never lengthen it. With `anew` nothing
        that is read is another operation's.
        """
        seconds = self.deadline if deadline is None else min(self.deadline, deadline)
        session = Session(self.sources, self.clock, self.clock.monotonic() + seconds, anew, urgency)
        session.heard = self.heard
        return Reading(self, session)


def _scope(sight: Sight, shown: Sequence[Source]) -> bytes:
    """What tells one view of the sources from another."""
    told = [(one.name, one.reader.site.scope) for one in shown]
    return repr((told, sorted(sight.hidden))).encode()


class Reading:
    """One operation's reading side."""

    def __init__(self, gateway: Gateway, session: Session) -> None:
        self.gateway = gateway
        self.unasked: set[str] = set()
        """The sources of which the last look-up by a key could not tell whether they know somebody by it."""
        self.supposes = False
        """Whether what is read is only supposed, so that nobody is given an id by it."""
        self._people_pages: set[Asked] = set()
        self._open(session)

    def _open(self, session: Session) -> None:
        gateway = self.gateway
        self.session = session
        copied = None if gateway.copies is None else CopiedRecords(session, gateway.copies)
        self.lookup = Lookup(session, copied)
        before = gateway.persons if self._sees_all else None
        self.identity = Identity(session, self.lookup, gateway.likeness, gateway.identity, before)
        self.leading = Leading(gateway.persons, self.identity)
        pins = pins_by(gateway.resolver.judging, gateway.sight)
        self.view = View(session, gateway.rules, gateway.identity.region, gateway.custom, gateway.sight, pins=pins)
        self.staff = Staff(session, self.lookup, gateway.budget.calls)
        self.relations = Relations(self.view, self.lookup, self.staff)
        region = gateway.identity.region
        self.lists = Lists(
            session, self.identity, self.staff, gateway.seal, gateway.custom, gateway.budget, region, gateway.copies
        )
        self.my_day = MyDay(self.relations, Agendas(session, self.lists.choosing), gateway.sight)

    def put_together_anew(self) -> None:
        """Put people together anew, for what was decided about them has changed; what was read of them stays."""
        known = self.lookup.written
        self._open(self.session)
        self.lookup.keep(known)

    def beside(self, judged: Judged) -> "Reading":
        """A reading of the same session to which this is decided, while this one goes on as it was."""
        other = Reading(self._supposing(judged), self.session)
        other.supposes = True
        return other

    def _supposing(self, judged: Judged) -> Gateway:
        async def supposed() -> Judged:
            return judged

        judging = Judging(self.gateway.clock, supposed)
        return replace(self.gateway, resolver=self.gateway.resolver.supposing(judging))

    async def everybody(self) -> Everybody:
        """Everybody whom the key index knows; the answer says where that is not everybody. Raises TooCostly."""
        gateway = self.gateway
        stores = self.session.resources(Kind.CONTACT)
        self.session.identity_partial |= any(gateway.index.complete_since(one.name) is None for one, _ in stores)
        return await gateway.population.everybody(gateway.index, gateway.resolver, gateway.clock)

    def ask_anew(self) -> None:
        """Share no reply with other operations from here on: what is read now may be written upon."""
        self.session.anew = True

    async def renew(self, written: Collection[Record], gone: Collection[Ref] = ()) -> None:
        """Forget what was read so far, for something was written; `written` are records as they are now, `gone` those
        that are no more.
        """
        before, known = self.session, self.lookup.written
        deadline = self.gateway.clock.monotonic() + self.gateway.deadline
        session = Session(self.gateway.sources, self.gateway.clock, deadline, True, before.urgency)
        session.meters, session.heard = before.meters, before.heard
        session.identity_partial = before.identity_partial
        await before.close()
        self._open(session)
        now = {one.ref: one for one in written} | dict.fromkeys(gone)
        self.lookup.keep({ref: one and self._again(one) for ref, one in {**known, **now}.items()})
        self.identity.learn(one for one in written if one.kind is Kind.CONTACT)

    def _again(self, record: Record) -> Record:
        """A record of a session that has ended, seen through this one's vocabularies."""
        ref = record.ref
        resource = self.session.resource(ref.source, ref.resource)
        tables = self.session.tables[ref.source]
        return resource.record(record.raw, ref.source, tables, record.fetched_at, parent=ref.parent)

    async def page(self, asked: Asked) -> tuple[Listed, list[Entity]]:
        """A page and its entities, with everything of `asked.fields` at hand."""
        if asked.kind is Kind.CONTACT:
            self._people_pages.add(asked)  # The same page again costs no call.
        self._refuse_out_of_sight(asked)
        if len(self._people_pages) > PEOPLE_PAGES:
            raise TooCostly(f"One question may ask for {PEOPLE_PAGES} pages of people; ask for the others by another.")
        listed = await self.lists.page(asked)
        return listed, await self._entities(listed.items, asked.fields)

    def _refuse_out_of_sight(self, asked: Asked) -> None:
        order = None if asked.order is None else asked.order[0]
        for kind in asked.kinds:
            self.gateway.sight.refuse_question(kind, asked.filter, order, asked.search)

    async def have_ids(self, people: Sequence[Entity]) -> None:
        """Have these people's ids that stay told, in one batch; who has none goes by their first record."""
        if (lasting := self._lasting()) is not None:
            ids = await lasting.of([one.person for one in people])
            for one, ident in zip(people, ids, strict=True):
                if ident is not None:
                    one.stays(ident)

    async def ids_of(self, people: Sequence[tuple[Ref, ...]]) -> list[str]:
        """The ids of people as the key index knows them."""
        lasting = self._lasting()
        ids = [None for _ in people] if lasting is None else await lasting.of_known(people)
        told = zip(people, ids, strict=True)
        return [encode(Kind.CONTACT, refs[0]) if one is None else encode_key(Kind.CONTACT, one) for refs, one in told]

    def _lasting(self) -> Lasting | None:
        gateway = self.gateway
        if gateway.persons is None:
            return None
        return Lasting(gateway.persons, self.identity, self._sees_all, self._sees_all and not self.supposes)

    @property
    def _sees_all(self) -> bool:
        """Whether nothing is out of the caller's sight."""
        return self.gateway.sight.is_whole and not self.gateway.own

    async def _entities(self, persons: Sequence[Person], fields: Collection[str]) -> list[Entity]:
        """The persons as entities with `fields` at hand."""
        records = [one for person in persons for one in person.records]
        whole = await self.lookup.complete(records, fields)
        if whole is not records:
            parts = iter(whole)
            persons = [Person(tuple(islice(parts, len(one.records))), one.refs, one.complete) for one in persons]
        return [Entity(person, self.view, fields) for person in persons]

    async def node(self, given: str, fields: Collection[str] = CONTACT_FIELDS) -> "Entity | NodeId | None":
        """What a global id names: an entity, the id itself for what is known by key alone, None when it is gone."""
        ident = decode(given)
        if ident.ref is None and ident.kind is Kind.CONTACT:
            return await self._first_person(await self.leading.records(given), fields)
        if ident.ref is None:
            return ident
        resource = self.session.resource(ident.ref.source, ident.ref.resource)
        if resource.kind is not ident.kind:
            raise InputError(f"This id says {ident.kind}, but `{ident.ref.resource}` holds {resource.kind} records.")
        source = self.session.sources[ident.ref.source]
        if ident.kind is Kind.CONTACT:
            return await self._person_at(source, ident.ref, fields)
        if ident.kind is Kind.USER:
            await self.staff.gather()
        record = await self.session.attempt(source, self.lookup.record(ident.ref, fields), None)
        if record is None:
            return None
        # A record that was written in this operation was read without what these fields look into.
        whole = await self.lookup.complete([record], fields)
        return (await self.relations.entities(whole, ident.kind, fields))[0]

    async def _first_person(self, refs: Sequence[Ref], fields: Collection[str]) -> Entity | None:
        """The person of the first of some records that is still there; one whose source fails is passed over."""
        failed: list[Ref] = []
        for ref in refs[:HOLDERS]:
            try:
                record = await self.lookup.record(ref, {*NEEDED, *fields})
            except SourceError as error:
                self.session.note(ref.source, problem_of(error))
                self.session.identity_partial = True
                failed.append(ref)
            else:
                if record is not None:
                    return await self._person_of(record, fields)
        known = [await self._person_without(ref, fields) for ref in failed[:1]]
        return known[0] if known else None

    async def _person_of(self, record: Record, fields: Collection[str]) -> Entity:
        persons = await self.identity.persons([record], fields, thorough=True)
        return (await self._entities(persons[:1], fields))[0]

    async def _person_at(self, source: Source, ref: Ref, fields: Collection[str]) -> Entity | None:
        """The person a record belongs to. When its source fails, the index still tells who else knows them."""
        try:
            record = await self.lookup.record(ref, {*NEEDED, *fields})
        except SourceError as error:
            self.session.note(source.name, problem_of(error))
            return await self._person_without(ref, fields)
        return None if record is None else await self._person_of(record, fields)

    async def _person_without(self, ref: Ref, fields: Collection[str]) -> Entity | None:
        known = self.gateway.index.known(ref)
        found = await self._by_keys(keys(known)[:SINGLE_KEYS], fields) if known is not None else []
        mine = [one for one in found if ref in one.person.refs]
        return mine[0] if mine else None

    async def by_key(self, sort: str, value: str, fields: Collection[str]) -> Entity | None:
        """The person with this e-mail or phone, looked up in every source; raises Ambiguous when it fits several."""
        self.gateway.sight.refuse_hidden(Kind.CONTACT, [f"{sort}s"], "People cannot be looked up by")
        key = email_key(value) if sort == "email" else phone_key(value, self.gateway.identity.region)
        if key is None:
            example = "name@example.com" if sort == "email" else "+14155550100"
            raise InputError(f"`{value[:80]}` is no {sort} that can be looked up; write one like {example}.")
        self.unasked.clear()
        found = await self._by_keys([f"{sort}:{key}"], fields, spelt=value.strip())
        if len(found) > 1:
            await self.have_ids(found)
            ids = tuple(one.id for one in found)
            word = "e-mail" if sort == "email" else sort
            raise Ambiguous(f"{len(found)} people have this {word}; ask for one of them by id.", ids)
        return found[0] if found else None

    async def _by_keys(self, wanted: Sequence[str], fields: Collection[str], spelt: str | None = None) -> list[Entity]:
        stores = self.session.resources(Kind.CONTACT)
        lists = await asyncio.gather(*(self._holders(source, wanted, fields, spelt) for source, _ in stores))
        seeds = {record.ref: record for records in lists for record in records}
        persons = await self.identity.persons(list(seeds.values()), fields, thorough=True, asked=wanted)
        return await self._entities(persons, fields)

    async def _holders(
        self, source: Source, wanted: Sequence[str], fields: Collection[str], spelt: str | None
    ) -> list[Record]:
        """The records of one source that hold a key: asked live where it can be, and what the index knows besides."""
        live = await self._found_live(source, wanted, fields, spelt)
        held = [profile.ref for key in wanted for profile in self.gateway.index.holders(key)]
        missing = [ref for ref in dict.fromkeys(held) if ref.source == source.name and ref not in live]
        looked = [self.lookup.record(ref, {*NEEDED, *fields}) for ref in missing[:HOLDERS]]
        read = await asyncio.gather(*(self.session.attempt(source, one, None) for one in looked))
        found = [*live.values(), *(record for record in read if record is not None)]
        holders = [record for record in found if self._holds(record, wanted)]
        self.session.identity_partial |= len(missing) > HOLDERS or len(holders) > HOLDERS
        return holders[:HOLDERS]

    async def _found_live(
        self, source: Source, wanted: Sequence[str], fields: Collection[str], spelt: str | None
    ) -> dict[Ref, Record]:
        """What a source finds by a key itself; where it cannot, only a complete index knows that there is nobody."""
        found: dict[Ref, Record] = {}
        for resource in source.reader.definition.of_kind(Kind.CONTACT):
            copied = await self.lookup.is_copied(source, resource)
            asked = [key for key in wanted if copied or keys_of(resource, key.partition(":")[0])]
            if len(asked) < len(wanted) and self.gateway.index.complete_since(source.name) is None:
                self.session.identity_partial = True
                self.unasked.add(source.name)
            asked += [key for key in self._spellings(asked, spelt) if key not in asked]
            if asked:
                live = await self.lookup.find(source, resource, asked, {*NEEDED, *fields})
                found |= {record.ref: record for record in live.records}
                if not live.whole:
                    self.session.identity_partial = True
                    self.unasked.add(source.name)
        return found

    def _spellings(self, asked: Sequence[str], spelt: str | None) -> list[str]:
        """The key as the caller spelt it, where more than case differs: a CRM compares spellings, not normal forms."""
        sorts = {key.partition(":")[0] for key in asked}
        spellings = [f"{sort}:{spelt}" for sort in sorts if spelt is not None]
        return [one for one in spellings if one.casefold() not in asked]

    def _holds(self, record: Record, wanted: Sequence[str]) -> bool:
        """Whether a record really holds a key, mailboxes that name nobody included: the caller asked for just this."""
        region = self.gateway.identity.region
        held = {*keys(profile_of(record, region))}
        held |= {f"email:{email_key(one.value)}" for one in self._said(record, "emails")}
        held |= {f"phone:{phone_key(one.value, region)}" for one in self._said(record, "phones")}
        return not held.isdisjoint(wanted)

    def _said(self, record: Record, field: str) -> Sequence[Email | Phone]:
        try:
            found: Sequence[Email | Phone] = record.get(field) or ()
            return found
        except BadReply as error:
            self.session.note(record.ref.source, problem_of(error))
            return ()

    async def by_ref(self, source: str, ident: str, fields: Collection[str]) -> Entity | None:
        """The person that a source's own contact belongs to."""
        (known,) = self.session.choose([source])
        for resource in known.reader.definition.of_kind(Kind.CONTACT):
            return await self._person_at(known, Ref(source, resource.name, ident), fields)
        raise InputError(f"{source} keeps no contacts.")

    async def persons(self, several: Sequence[Sequence[Record]], fields: Collection[str]) -> list[list[Entity]]:
        """The persons that each of several lists of contact records belong to, each once in a list."""
        seeds = list({record.ref: record for records in several for record in records}.values())
        together = [seeds[at : at + TOGETHER] for at in range(0, len(seeds), TOGETHER)]
        persons = [one for part in together for one in await self.identity.persons(part, fields)]
        by_ref = {ref: one for one in await self._entities(persons, fields) for ref in one.person.refs}
        return [list(dict.fromkeys(by_ref[record.ref] for record in records)) for records in several]

    async def people(
        self, several: Sequence[tuple[str, Sequence[Link]]], fields: Collection[str]
    ) -> list[list[Entity]]:
        """The persons that the links (source and links) of several things point to."""
        refs = [self._pointed(source, links) for source, links in several]
        distinct = [ref for _, ref in self.lookup.each_once((ref.source, ref) for one in refs for ref in one)]
        looked = [
            self.session.attempt(self.session.sources[ref.source], self.lookup.record(ref, {*NEEDED, *fields}), None)
            for ref in distinct
        ]
        found = dict(zip(distinct, await asyncio.gather(*looked), strict=True))
        held = [[record for ref in one if (record := found[ref]) is not None] for one in refs]
        return await self.persons(held, fields)

    def _pointed(self, source: str, links: Sequence[Link]) -> list[Ref]:
        resources = self.session.sources[source].reader.definition.of_kind(Kind.CONTACT)
        followed = self.relations.followed(source, links)
        return [Ref(source, resource.name, link.id) for link in followed if link.id for resource in resources]

    async def vocabulary(self, kind: Kind, sources: Sequence[str] | None) -> list[Entity]:
        """What the asked sources have of a short kind (tags, custom fields, users, views, tokens), each human once."""
        chosen = self.session.choose(sources)
        stores = self.session.resources(kind, chosen)
        for source in chosen:
            kept = [one for store, one in stores if store is source]
            # Who asks all sources need not be told which of them know nothing of the kind.
            if not any(one.listings for one in kept) and (kept or sources is not None):
                message = f"{source.name} has no list of {kind} records."
                self.session.note(source.name, Problem(source.name, "UNSUPPORTED", message))
        lists = await asyncio.gather(
            *(self.session.attempt(source, self.everything(source, resource), ()) for source, resource in stores)
        )
        found = await self.relations.entities([one for records in lists for one in records], kind, FIELDS[kind])
        return list({one.id: one for one in found}.values())

    async def everything(self, source: Source, resource: Resource) -> Sequence[Record]:
        """All records of a short list; raises SourceError."""
        if not resource.listings:
            return ()
        pages = self.gateway.budget.calls
        page = await self.session.run(source, source.reader.whole(resource.listings[0], pages))
        if page.next is not None:
            message = f"{source.name} has more {resource.name} records than the {pages} pages that are read."
            self.session.note(source.name, Problem(source.name, "TOO_COSTLY", message))
        records = await self.session.records(source, resource, page.items, FIELDS[resource.kind])
        self.lookup.prime(records)
        return records
