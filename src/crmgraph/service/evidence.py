"""What one operation can tell of why records are one person, and why others are not: what was found on the way when it
put people together. It asks no source.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from crmgraph.connectors.batches import keys_of
from crmgraph.domain.errors import InputError
from crmgraph.domain.explaining import Verdict, between, path, refused, touching, tree, weakest
from crmgraph.domain.judgements import named, pair
from crmgraph.domain.matching import Match
from crmgraph.domain.model import Kind
from crmgraph.domain.profiles import Profile, keys, profile_of
from crmgraph.domain.records import Record, Ref
from crmgraph.domain.resolution import Line, Link, Obstacle
from crmgraph.service.identity import Person
from crmgraph.service.naming_people import people_named
from crmgraph.service.reading import Reading

SHOWN = 20
"""How many refused joins and how many suggestions are told of one person."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """Two records, how they match, and whether somebody decided that they are one."""

    a: Ref
    b: Ref
    match: Match
    probability: float
    judged: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """Two records that match and yet were not joined, and why."""

    weighed: Weighed
    obstacle: Obstacle


@dataclass(frozen=True, slots=True)
class Member:
    """A record of a person, None where it is known but could not be read; `held` leads to the first record."""

    ref: Ref
    record: Record | None
    held: tuple[Weighed, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """Why somebody is one person; refused joins and suggestions are the likeliest, the surest first."""

    members: tuple[Member, ...]
    weakest: Weighed | None
    refused: tuple[Refused, ...]
    suggestions: tuple[Weighed, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two records and why they are one person or two; `held` is the way between them where they are one."""

    weighed: Weighed
    verdict: Verdict
    held: tuple[Weighed, ...] = ()


@dataclass(frozen=True, slots=True)
class Unconsulted:
    """A source that may know more of a person, and why it was not asked."""

    source: str
    reason: str


class Evidence:
    """The evidence that one reading found when it put people together."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    @property
    def line(self) -> Line:
        """How sure a join must be."""
        return self._reading.gateway.identity.line

    def of(self, person: Person) -> Story:
        """Why these records are one person."""
        found, refs = self._reading.identity.found, frozenset(person.refs)
        held = tree(person.refs, found.links.values())
        nearest, records = weakest(held), {record.ref: record for record in person.records}
        away = sorted(refused(found.refusals.values(), refs), key=lambda one: -one.link.bits)
        below = sorted(touching(found.suggestions.values(), refs), key=lambda one: -one.bits)
        return Story(
            members=tuple(Member(ref, records.get(ref), self._path(held, ref, person.refs[0])) for ref in person.refs),
            weakest=None if nearest is None else self._weighed(nearest),
            refused=tuple(Refused(self._weighed(one.link), one.obstacle) for one in away[:SHOWN]),
            suggestions=tuple(self._weighed(one) for one in below[:SHOWN]),
        )

    async def between(self, a: str, b: str) -> Comparison:
        """Why two ids are one person, or are not; raises InputError for what is no person or gone,
        SourceError where one could not be read."""
        one, other = await people_named(self._reading, {"a": a, "b": b}, ())
        x, y = await self._reading.leading.record(a, one.person), await self._reading.leading.record(b, other.person)
        if x == y:
            raise InputError(f"Both are {named(x)}, which is the same as itself; name two different records.")
        if one.person.refs == other.person.refs:
            held = tree(one.person.refs, self._reading.identity.found.links.values())
            return Comparison(self._weighed(Link(x, y, 0.0)), Verdict.ONE, self._path(held, x, y))
        return self._apart(one.person, other.person)

    def _apart(self, one: Person, other: Person) -> Comparison:
        identity = self._reading.identity
        different = identity.resolver.judging.judged.different
        sides = list(self.profiles(one).values()), list(self.profiles(other).values())
        found = between(*sides, identity.found.refusals.values(), identity.resolver.match, self.line, different)
        return Comparison(Weighed(found.a, found.b, found.match, found.match.probability, False), found.verdict)

    def profiles(self, person: Person) -> dict[Ref, Profile]:
        """What identity knows of each record of a person."""
        return {ref: self._profile(ref, person.records) for ref in person.refs if self._is_known(ref, person.records)}

    def _is_known(self, ref: Ref, records: Sequence[Record]) -> bool:
        return ref in self._reading.identity.found.profiles or any(one.ref == ref for one in records)

    def _profile(self, ref: Ref, records: Sequence[Record]) -> Profile:
        known = self._reading.identity.found.profiles.get(ref)
        if known is not None:
            return known
        region = self._reading.gateway.identity.region
        return next(profile_of(one, region) for one in records if one.ref == ref)

    def _path(self, held: Sequence[Link], start: Ref, end: Ref) -> tuple[Weighed, ...]:
        """The links from one record to another, each as it is walked."""
        walked: list[Weighed] = []
        for link in path(held, start, end):
            found, here = self._weighed(link), walked[-1].b if walked else start
            walked.append(found if found.a == here else replace(found, a=found.b, b=found.a))
        return tuple(walked)

    def _weighed(self, link: Link) -> Weighed:
        identity = self._reading.identity
        match = identity.resolver.match(identity.found.profiles[link.a], identity.found.profiles[link.b])
        judged = pair(link.a, link.b) in identity.resolver.judging.judged.same
        is_scored = link.bits and not link.judged
        return Weighed(link.a, link.b, match, link.probability if is_scored else match.probability, judged)

    def unconsulted(self, person: Person) -> list[Unconsulted]:
        """The sources that could not be asked for everything that this person can be found by."""
        sorts = {key.partition(":")[0] for one in self.profiles(person).values() for key in keys(one)}
        told: list[Unconsulted] = []
        for source, resource in self._reading.session.resources(Kind.CONTACT):
            lost = self._reading.session.meters[source.name].lost
            lacking = sorted(sort for sort in sorts if not keys_of(resource, sort))
            if lost is not None:
                told.append(Unconsulted(source.name, lost.message))
            elif lacking and self._reading.gateway.index.complete_since(source.name) is None:
                told.append(Unconsulted(source.name, _unfindable(source.name, lacking)))
        return told


def _unfindable(source: str, sorts: Sequence[str]) -> str:
    words = " or ".join("e-mail" if sort == "email" else sort for sort in sorts)
    return f"{source} finds nobody by {words}, and not all of its people are known yet."
