"""How many records keep their person's id while a source is down, and while new records come."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from bench.identity.data import generated
from crmgraph.domain.assigning import Known, PersonId, after, assigned
from crmgraph.domain.matching import Matcher
from crmgraph.domain.profiles import Profile
from crmgraph.domain.resolution import Line, Policy, resolved
from crmgraph.domain.trial import matcher_of, profile

NEW = 0.1
"""The share of records that come later."""


@dataclass(frozen=True, slots=True)
class Staying:
    """The share of records that have the id they had."""

    event: str
    kept: float


def staying(size: int, seed: int) -> list[Staying]:
    """Each source down once, and a tenth of the records new."""
    everyone = [profile(row) for row in generated(size, seed).rows]
    sources = sorted({one.ref.source for one in everyone})
    matcher = matcher_of(everyone)
    known = _assigned(Known(), everyone, sources, matcher)
    down = [_down(source, known, everyone, matcher) for source in sources]
    some = everyone[int(size * NEW) :]
    earlier = _assigned(Known(), some, sources, matcher_of(some))
    return [*down, Staying("a tenth is new", _kept(earlier, some, _assigned(earlier, everyone, sources, matcher)))]


def _down(source: str, known: Known, everyone: Sequence[Profile], matcher: Matcher) -> Staying:
    """How common values are is still known, for the store has the records of a source that is down."""
    there = [one for one in everyone if one.ref.source != source]
    now = _assigned(known, there, sorted({one.ref.source for one in there}), matcher)
    return Staying(f"{source} is down", _kept(known, there, now))


def _assigned(known: Known, profiles: Sequence[Profile], read: Sequence[str], matcher: Matcher) -> Known:
    clusters = resolved(profiles, matcher, Policy(Line.BALANCED)).clusters
    number = count(len(known.ages))
    change = assigned(known, [[one.ref for one in cluster] for cluster in clusters], read, lambda: _id(next(number)))
    return after(known, change)


def _id(number: int) -> PersonId:
    return PersonId(f"p{number}")


def _kept(before: Known, profiles: Sequence[Profile], now: Known) -> float:
    return sum(now.members[one.ref] == before.members[one.ref] for one in profiles) / len(profiles)
