"""Whom a mailbox names: "laetitia.marty" and "lmarty" tell of a family name that the record itself may lack."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from crmgraph.domain.folding import word_set
from crmgraph.domain.given_names import established
from crmgraph.domain.names import Level, family_level, word_level

_REMEMBERED = 65_536
_NO_NAMES = word_set(
    "family familie famille familia rodzina mail email mailbox post home house office work news crm shop private "
    "privat contact info the and"
)
_LETTERS = re.compile("[a-z]+")
_SHORTEST = 3  # Letters: what is shorter is an initial or a country's code, no name.


class Spelt(NamedTuple):
    """The given and the family names that a mailbox spells beyond those its owner is known by."""

    given: tuple[str, ...] = ()
    family: tuple[str, ...] = ()


NOTHING = Spelt()


@lru_cache(_REMEMBERED)
def spelt(local: str, given: str, family: str) -> Spelt:
    """What the part before the @ tells of its owner, known by `given` and `family` (folded; either may be empty).

    It is believed only beside something that is known: "g.ellis" tells nothing, but does of somebody called Gina.
    """
    family = re.sub(r"\d", "", family)  # As below, where a number is none of the name's.
    words = [word for word in _LETTERS.findall(local) if word not in _NO_NAMES]
    first = given.partition(" ")[0]
    if not words or {first, family}.issuperset(words) or words == [first[:1] + family]:
        return NOTHING
    if len(words) == 2:
        told = [*_parted(words[0], words[1], first, family), *_parted(words[1], words[0], first, family)]
    elif len(words) == 1:
        told = [one for one in _in_one(words[0], first, family.replace(" ", "")) if one[1] not in _NO_NAMES]
    else:
        told = []
    givens = dict.fromkeys(word for part, word in told if part == "given" and word != first)
    families = dict.fromkeys(word for part, word in told if part == "family" and word not in family.split())
    return Spelt(tuple(givens), tuple(families))


def _parted(x: str, y: str, first: str, family: str) -> Iterator[tuple[str, str]]:
    """Two words taken as given and family name."""
    if first and word_level(x, first) >= Level.CLOSE and len(y) >= _SHORTEST and (len(x) > 1 or len(first) > 1):
        yield "family", y
    if family and len(x) >= _SHORTEST and family_level(y, family) >= Level.CLOSE and len(y) > 1:
        yield "given", x


def _in_one(word: str, first: str, family: str) -> Iterator[tuple[str, str]]:
    """One word that begins or ends with a name that is known, or with its initial."""
    for known, other in ((first, "family"), (family, "given")):
        if len(known) >= _SHORTEST and word != known:
            for rest in (word.removeprefix(known), word.removesuffix(known)):
                if rest != word and len(rest) >= _SHORTEST and rest not in _NO_NAMES:
                    yield other, rest
    if len(first) == 1 and word[0] == first and established(word):
        yield "given", word
    rest = word[1:]
    initialled = first and word[0] == first[0] and len(rest) > _SHORTEST and not first.startswith(word[:3])
    if initialled and (not family or family_level(rest, family) >= Level.CLOSE):
        yield "family", rest
