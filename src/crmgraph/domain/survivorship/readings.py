"""A record's name taken apart into given and family name, whatever fields it was typed into.

One record alone may be misread: "José Luis" may be two given names or a whole name. The other records of the person
tell: where they hold a part for itself, the same words are cut there, and parts that stand the other way round are
turned.
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from msgspec import Struct

from crmgraph.domain.folding import fold
from crmgraph.domain.model import FIELDS
from crmgraph.domain.names import split_name
from crmgraph.domain.naming import PARTS
from crmgraph.domain.survivorship.variants import FAMILY, GIVEN, Sense

NAMED = frozenset(kind for kind, fields in FIELDS.items() if {"fullName", *PARTS} <= fields.keys())
"""The kinds whose names come whole and in parts."""


class Reading(Struct, frozen=True, gc=False):
    """A name in its parts, an empty text where one is missing. `origin` is the field it was split out of; a name that
    came in its parts was split out of none. With `is_ordered` a comma told which is which.
    """

    given: str
    family: str
    origin: str = ""
    is_ordered: bool = False


Order = Callable[[str, str], tuple[int, float]]
"""From a given and a family name to what speaks for this order of them, more for the likelier one."""


@lru_cache(65_536)
def reading(given: str, family: str, full: str) -> Reading:
    """Read what a record says in its three fields (stripped): titles and middle initials dropped, one field split."""
    if given and family:
        return Reading(_without(_tidy(given), _tidy(family)), _tidy(family))
    if full and not (given and fold(full) == fold(given)):
        return _split(full, "fullName")
    if given:
        return _split(given, "givenName") if len(_tidy(given).split()) > 1 else Reading(_tidy(given), "")
    return _split(family, "familyName") if "," in family else Reading("", _tidy(family))


def agreed(readings: Sequence[Reading], order: Order) -> Sequence[Reading]:
    """The readings of one person's records, each with a look at the others.

    `order` decides where one reading stands against one.
    """
    if len(set(readings)) < 2:
        return readings
    cut = [_cut_again(one, _others(readings, at)) if one.origin else one for at, one in enumerate(readings)]
    return [_turned(one, _others(cut, at), order) for at, one in enumerate(cut)]


def _others(readings: Sequence[Reading], at: int) -> list[Reading]:
    return [*readings[:at], *readings[at + 1 :]]


def _cut_again(one: Reading, others: Sequence[Reading]) -> Reading:
    """The words cut where the others' parts end, which came in fields of their own; else as they were cut."""
    sure = [other for other in others if not other.origin]
    words = f"{one.given} {one.family}".split()
    cuts = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(1, len(words) + 1)]
    fits = [(max((_fit(cut, other) for other in sure), default=0), cut == (one.given, one.family), cut) for cut in cuts]
    fit, _, (given, family) = max(fits, default=(0, True, ("", "")))
    return Reading(_tidy(given), family, one.origin, one.is_ordered) if fit else one


def _fit(cut: tuple[str, str], sure: Reading) -> int:
    """How many parts of a cut are exactly the other's; the family name tells more."""
    given, family = map(fold, cut)
    if not family:
        return int(given == fold(sure.given))
    return (given == fold(sure.given)) + 2 * (family == fold(sure.family))


def _turned(one: Reading, others: Sequence[Reading], order: Order) -> Reading:
    """The parts the other way round, where more records hold them so; of two records, where else anything says so."""
    if one.is_ordered or not (one.given and one.family):
        return one
    votes = [_vote(one, other) for other in others]
    for_it = 1 + sum(votes)
    if for_it > 0 or not any(votes):
        return one
    is_sure = for_it < 0 or any(vote and other.is_ordered for vote, other in zip(votes, others, strict=True))
    if is_sure or order(one.given, one.family) < order(one.family, one.given):
        return Reading(one.family, one.given, one.origin)
    return one


@lru_cache(65_536)
def _vote(one: Reading, other: Reading) -> int:
    """1 where the other record holds the parts as they stand, -1 where it holds them turned round, 0 where neither."""
    straight = _holds(GIVEN, one.given, other.given) + _holds(FAMILY, one.family, other.family)
    turned = _holds(GIVEN, one.family, other.given) + _holds(FAMILY, one.given, other.family)
    return (straight > turned) - (straight < turned)


def _holds(sense: Sense, ours: str, theirs: str) -> bool:
    return bool(ours and theirs) and sense.alike(fold(ours), fold(theirs))


def _split(whole: str, origin: str) -> Reading:
    given, family = split_name(whole)
    return Reading(_tidy(given), family, origin if family else "", "," in whole)


def _tidy(part: str) -> str:
    """Without titles, suffixes and the initials of middle names; as it is, where nothing else is left."""
    if part.isalpha() or "," in part:
        return part
    words = " ".join(split_name(part)).split()
    while len(words) > 1 and re.fullmatch(r"\w\.?", words[-1]):
        words = words[:-1]
    return " ".join(words) or part


def _without(given: str, family: str) -> str:
    """The given name alone, where the whole name was typed into its field beside the family name's own."""
    words, tail = given.split(), family.split()
    ends_so = len(words) > len(tail) and fold(" ".join(words[-len(tail) :])) == fold(family)
    return " ".join(words[: -len(tail)]) if ends_so else given
