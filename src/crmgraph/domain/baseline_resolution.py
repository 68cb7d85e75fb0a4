"""Which records are one person: links judged pair by pair, joined best first, each join guarded.

The outcome does not depend on the order of the profiles, and what it says of some people does not change when unrelated
people are looked at beside them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from crmgraph.domain.baseline_matching import Judgement, Shared, Verdict, judge
from crmgraph.domain.names import Level, agreement
from crmgraph.domain.profiles import Profile, keys, order
from crmgraph.domain.records import Ref

Group = tuple[Profile, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """What was judged of two records, the smaller ref first."""

    a: Ref
    b: Ref
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class Resolution:
    """Everybody, each cluster and the list of clusters by ref; and every judgement made, refused joins among them."""

    clusters: tuple[Group, ...]
    judgements: tuple[Judged, ...]


def resolve(profiles: Iterable[Profile], shared: Shared, limit: int) -> tuple[Group, ...]:
    """The clusters of `profiles` (one profile per ref); a key that more than `limit` people share joins nobody."""
    return resolved(profiles, shared, limit).clusters


def resolved(profiles: Iterable[Profile], shared: Shared, limit: int) -> Resolution:
    """As `resolve`, with the judgements that hold the clusters together or keep them apart."""
    members = {order(profile.ref): profile for profile in profiles}
    everyone = [members[place] for place in sorted(members)]
    buckets = _buckets(everyone)
    counted = _counted(buckets, shared)
    judged = [Judged(a.ref, b.ref, judge(a, b, counted, limit)) for a, b in _candidates(buckets, counted, limit)]
    clusters, outcome = _joined(everyone, judged)
    return Resolution(clusters, outcome)


def _buckets(everyone: list[Profile]) -> Mapping[str, list[Profile]]:
    buckets: defaultdict[str, list[Profile]] = defaultdict(list)
    for profile in everyone:
        for key in keys(profile):
            buckets[key].append(profile)
    return buckets


def _counted(buckets: Mapping[str, list[Profile]], shared: Shared) -> Shared:
    """The index's count of a key, raised to what is plainly seen here in case the index has not caught up."""
    seen = {key: max(Counter(profile.ref.source for profile in held).values()) for key, held in buckets.items()}
    return lambda key: max(shared(key), seen.get(key, 0))


def _candidates(buckets: Mapping[str, list[Profile]], counted: Shared, limit: int) -> list[tuple[Profile, Profile]]:
    """Pairs of different sources that share a key worth comparing by, each once, in order."""
    pairs: dict[tuple[Ref, Ref], tuple[Profile, Profile]] = {}
    for key, held in buckets.items():
        if len(held) > 1 and counted(key) <= limit:
            for a, b in combinations(held, 2):
                if a.ref.source != b.ref.source:
                    pairs[a.ref, b.ref] = (a, b)
    return sorted(pairs.values(), key=lambda pair: (order(pair[0].ref), order(pair[1].ref)))


def _joined(everyone: list[Profile], judged: list[Judged]) -> tuple[tuple[Group, ...], tuple[Judged, ...]]:
    groups: dict[Ref, Group] = {profile.ref: (profile,) for profile in everyone}
    outcome = [link for link in judged if link.judgement.verdict is not Verdict.YES]
    links = [link for link in judged if link.judgement.verdict is Verdict.YES]
    for link in sorted(links, key=lambda link: -link.judgement.strength):  # Stable: even links keep their ref order.
        ours, theirs = groups[link.a], groups[link.b]
        refusal = None if ours is theirs else _refusal(ours, theirs, link.judgement)
        outcome.append(link if refusal is None else Judged(link.a, link.b, refusal))
        if ours is not theirs and refusal is None:
            union = tuple(sorted((*ours, *theirs), key=lambda profile: order(profile.ref)))
            groups.update((profile.ref, union) for profile in union)
    clusters = {id(group): group for group in groups.values()}
    return tuple(clusters.values()), tuple(sorted(outcome, key=lambda link: (order(link.a), order(link.b))))


def _refusal(ours: Group, theirs: Group, judgement: Judgement) -> Judgement | None:
    """Why two groups must not become one although two of their members match; None when they may."""
    sources = {profile.ref.source for profile in ours} & {profile.ref.source for profile in theirs}
    if sources:
        reason = f"Joined, the person would hold two records of {min(sources)}, and a better match came first."
        return Judgement(Verdict.NO, "one_record_per_source", reason, judgement.keys)
    for a in ours:
        for b in theirs:
            names = agreement(a.name, b.name)
            if names.level == Level.DIFFERENT:
                reason = f"Joined, the person would hold two names that disagree. {names.reason}"
                return Judgement(Verdict.NO, "names_disagree_across", reason, judgement.keys)
    return None
