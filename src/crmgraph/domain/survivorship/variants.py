"""Which spellings are variants of one value, and which of two is the fuller one, by what the value names."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

from crmgraph.domain.companies import CompanyLevel, company_key, company_level
from crmgraph.domain.folding import squeezed
from crmgraph.domain.given_names import canonicals
from crmgraph.domain.names import Level, family_level, given_level
from crmgraph.domain.rarity import Shipped

_REMEMBERED = 65_536


@dataclass(frozen=True, slots=True)
class Sense:
    """How spellings (folded) of one kind of value compare: `alike`, whether they are variants of one value; `yields`,
    whether the first is a shorter form of the second; `core`, what of them is counted as one spelling; `common`, the
    share of people who are known to hold it, as a typing error is held by few.
    """

    alike: Callable[[str, str], bool]
    yields: Callable[[str, str], bool]
    core: Callable[[str], str]
    common: Callable[[str], float]


def is_slip(one: str, other: str) -> bool:
    """Whether two spellings differ by a slip of the keyboard: one letter, two in a long word."""
    a, b = squeezed(one), squeezed(other)
    shorter = min(len(a), len(b))
    allowed = 0 if shorter < 3 else 1 if shorter < 8 else 2
    return OSA.distance(a, b, score_cutoff=allowed) <= allowed


@lru_cache(_REMEMBERED)
def _given_alike(one: str, other: str) -> bool:
    level = given_level(one, other)
    return level >= Level.CLOSE or (level is Level.GARBLED and is_slip(one, other)) or _short_slip(one, other)


def _short_slip(one: str, other: str) -> bool:
    return min(len(one), len(other)) == 3 and is_slip(one, other)


@lru_cache(_REMEMBERED)
def _given_yields(one: str, other: str) -> bool:
    ours, theirs = one.split(), other.split()
    if len(ours[0]) == 1 and len(theirs[0]) > 1:
        return True
    if len(ours) < len(theirs) and ours == theirs[: len(ours)]:
        return True
    return _is_short_form(ours[0], theirs[0])


def _is_short_form(one: str, other: str) -> bool:
    """Bob of Robert and Steve of Steven, but not Steven of Stephen: those are two ways to write one name."""
    if other in canonicals(one) and not (one in canonicals(other) and len(one) >= len(other)):
        return other.startswith(one) or one.startswith(other) or OSA.distance(one, other) > 2
    return len(one) >= 3 and len(other) - len(one) >= 2 and other.startswith(one)


@lru_cache(_REMEMBERED)
def _family_alike(one: str, other: str) -> bool:
    return family_level(one, other) >= Level.CLOSE or is_slip(one, other)


@lru_cache(_REMEMBERED)
def _family_yields(one: str, other: str) -> bool:
    """An initial gives way to a name, and one half of a double name to the whole."""
    ours, theirs = one.split(), other.split()
    if len(one) == 1:
        return len(other) > 1
    return len(ours) < len(theirs) and set(ours) < set(theirs)


@lru_cache(_REMEMBERED)
def _company_alike(one: str, other: str) -> bool:
    ours, theirs = company_key(one), company_key(other)
    return company_level(ours, theirs) >= CompanyLevel.SHORTENED or is_slip(ours, theirs)


@lru_cache(_REMEMBERED)
def _company_yields(one: str, other: str) -> bool:
    """A shortened name gives way to the one it shortens."""
    ours, theirs = company_key(one), company_key(other)
    return len(ours) < len(theirs) and company_level(ours, theirs) is CompanyLevel.SHORTENED


def _never_yields(one: str, other: str) -> bool:
    return False


def common_given(name: str) -> float:
    """The share of people with this given name (folded), by its first word."""
    return Shipped().share("given", squeezed(name.partition(" ")[0]))


def common_family(name: str) -> float:
    """The share of people with this family name (folded)."""
    return Shipped().share("family", squeezed(name))


def _unknown(text: str) -> float:
    return 0.0


GIVEN = Sense(_given_alike, _given_yields, squeezed, common_given)
FAMILY = Sense(_family_alike, _family_yields, squeezed, common_family)
COMPANY = Sense(_company_alike, _company_yields, company_key, _unknown)
TEXT = Sense(is_slip, _never_yields, str, _unknown)

SENSES: Mapping[str, Sense] = {
    "givenName": GIVEN,
    "familyName": FAMILY,
    "company": COMPANY,
    "companyName": COMPANY,
}
"""Field → how its spellings compare; any other is a text."""
