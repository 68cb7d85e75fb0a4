"""Why records are one person, and why others are not: read off what was joined and weighed."""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import product

from crmgraph.domain.candidates import candidates
from crmgraph.domain.matching import Band, Match, band
from crmgraph.domain.profiles import Profile, order
from crmgraph.domain.records import Ref
from crmgraph.domain.resolution import Line, Link, Obstacle, Refusal


class Verdict(StrEnum):
    """Whether two records are one person, and if not, what stands in the way."""

    ONE = "one"
    JUDGED = "judged"
    DUPLICATE_FREE = "duplicate_free"
    COLLEAGUES = "colleagues"
    STRANGERS = "strangers"
    BELOW_THE_LINE = "below_the_line"
    UNLIKE = "unlike"
    NOT_COMPARED = "not_compared"

    @property
    def reason(self) -> str:
        """The sentence that users read."""
        return _VERDICTS[self]


_VERDICTS = {
    Verdict.ONE: "They are one person.",
    Verdict.JUDGED: Obstacle.JUDGED.reason,
    Verdict.DUPLICATE_FREE: Obstacle.DUPLICATE_FREE.reason,
    Verdict.COLLEAGUES: Obstacle.COLLEAGUES.reason,
    Verdict.STRANGERS: Obstacle.STRANGERS.reason,
    Verdict.BELOW_THE_LINE: "They may be one person, but the evidence stays below the line from which on records are"
    " joined.",
    Verdict.UNLIKE: "Too little speaks for one person, or too much against it.",
    Verdict.NOT_COMPARED: "They share no e-mail, phone, sound of a name or company, so they are never compared; the"
    " evidence is what a comparison would come to.",
}


@dataclass(frozen=True, slots=True)
class Between:
    """Two records of different people, or of one: how they match, and whether they are one."""

    a: Ref
    b: Ref
    match: Match
    verdict: Verdict


def tree(members: Iterable[Ref], links: Iterable[Link]) -> tuple[Link, ...]:
    """The links that hold members together: of all sets that connect them, the one whose links are the surest.

    Members that no links connect stay apart. The surest link comes first.
    """
    leader = {ref: ref for ref in members}
    held: list[Link] = []
    for link in sorted(links, key=lambda one: (-one.bits, order(one.a), order(one.b))):
        if link.a in leader and link.b in leader:
            a, b = _leader(leader, link.a), _leader(leader, link.b)
            if a != b:
                leader[b] = a
                held.append(link)
    return tuple(held)


def _leader(leader: Mapping[Ref, Ref], ref: Ref) -> Ref:
    while leader[ref] != ref:
        ref = leader[ref]
    return ref


def weakest(held: Iterable[Link]) -> Link | None:
    """The link of a tree that would go first; None where there is none to lose."""
    return min(held, key=lambda one: (one.bits, order(one.a), order(one.b)), default=None)


def path(held: Iterable[Link], start: Ref, end: Ref) -> tuple[Link, ...]:
    """The links of a tree from one record to another, in that order; empty where it does not connect them."""
    near: dict[Ref, list[Link]] = {}
    for link in held:
        near.setdefault(link.a, []).append(link)
        near.setdefault(link.b, []).append(link)
    came: dict[Ref, tuple[Link, ...]] = {start: ()}
    waiting = deque([start])
    while waiting and end not in came:
        at = waiting.popleft()
        for link in near.get(at, ()):
            to = far(link, at)
            if to not in came:
                came[to] = (*came[at], link)
                waiting.append(to)
    return came.get(end, ())


def far(link: Link, ref: Ref) -> Ref:
    """The end of a link that is not `ref`."""
    return link.b if link.a == ref else link.a


def touching(links: Iterable[Link], members: Collection[Ref]) -> list[Link]:
    """The links that lead from one of the members to somebody else."""
    return [link for link in links if (link.a in members) != (link.b in members)]


def refused(refusals: Iterable[Refusal], members: Collection[Ref]) -> list[Refusal]:
    """The refused joins of the members with somebody else."""
    return [one for one in refusals if (one.link.a in members) != (one.link.b in members)]


def between(
    ours: Sequence[Profile],
    theirs: Sequence[Profile],
    refusals: Iterable[Refusal],
    match: Callable[[Profile, Profile], Match],
    line: Line,
    different: Collection[tuple[Ref, Ref]] = (),
) -> Between:
    """How two people match who are not one: their two records that are most alike, and what keeps them apart.

    `different` are the pairs that people decided about.
    """
    pairs = [(match(x, y), x, y) for x, y in product(ours, theirs)]
    best, x, y = min(pairs, key=lambda one: (-one[0].bits, order(one[1].ref), order(one[2].ref)))
    apart = {pair for _, a, b in pairs for pair in ((a.ref, b.ref), (b.ref, a.ref))}
    verdict = _obstacle(apart, refusals, different) or _below(best.bits, x, y, line)
    return Between(x.ref, y.ref, best, verdict)


def _obstacle(
    apart: Collection[tuple[Ref, Ref]], refusals: Iterable[Refusal], different: Collection[tuple[Ref, Ref]]
) -> Verdict | None:
    """What kept two people from being joined, a human's word before a guard's."""
    if any(pair in apart for pair in different):
        return Verdict.JUDGED
    return next((Verdict(one.obstacle) for one in refusals if (one.link.a, one.link.b) in apart), None)


def _below(bits: float, x: Profile, y: Profile, line: Line) -> Verdict:
    """Why a pair is not joined that nothing but its bits keeps apart."""
    if band(bits) is Band.APART:
        return Verdict.UNLIKE
    return Verdict.BELOW_THE_LINE if bits < line.least and candidates([x, y]).pairs else Verdict.NOT_COMPARED
