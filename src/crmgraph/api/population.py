"""Lists about identity over everybody who is known: no CRM is called, but for the contacts that are selected."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import strawberry

from crmgraph.api.connections import Connection, slice_of
from crmgraph.api.context import Asking
from crmgraph.api.entities import Contact
from crmgraph.api.fields import plain, relation
from crmgraph.api.identity import IdentityLink
from crmgraph.api.nodes import have_ids, reading
from crmgraph.api.selection import fields_below
from crmgraph.api.values import RecordRef, ref
from crmgraph.domain.judgements import pair
from crmgraph.domain.model import Kind
from crmgraph.domain.model import Link as Pointing
from crmgraph.domain.records import Ref
from crmgraph.domain.resolution import Link
from crmgraph.service.evidence import Weighed
from crmgraph.service.population import Everybody, duplicates, matched, missing_in, trusted_first, unsure
from crmgraph.service.reading import Reading

T = TypeVar("T")


async def _ids(things: Sequence[Any], info: Asking) -> list[strawberry.ID]:
    """The people's ids, all of a page together."""
    return [strawberry.ID(one) for one in await reading(info).ids_of([one.refs for one in things])]


async def _contacts(things: Sequence[Any], info: Asking) -> list[Contact | None]:
    """The people, read live, all of a page together."""
    wanted = [(one.refs[0].source, [Pointing(one.refs[0].id)]) for one in things]
    found = await reading(info).people(wanted, fields_below(info, Kind.CONTACT, ()))
    await have_ids(info, [one for people in found for one in people[:1]])
    return [Contact(entity=people[0]) if people else None for people in found]


@strawberry.type(description="A person as the key index knows them, without a call to any CRM.")
class KnownPerson:
    refs: strawberry.Private[tuple[Ref, ...]]

    id: strawberry.ID = relation("The person's id, which leads to them.", _ids)

    @strawberry.field(description="Where their records live, most trusted first.")
    def records(self) -> list[RecordRef]:
        return [ref(one) for one in self.refs]

    contact: Contact | None = relation("The person, read from the CRMs; null where they are gone.", _contacts)


@strawberry.type(description="Records of one source that are one person.")
class DuplicateGroup:
    records: list[RecordRef] = plain("The records of the source.")
    person: KnownPerson = plain("The person, with their records in other sources too.")
    links: list[IdentityLink] = plain("The links that hold the person together, the surest first.")


@strawberry.type(description="Two records of which somebody should decide whether they are one person.")
class ReviewPair:
    link: IdentityLink = plain("The two records and the evidence; `judgePair` takes its `fromId` and `toId`.")
    joined: bool = plain("Whether they are one person for now.")
    a: KnownPerson = plain("Who has the one record.")
    b: KnownPerson = plain("Who has the other.")


@strawberry.type(description="What the lists about identity are read off.")
class KnownPeople:
    as_of: datetime = plain("When everybody was put together.")
    records: int = plain("How many records are known.")
    people: int = plain("How many people they are.")
    complete: bool = plain("Whether the contacts of every source have all been read; if not, there may be more.")
    left_out: int = plain("How many records were too many of a kind to be compared with each other.")


@dataclass(frozen=True, slots=True)
class _Listed:
    """An element of a list that is known whole, and what tells it from the others."""

    held: Any
    key: str


def _page(
    found: Sequence[Any], key: Callable[[Any], str], make: Callable[[Any], T], first: int, after: str | None
) -> Connection[T]:
    return slice_of([_Listed(one, key(one)) for one in found], lambda one: make(one.held), first, after)


def _told(read: Reading, everybody: Everybody, link: Link) -> IdentityLink:
    match = matched(everybody, read.gateway.resolver, link)
    judged = pair(link.a, link.b) in read.gateway.resolver.judging.judged.same
    return IdentityLink(told=Weighed(link.a, link.b, match, match.probability if judged else link.probability, judged))


def _known(read: Reading, refs: Sequence[Ref]) -> KnownPerson:
    return KnownPerson(refs=trusted_first(refs, read.session.ranks))


async def duplicate_groups(info: Asking, source: str, first: int, after: str | None) -> Connection[DuplicateGroup]:
    """Groups of records of one source that are one person."""
    read = reading(info)
    read.session.choose([source])
    everybody = await read.everybody()

    def made(group: Any) -> DuplicateGroup:
        links = [_told(read, everybody, one) for one in group.links]
        return DuplicateGroup(
            records=[ref(one) for one in group.records], person=_known(read, group.person), links=links
        )

    return _page(duplicates(everybody, source), lambda one: one.records[0].id, made, first, after)


async def missing_people(info: Asking, source: str, first: int, after: str | None) -> Connection[KnownPerson]:
    """People who are not in a source."""
    read = reading(info)
    read.session.choose([source])
    found = missing_in(await read.everybody(), read.gateway.index, source)
    return _page(found, lambda refs: repr(refs[0]), lambda refs: _known(read, refs), first, after)


async def review_pairs(info: Asking, first: int, after: str | None) -> Connection[ReviewPair]:
    """The queue of the unsure."""
    read = reading(info)
    everybody = await read.everybody()

    def made(one: Any) -> ReviewPair:
        link = _told(read, everybody, one.link)
        return ReviewPair(link=link, joined=one.is_joined, a=_known(read, one.ours), b=_known(read, one.theirs))

    found = unsure(everybody, read.gateway.resolver)
    return _page(found, lambda one: f"{one.link.a!r} {one.link.b!r}", made, first, after)


async def known_people(info: Asking) -> KnownPeople:
    """What these lists are read off."""
    read = reading(info)
    everybody = await read.everybody()
    stores = read.session.resources(Kind.CONTACT)
    return KnownPeople(
        as_of=everybody.as_of,
        records=len(everybody.profiles),
        people=len(everybody.resolution.clusters),
        complete=all(read.gateway.index.complete_since(one.name) is not None for one, _ in stores),
        left_out=sum(everybody.resolution.skipped.values()),
    )
