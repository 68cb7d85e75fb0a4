"""The single rules: each looks at what is held, in order of trust, and leaves what it likes best.

A rule that cannot tell several values apart leaves them all, and the next one goes on with these; after the last, the
first in order of trust survives. Each docstring is what users read.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from crmgraph.domain.model import Link
from crmgraph.domain.normalize import text_key
from crmgraph.domain.survivorship.rules import Rule
from crmgraph.domain.survivorship.saying import Case, Said, changed, made
from crmgraph.domain.survivorship.spelling import changing, stable

Choose = Callable[[Sequence[Said], Case], Sequence[Said]]


def most_trusted(held: Sequence[Said], case: Case) -> Sequence[Said]:
    """The first source in order that has a value."""
    return [one for one in held if one.ref.source == held[0].ref.source]


def most_recent(held: Sequence[Said], case: Case) -> Sequence[Said]:
    """The value of the record that was changed last, as its CRM says."""
    return _best(held, lambda one: changed(one.record, case.problems))


def oldest(held: Sequence[Said], case: Case) -> Sequence[Said]:
    """The value of the record that was made first, as its CRM says."""
    first = min(made(one.record, case.problems) for one in held)
    return [one for one in held if made(one.record, case.problems) == first]


def most_frequent(held: Sequence[Said], case: Case) -> Sequence[Said]:
    """The value that most records hold; case and accents make no difference."""
    counts = Counter(_plain(one.value) for one in held)
    return _best(held, lambda one: counts[_plain(one.value)])


def longest(held: Sequence[Said], case: Case) -> Sequence[Said]:
    """The text with the most letters."""
    return _best(held, lambda one: len(one.value.strip()))


def smallest(held: Sequence[Said], case: Case) -> Sequence[Said]:
    """The smallest value any record holds: the earliest of times."""
    least = min(one.value for one in held)
    return [one for one in held if one.value == least]


def largest(held: Sequence[Said], case: Case) -> Sequence[Said]:
    """The largest value any record holds: the latest of times."""
    return _best(held, lambda one: one.value)


CHOICES: Mapping[Rule, Choose] = {
    Rule.MOST_TRUSTED: most_trusted,
    Rule.MOST_RECENT: most_recent,
    Rule.OLDEST: oldest,
    Rule.MOST_FREQUENT: most_frequent,
    Rule.LONGEST: longest,
    Rule.SPELLING_STABLE: stable,
    Rule.SPELLING_CHANGING: changing,
    Rule.MIN: smallest,
    Rule.MAX: largest,
}


def _best(held: Sequence[Said], key: Callable[[Said], Any]) -> Sequence[Said]:
    keys = [key(one) for one in held]
    top = max(keys)
    return [one for one, its in zip(held, keys, strict=True) if its == top]


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return text_key(value)
    return text_key(value.name) if isinstance(value, Link) and value.name else value
