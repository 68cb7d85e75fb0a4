"""How common a value is: the share of people who hold it, from a shipped table or from records that were counted.

Two records that agree on a rare value are far likelier one person than two that agree on a common one. Values are
normal forms: names and cities as `folding.squeezed` makes them, companies as `companies.company_key` does, and domains
in lower case.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Protocol

KINDS = ("given", "family", "company", "city", "domain", "postal_code")
"""What a share is asked for; another kind is a mistake of the caller and raises KeyError."""

PRIOR_RECORDS = 200
"""A shipped share weighs as much as this many counted records."""


class Rarity(Protocol):
    """Who knows how common values are."""

    def share(self, kind: str, value: str) -> float:
        """The share of people, over 0 and at most 1, that hold this normal form."""


class Shipped:
    """The shares of the shipped table, whose head tells what they come from.

    A value that it lacks gets its kind's floor. For names that is the share which someone with an unlisted name meets
    among the people of a census (the sum of squares over the sum of what the table leaves out); for companies, cities,
    domains and postal codes it is an assumption, as nobody counts those.
    """

    __slots__ = ("_floors", "_shares")

    def __init__(self) -> None:
        self._shares, self._floors = _table()

    def share(self, kind: str, value: str) -> float:
        """The share of people that hold the value, or its kind's floor."""
        return self._shares[kind].get(value, self._floors[kind])


class Counted:
    """Shares counted in one's own records, leaning on `base` as far as they are few.

    Whoever asks holds the value and is among those counted, so each count is taken down by one, and by the discount of
    Good and Turing besides: of the values held once, those that nobody else holds. What is taken away goes to `base`,
    and so does the weight of `PRIOR_RECORDS`; hence the shares of all values add up to what they add up to in `base`.
    """

    __slots__ = ("_base", "_kinds")

    def __init__(self, counts: Mapping[str, Mapping[str, int]], base: Rarity) -> None:
        """`counts` are the numbers of records that hold each value, by kind; a missing kind is left to `base`."""
        self._base = base
        self._kinds = {kind: _smoothed(kind, counts.get(kind, {}), base) for kind in KINDS}

    @classmethod
    def of(cls, values: Iterable[tuple[str, str]], base: Rarity) -> "Counted":
        """Count pairs of kind and value, one for each record that holds the value; empty values count nothing."""
        counts: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
        for kind, value in values:
            if value:
                counts[kind][value] += 1
        return cls(counts, base)

    def share(self, kind: str, value: str) -> float:
        """The share of people that hold the value, as estimated from the records and the table together."""
        shares, lent = self._kinds[kind]
        return shares.get(value) or lent * self._base.share(kind, value)


def _smoothed(kind: str, counts: Mapping[str, int], base: Rarity) -> tuple[dict[str, float], float]:
    """The shares of the counted values, and the part of the whole that is lent to the table."""
    once = sum(count == 1 for count in counts.values())
    twice = sum(count == 2 for count in counts.values())
    discount = 1 + (once / (once + 2 * twice) if once else 0)
    total = PRIOR_RECORDS + sum(counts.values())
    lent = (PRIOR_RECORDS + sum(min(count, discount) for count in counts.values())) / total
    shares = {
        value: max(0.0, count - discount) / total + lent * base.share(kind, value) for value, count in counts.items()
    }
    return shares, lent


@lru_cache(1)
def _table() -> tuple[dict[str, dict[str, float]], dict[str, float]]:
    """Shares and floors by kind, read on first use: a line "[kind] floor", then values and their parts per million."""
    text = (files("crmgraph.domain") / "rarity.txt").read_text("utf-8")
    shares: dict[str, dict[str, float]] = {}
    floors: dict[str, float] = {}
    for section in text.split("\n[")[1:]:
        name, floor, *entries = section.split()
        kind = name.removesuffix("]")
        floors[kind] = float(floor) / 1e6
        shares[kind] = {value: float(ppm) / 1e6 for value, ppm in zip(entries[::2], entries[1::2], strict=True)}
    return shares, floors
