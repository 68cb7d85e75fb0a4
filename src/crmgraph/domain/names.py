"""People's names: taken apart, folded, and compared by a scale from "the same" to "different".

What an agreement weighs, and whether it joins two records, is not said here.
"""

import re
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from rapidfuzz.distance import OSA, JaroWinkler

from crmgraph.domain.folding import fold, squeezed, word_set
from crmgraph.domain.given_names import established, same_name

_REMEMBERED = 131_072
_DIGIT = re.compile("[0-9]")


_TITLES = word_set(
    "mr mrs ms miss mx dr prof professor sir dame rev hon capt herr frau dipl ing mag sra dra senor senora senhor "
    "senhora eng mme mlle monsieur madame sig signora"
)
_SUFFIXES = word_set("jr sr ii iii iv phd md esq cpa mba dds msc bsc filho neto sobrinho")
_PARTICLES = word_set(
    "van von der den de da di do du das dos del della degli la le las los ter ten zu zum zur af al el bin ibn e y"
)
_NO_NAME = frozenset(
    {"unknown", "na", "n a", "none", "null", "undefined", "anonymous", "noname", "no name", "not provided", "tbd"}
)


class Level(IntEnum):
    """How far two names agree, worst first."""

    DIFFERENT = 0
    GARBLED = 1
    MISSING = 2
    CLOSE = 3
    INITIAL = 4
    NICKNAME = 5
    SAME = 6


@dataclass(frozen=True, slots=True)
class PersonName:
    """A name folded to plain lower-case words, titles and suffixes dropped; an empty text where a part is missing."""

    given: str
    family: str
    full: str


def split_name(full: str) -> tuple[str, str]:
    """Given and family part of a name written in one field, as spelt there: "Anna Kovács" and "Kovács, Anna" alike."""
    head, *rest = full.split(",")
    spoken = [head, *(part for part in rest if not all(map(_is_suffix, part.split())))]
    parts = [kept for part in spoken if (kept := _without_titles(part.split()))]
    if len(parts) > 1:
        return " ".join(parts[1]), " ".join(parts[0])
    words = parts[0] if parts else []
    if len(words) < 2:
        return " ".join(words), ""
    inner = range(1, len(words) - 1)
    cut = next((i for i in inner if fold(words[i]) in _PARTICLES), len(words) - 1)
    return " ".join(words[:cut]), " ".join(words[cut:])


def person_name(given: str | None, family: str | None, full: str | None) -> PersonName:
    """Put a name together from whatever fields a CRM fills; a one-field name may stand in any of them."""
    first, last = _folded_words(given), _folded_words(family)
    if not (first and last):
        first, last = _from_one_field(given, family, full, first, last)
    return PersonName(first, last, f"{first} {last}".strip())


def levels(a: PersonName, b: PersonName) -> tuple[Level, Level]:
    """How far the given and the family names agree, also when they stand the other way round in one of the two, or when
    one name holds all words of the other.
    """
    given, family = given_level(a.given, b.given), family_level(a.family, b.family)
    if given is not Level.DIFFERENT and family is not Level.DIFFERENT:
        return given, family
    if _turned_round(a, b):
        return Level.SAME, Level.SAME
    if _stray_family_name(a, b) or _stray_family_name(b, a):
        return Level.MISSING, Level.SAME
    return (Level.SAME, Level.MISSING) if _holds_all_words(a, b) else (given, family)


@lru_cache(_REMEMBERED)
def given_level(a: str, b: str) -> Level:
    """How far two folded given names agree; a second given name may be missing, but not contradict."""
    if not a or not b:
        return Level.MISSING
    if squeezed(a) == squeezed(b):
        return Level.SAME
    ours, theirs = a.split(), b.split()
    first = word_level(ours[0], theirs[0])
    if first <= Level.GARBLED:
        one_word = len(ours) == 1 or len(theirs) == 1
        return Level.NICKNAME if one_word and set(ours) & set(theirs) else first
    if ours[1:] and theirs[1:] and not _any_agrees(ours[1:], theirs[1:]):
        return Level.DIFFERENT
    return first


@lru_cache(_REMEMBERED)
def family_level(a: str, b: str) -> Level:
    """How far two folded family names agree; one half of a double name is enough."""
    if not a or not b:
        return Level.MISSING
    if _numbers(a) and _numbers(b) and _numbers(a).isdisjoint(_numbers(b)):
        return Level.DIFFERENT
    ours, theirs = _surnames(a), _surnames(b)
    if squeezed(a) == squeezed(b) or set(map(squeezed, ours)) & set(map(squeezed, theirs)):
        return Level.SAME
    if len(a) == 1 or len(b) == 1:
        return Level.INITIAL if any(word[0] == a[0] == b[0] for word in (*ours, *theirs)) else Level.DIFFERENT
    if _typing_error(squeezed(a), squeezed(b)) or any(_typing_error(x, y) for x in ours for y in theirs):
        return Level.CLOSE
    return Level.DIFFERENT


@lru_cache(_REMEMBERED)
def word_level(x: str, y: str) -> Level:
    """How far two single given names (folded) agree."""
    if squeezed(x) == squeezed(y):
        return Level.SAME
    if len(x) == 1 or len(y) == 1:
        return Level.INITIAL if x[0] == y[0] else Level.DIFFERENT
    if same_name(x, y):
        return Level.NICKNAME
    if (established(x) and established(y)) or _his_and_hers(x, y):
        return Level.DIFFERENT
    short, long = sorted((x, y), key=len)
    if len(short) >= 3 and len(long) - len(short) >= 2 and long.startswith(short):
        return Level.NICKNAME
    if _typing_error(x, y):
        return Level.CLOSE
    return Level.GARBLED if JaroWinkler.similarity(x, y) >= 0.8 else Level.DIFFERENT


def _without_titles(words: list[str]) -> list[str]:
    kept = words
    while kept and fold(kept[0]) in _TITLES:
        kept = kept[1:]
    while len(kept) > 1 and _is_suffix(kept[-1]):
        kept = kept[:-1]
    return kept


def _is_suffix(word: str) -> bool:
    return fold(word).replace(" ", "") in _SUFFIXES


@lru_cache(_REMEMBERED)
def _folded_words(raw: str | None) -> str:
    """One field folded; empty when it holds no name but a placeholder, a number or an e-mail address."""
    if not raw or "@" in raw:
        return ""
    if raw.isascii() and raw.isalpha() and (plain := raw.lower()) not in _TITLES:
        return "" if plain in _NO_NAME else plain
    folded = fold(" ".join(_without_titles(raw.replace(",", " ").split())))
    return folded if re.search("[a-z]", folded) and folded not in _NO_NAME else ""


def _from_one_field(given: str | None, family: str | None, full: str | None, first: str, last: str) -> tuple[str, str]:
    half = first or last
    if full and len(_folded_words(full)) > len(half):
        source = full
    elif half and (first or "," in (family or "")):
        source = (given if first else family) or ""
    else:
        return first, last
    one, other = split_name(source)
    return _folded_words(one), _folded_words(other)


def _numbers(name: str) -> frozenset[str]:
    """The numbers in a name, by which machines tell apart those whom they name."""
    return frozenset(word for word in name.split() if word.isdigit()) if _DIGIT.search(name) else frozenset()


@lru_cache(_REMEMBERED)
def _surnames(family: str) -> list[str]:
    words = family.split()
    return [word for word in words if word not in _PARTICLES] or words


def _typing_error(x: str, y: str) -> bool:
    shorter = min(len(x), len(y))
    if shorter < 4:
        return False
    allowed = 1 if shorter < 8 else 2
    return OSA.distance(x, y, score_cutoff=allowed) <= allowed or (shorter > 4 and JaroWinkler.similarity(x, y) >= 0.93)


def _his_and_hers(x: str, y: str) -> bool:
    """Daniel and Daniela, Mario and Maria: nearness that tells two people of one household apart."""
    short, long = sorted((x, y), key=len)
    return long == short + "a" or (x[:-1] == y[:-1] and {x[-1], y[-1]} == {"a", "o"})


def _any_agrees(ours: list[str], theirs: list[str]) -> bool:
    return any(word_level(x, y) >= Level.GARBLED for x in ours for y in theirs)


def _turned_round(a: PersonName, b: PersonName) -> bool:
    if not (a.given and b.given and a.family and b.family) or {a.given[0], a.family[0]} != {b.given[0], b.family[0]}:
        return False  # A slip in the first letter as well is too much to believe in.
    return given_level(a.given, b.family) >= Level.CLOSE and given_level(a.family, b.given) >= Level.CLOSE


def crossed(a: PersonName, b: PersonName) -> bool:
    """Whether the given name of one is the family name of the other, whatever the rest says."""
    return any(x and y and given_level(x, y) >= Level.NICKNAME for x, y in ((a.given, b.family), (a.family, b.given)))


def _stray_family_name(a: PersonName, b: PersonName) -> bool:
    """Whether all that `a` holds is the family name of `b`, typed where a given name belongs."""
    return not a.family and bool(b.family) and family_level(a.given, b.family) == Level.SAME


def _holds_all_words(a: PersonName, b: PersonName) -> bool:
    fewer, more = sorted((set(a.full.split()), set(b.full.split())), key=len)
    return len(fewer) > 1 and fewer <= more
