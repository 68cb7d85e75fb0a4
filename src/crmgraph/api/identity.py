"""Why records are one person, as the graph tells it: what holds them together, what was refused, who was not asked."""

from collections.abc import Sequence
from typing import Any

import strawberry

from crmgraph.api.accounts import Source, SourceRecord, source_of
from crmgraph.api.context import Asking
from crmgraph.api.fields import plain
from crmgraph.api.nodes import reading
from crmgraph.api.values import RecordRef, ref
from crmgraph.domain.explaining import Verdict
from crmgraph.domain.matching import Band, explain
from crmgraph.domain.model import Kind
from crmgraph.domain.resolution import Line, Obstacle
from crmgraph.service.entity import Entity
from crmgraph.service.evidence import Evidence, Member, Refused, Story, Unconsulted, Weighed
from crmgraph.service.ids import encode

strawberry.enum(Band, name="MatchBand", description="How sure it is that two records are one person.")
strawberry.enum(Line, name="MatchLine", description="How sure it must be for two records to be joined.")
strawberry.enum(Obstacle, name="JoinObstacle", description="Why two people were not joined although records match.")
strawberry.enum(Verdict, name="MatchVerdict", description="Whether two records are one person, and if not, why.")

PRIOR = "prior"


@strawberry.type(description="One thing that was found of two records, and how much it says.")
class MatchReason:
    rule: str = plain("The rule that found it, or `prior`: how rarely two records that are compared are one person.")
    bits: float = plain("How much it says: each bit for doubles the odds of one person, each bit against halves them.")
    text: str = plain("What was found, in words.")
    about: str = plain("What the rule looks at, and why.")


@strawberry.type(description="Two records, and how surely they are one person.")
class IdentityLink:
    told: strawberry.Private[Weighed]

    @strawberry.field(name="from", description="The one record.")
    def start(self) -> RecordRef:
        return ref(self.told.a)

    @strawberry.field(description="The other record.")
    def to(self) -> RecordRef:
        return ref(self.told.b)

    @strawberry.field(description="The id by which the one leads to its person; `whyNot` and mutations take it.")
    def from_id(self) -> strawberry.ID:
        return strawberry.ID(encode(Kind.CONTACT, self.told.a))

    @strawberry.field(description="The id by which the other leads to its person.")
    def to_id(self) -> strawberry.ID:
        return strawberry.ID(encode(Kind.CONTACT, self.told.b))

    @strawberry.field(description="All evidence together, in bits: the logarithm (base 2) of the odds.")
    def bits(self) -> float:
        return round(self.told.match.bits, 2)

    @strawberry.field(description="The share of pairs with so many bits that are one person, 0 to 1.")
    def probability(self) -> float:
        return round(self.told.probability, 4)

    @strawberry.field(description="How sure that is, in a word.")
    def band(self) -> Band:
        return self.told.match.band

    @strawberry.field(description="Whether somebody decided that the two are one, which counts more than any evidence.")
    def judged(self) -> bool:
        return self.told.judged

    @strawberry.field(description="The evidence, what weighs most first; its bits add up.")
    def reasons(self) -> list[MatchReason]:
        found = self.told.match.evidence
        told = [
            MatchReason(rule=one.rule, bits=round(one.bits, 2), text=one.reason, about=explain(one.rule))
            for one in found
        ]
        prior = self.told.match.bits - sum(one.bits for one in found)
        return [*told, MatchReason(rule=PRIOR, bits=round(prior, 2), text=_PRIOR, about=_ABOUT_PRIOR)]


_PRIOR = "before anything is compared"
_ABOUT_PRIOR = "How rarely two records that are worth comparing are one person, before anything of them is looked at."


@strawberry.type(description="A record of a person, and what holds it there.")
class IdentityMember:
    told: strawberry.Private[Member]

    @strawberry.field(description="Where it lives.")
    def ref(self) -> RecordRef:
        return ref(self.told.ref)

    @strawberry.field(description="The id by which it leads to its person; `whyNot` and mutations take it.")
    def id(self) -> strawberry.ID:
        return strawberry.ID(encode(Kind.CONTACT, self.told.ref))

    @strawberry.field(description="The record itself; null where it is known but could not be read.")
    def record(self) -> SourceRecord | None:
        return None if self.told.record is None else SourceRecord(held=self.told.record)

    @strawberry.field(
        description="The way from it to the person's first record, by the surest links there are. Empty for the first"
        " record itself, and where nothing that is known connects the two."
    )
    def links(self) -> list[IdentityLink]:
        return [IdentityLink(told=one) for one in self.told.held]


@strawberry.type(description="A join with somebody else that was refused although records match.")
class RefusedJoin:
    told: strawberry.Private[Refused]

    @strawberry.field(description="The two records that match.")
    def link(self) -> IdentityLink:
        return IdentityLink(told=self.told.weighed)

    @strawberry.field(description="What stood in the way.")
    def obstacle(self) -> Obstacle:
        return self.told.obstacle

    @strawberry.field(description="The same in a sentence.")
    def reason(self) -> str:
        return self.told.obstacle.reason


@strawberry.type(description="A source that may know more of a person, and was not asked for everything.")
class UnconsultedSource:
    told: strawberry.Private[Unconsulted]

    @strawberry.field(description="The source.")
    def source(self, info: Asking) -> Source:
        return source_of(info, self.told.source)

    @strawberry.field(description="Why it was not asked, or did not answer.")
    def reason(self) -> str:
        return self.told.reason


@strawberry.type(description="Why records are one person: what they were joined by, and what was not joined.")
class Identity:
    entity: strawberry.Private[Entity]
    story: strawberry.Private[Story]
    evidence: strawberry.Private[Evidence]

    @strawberry.field(description="The records, most trusted first, each with what holds it.")
    def members(self) -> list[IdentityMember]:
        return [IdentityMember(told=one) for one in self.story.members]

    @strawberry.field(
        description="The least sure of the links that hold the person together: the first to doubt. Null for a person"
        " of one record."
    )
    def weakest_bridge(self) -> IdentityLink | None:
        return None if self.story.weakest is None else IdentityLink(told=self.story.weakest)

    @strawberry.field(description="Joins with others that were refused although records match, the likeliest first.")
    def refused(self) -> list[RefusedJoin]:
        return [RefusedJoin(told=one) for one in self.story.refused]

    @strawberry.field(description="Records of others that may be this person's, below the line; the likeliest first.")
    def suggestions(self) -> list[IdentityLink]:
        return [IdentityLink(told=one) for one in self.story.suggestions]

    @strawberry.field(description="The sources that may know more of this person and were not asked for everything.")
    def sources_not_consulted(self) -> list[UnconsultedSource]:
        return [UnconsultedSource(told=one) for one in self.evidence.unconsulted(self.entity.person)]

    @strawberry.field(description="Whether everybody was asked who may know more of this person.")
    def complete(self) -> bool:
        return self.entity.person.complete

    @strawberry.field(description="How sure a join had to be.")
    def line(self) -> Line:
        return self.evidence.line


async def identities(things: Sequence[Any], info: Asking) -> list[Identity]:
    """Why each of several people is one."""
    told = [(one.entity, Evidence(one.read_by or reading(info))) for one in things]
    return [Identity(entity=entity, story=evidence.of(entity.person), evidence=evidence) for entity, evidence in told]


@strawberry.type(description="Two people compared: whether they are one, and if not, why not.")
class WhyNot:
    link: IdentityLink = plain("Their two records that are most alike; of one person, the two that were named.")
    one: bool = plain("Whether they are one person.")
    verdict: Verdict = plain("What became of it, in a word.")
    reason: str = plain("The same in a sentence.")
    path: list[IdentityLink] = plain("Where they are one: the way from one record to the other, by the surest links.")


async def why_not(info: Asking, a: str, b: str) -> WhyNot:
    """Why two ids are two people, or one."""
    found = await Evidence(reading(info)).between(a, b)
    return WhyNot(
        link=IdentityLink(told=found.weighed),
        one=found.verdict is Verdict.ONE,
        verdict=found.verdict,
        reason=found.verdict.reason,
        path=[IdentityLink(told=one) for one in found.held],
    )
