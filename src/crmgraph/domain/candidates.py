"""Which records are worth comparing: those that share a key or a block, never all pairs.

A block is what records of one person share although no key of theirs does: how a family name sounds with a form of the
given name, a family name at a company. A block that holds too many is narrowed by a second trait, and what is then
still too much is counted, never silently dropped.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from rapidfuzz.distance import OSA

from crmgraph.domain.folding import squeezed
from crmgraph.domain.given_names import canonicals
from crmgraph.domain.profiles import Profile

FULL = 40
"""How many records of one block are compared, each with each; those of a fuller block share a second trait too."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs of places in the given order, the smaller first; how many records were left out of which kind of block."""

    pairs: frozenset[tuple[int, int]]
    skipped: Mapping[str, int]


def candidates(profiles: Sequence[Profile], full: int = FULL) -> Candidates:
    """The pairs of `profiles` that are worth comparing."""
    firsts = [profile.name.given.partition(" ")[0] for profile in profiles]
    pairs: set[tuple[int, int]] = set()
    skipped: Counter[str] = Counter()
    for block, places in opened(profiles, full, skipped):
        met = combinations(places, 2)
        pairs.update([(a, b) for a, b in met if _may_be_one(firsts[a], firsts[b])] if is_loose(block) else met)
    return Candidates(frozenset(pairs), skipped)


def opened(profiles: Sequence[Profile], full: int, skipped: Counter[str]) -> Iterator[tuple[str, Sequence[int]]]:
    """The blocks of several records with the places of those, and in the place of an over-full block the parts of it
    that share one more trait, as far as they are none; who is left out then is counted in `skipped`.
    """
    filled: defaultdict[str, list[int]] = defaultdict(list)
    for place, profile in enumerate(profiles):
        for block in set(blocks(profile)):
            filled[block].append(place)
    for block, places in filled.items():
        if len(places) > full:
            yield from _narrowed(block, places, profiles, full, skipped)
        elif len(places) > 1:
            yield block, places


def blocks(profile: Profile) -> Iterator[str]:
    """The blocks that a record stands in, its keys among them; each begins with its kind."""
    for email in profile.emails:
        yield f"email:{email}"
        local = email.partition("@")[0].replace(".", "")
        if len(local) >= 6:
            yield f"local:{local}"
    for line in profile.lines:
        yield f"line:{line}"
    yield from set(_by_name(profile))
    if profile.birth_date:
        yield f"born:{profile.birth_date}"
    yield from set(_by_home(profile))


def _by_name(profile: Profile) -> Iterator[str]:
    firsts = [*profile.name.given.split()[:1], *profile.spelt_given]
    lasts = [*profile.name.family.split(), *profile.spelt_family]
    told = {name for first in firsts for name in canonicals(first)}
    sounds = {sound(last) for last in lasts}
    turned_round = {name for last in lasts for name in canonicals(last)}
    places = [*profile.domains, *filter(None, (profile.company, profile.postal_code))]
    for last in sounds:
        for first in told:
            yield f"name:{last}:{first}"
        for first in firsts:
            for letter in first[:2]:
                yield f"letters:{last}:{letter}"
        for place in places:
            yield f"family:{last}:{place}"
    for first in told:
        for turned in turned_round:
            yield f"name:{sound(first)}:{turned}"
        for place in places:
            yield f"given:{first}:{place}"
        if not lasts and profile.city:
            yield f"given:{first}:{profile.city}"


_LOOSE = ("letters:", "family:", "line:", "local:")


def is_loose(block: str) -> bool:
    """Whether a block says nothing of the given name; two records in it that are not `alike` are not compared."""
    return block.startswith(_LOOSE)


def alike(a: Profile, b: Profile) -> bool:
    """Whether two given names may be one: missing, shortened, forms of one name, or spelt much alike."""
    one, other = a.name.given.partition(" ")[0], b.name.given.partition(" ")[0]
    return _may_be_one(one, other)


@lru_cache(131_072)
def _may_be_one(one: str, other: str) -> bool:
    if min(len(one), len(other)) < 2 or one.startswith(other) or other.startswith(one):
        return True
    return OSA.distance(one, other, score_cutoff=2) <= 2 or not set(canonicals(one)).isdisjoint(canonicals(other))


def _narrowed(
    block: str, places: Sequence[int], profiles: Sequence[Profile], full: int, skipped: Counter[str]
) -> Iterator[tuple[str, Sequence[int]]]:
    """The parts of an over-full block whose records share one more trait."""
    parts: defaultdict[str, list[int]] = defaultdict(list)
    for place in places:
        for trait in traits(profiles[place]):
            parts[trait].append(place)
    reached = set[int]()
    for trait, few in parts.items():
        if len(few) <= full:
            reached.update(few)
            yield f"{block} {trait}", few
    skipped[block.partition(":")[0]] += len(places) - len(reached)


def traits(profile: Profile) -> Iterator[str]:
    """What narrows a block that is too full, each trait once."""
    first, last = profile.name.given, profile.name.family
    if profile.city:
        yield f"city:{first[:1]}:{profile.city}"
    if profile.company:
        yield f"company:{first[:1]}:{profile.company}"
    for domain in profile.domains:
        yield f"domain:{first[:1]}:{domain}"
    if first and last:
        yield f"name:{first}:{last}"
    if profile.postal_code:
        yield f"postal:{first[:1]}:{profile.postal_code}"


def _by_home(profile: Profile) -> Iterator[str]:
    """A word of the street with the house number, with the postal code, or with one of the names."""
    words, name = profile.street.split(), profile.name
    near = [word for word in words if word.isdigit()]
    near += filter(None, (profile.postal_code, name.given.partition(" ")[0], sound(name.family)))
    for word in words:
        if len(word) >= 4 and word.isalpha():
            for number in near:
                yield f"home:{sound(word)}:{number}"


@lru_cache(65_536)
def sound(word: str) -> str:
    """Four letters that spellings of one name share: its first, and the consonants after it by their sort."""
    told = squeezed(word).replace("ph", "f").translate(_SORTS)
    kept = told[:1]
    for letter in told[1:]:
        if letter != kept[-1] and letter not in "aeiouh":
            kept += letter
            if len(kept) == 4:
                break
    return kept


_SORTS = str.maketrans("cqzdyjw", "kkstiiv")
"""Which letters sound like which others, or are easily taken for them."""
