"""What people decide about identity: two records are one person, or they are not; or a field has a value.

A judgement is about records, so it outlives ids, runs and re-added sources. Nothing is ever taken back by deleting it:
to undo one is a judgement of its own, which can be undone like any other.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from msgspec import Struct, field

from crmgraph.domain.agreeing import Contradiction, Word, agreeing
from crmgraph.domain.articles import with_article
from crmgraph.domain.errors import InputError
from crmgraph.domain.model import FIELDS, Kind
from crmgraph.domain.profiles import order
from crmgraph.domain.records import Ref


class Same(Struct, frozen=True, tag=True):
    """Two records are one person."""

    a: Ref
    b: Ref


class Different(Struct, frozen=True, tag=True):
    """Two records are two persons."""

    a: Ref
    b: Ref


class Pin(Struct, frozen=True, tag=True):
    """Whoever this record is of, their `field` has this value, in the JSON of the field's type."""

    record: Ref
    field: str
    value: Any


class Undo(Struct, frozen=True, tag=True):
    """An earlier judgement does not hold, as if it had never been said."""

    number: int


Saying = Same | Different | Pin | Undo


class Judgement(Struct, frozen=True):
    """One saying. Numbers count from 1 in the order in which they were said, and are never given twice.

    `refs` are the records it is about; those of an undoing are the records of what it undoes.
    """

    number: int
    saying: Saying
    refs: tuple[Ref, ...]
    by: str
    at: datetime
    why: str | None = None


class Pinned(Struct, frozen=True):
    """A value that holds because somebody said so."""

    value: Any
    number: int
    by: str
    at: datetime


class Judged(Struct, frozen=True):
    """What stands. In each pair the smaller ref, by `profiles.order`, is first; no pair of `different` is connected by
    pairs of `same`. `pins` are by record and field.
    """

    same: frozenset[tuple[Ref, Ref]] = frozenset()
    different: frozenset[tuple[Ref, Ref]] = frozenset()
    pins: Mapping[Ref, Mapping[str, Pinned]] = field(default_factory=dict)
    contradictions: tuple[Contradiction, ...] = ()


NOTHING = Judged()
"""What stands where nobody has judged."""


def pair(a: Ref, b: Ref) -> tuple[Ref, Ref]:
    """Two refs, the smaller first."""
    return (a, b) if order(a) <= order(b) else (b, a)


def in_order(saying: Saying) -> Saying:
    """The same saying, a pair's smaller ref first."""
    return type(saying)(*pair(saying.a, saying.b)) if isinstance(saying, Same | Different) else saying


def standing(judgements: Iterable[Judgement]) -> Judged:
    """What stands after all of them: of two that contradict each other the newer, and of pins the newest."""
    live = holding(judgements)
    words = [_word(one) for one in live if isinstance(one.saying, Same | Different)]
    agreed, contradictions = agreeing(words)
    return Judged(
        same=frozenset((word.a, word.b) for word in agreed if word.same),
        different=frozenset((word.a, word.b) for word in agreed if not word.same),
        pins=_pins(live),
        contradictions=tuple(contradictions),
    )


def holding(judgements: Iterable[Judgement]) -> Sequence[Judgement]:
    """Those that nobody has undone and that undo nothing themselves, the newest first."""
    newest_first = sorted(judgements, key=lambda one: -one.number)
    undone = undoings(newest_first)
    return [one for one in newest_first if one.number not in undone and not isinstance(one.saying, Undo)]


def undoings(judgements: Iterable[Judgement]) -> Mapping[int, int]:
    """What was undone → what undid it; an undoing that was undone itself undoes nothing."""
    undone: dict[int, int] = {}
    for one in sorted(judgements, key=lambda one: -one.number):
        if isinstance(one.saying, Undo) and one.number not in undone:
            undone[one.saying.number] = one.number
    return undone


def pinned(judged: Judged, refs: Iterable[Ref]) -> Mapping[str, Pinned]:
    """Field → what was pinned for the person who has these records; where several were, the newest."""
    found: dict[str, Pinned] = {}
    for ref in refs:
        for name, one in judged.pins.get(ref, {}).items():
            if name not in found or found[name].number < one.number:
                found[name] = one
    return found


def about(judgements: Iterable[Judgement], refs: Collection[Ref]) -> Sequence[Judgement]:
    """Those that concern one of these records, in the order given."""
    wanted = frozenset(refs)
    return [one for one in judgements if not wanted.isdisjoint(one.refs)]


def refs_of(saying: Saying, before: Mapping[int, Judgement]) -> tuple[Ref, ...]:
    """The records that a saying is about; raises InputError for an undoing of what is not there or was undone."""
    if isinstance(saying, Undo):
        return _undoable(saying.number, before).refs
    return (saying.record,) if isinstance(saying, Pin) else pair(saying.a, saying.b)


def checked(saying: Saying, kind_of: Callable[[Ref], Kind | None]) -> Saying:
    """The saying; raises InputError for one that cannot be meant. `kind_of` is None for a record that is gone."""
    if isinstance(saying, Undo):
        return saying
    refs = refs_of(saying, {})
    kinds = {ref: kind_of(ref) for ref in refs}
    for ref, kind in kinds.items():
        if kind is None:
            raise InputError(f"{named(ref)} is gone; judge records that its source still has.")
    wrong = _wrong_pin(saying, kinds) if isinstance(saying, Pin) else _wrong_pair(saying, kinds)
    if wrong is not None:
        raise InputError(wrong)
    return saying


def _wrong_pin(saying: Pin, kinds: Mapping[Ref, Kind | None]) -> str | None:
    kind = kinds[saying.record]
    if kind is None or saying.field in FIELDS[kind]:
        return None
    return f"`{saying.field}` is not a field of {with_article(kind)}; its fields are {', '.join(sorted(FIELDS[kind]))}."


def _wrong_pair(saying: Same | Different, kinds: Mapping[Ref, Kind | None]) -> str | None:
    a, b = saying.a, saying.b
    if a == b:
        return f"Both are {named(a)}, which is the same as itself; name two different records."
    if kinds[a] != kinds[b]:
        one, other = with_article(str(kinds[a])), with_article(str(kinds[b]))
        return f"{named(a)} is {one} and {named(b)} {other}; only records of one kind can be one thing."
    return None


def _undoable(number: int, before: Mapping[int, Judgement]) -> Judgement:
    if number not in before:
        raise InputError(f"There is no judgement {number}; take numbers from the history of judgements.")
    undone = undoings(before.values())
    if number in undone:
        raise InputError(f"Judgement {number} was undone already, by judgement {undone[number]}.")
    return before[number]


def _word(one: Judgement) -> Word:
    a, b = one.refs
    return Word(one.number, a, b, isinstance(one.saying, Same))


def _pins(live: Sequence[Judgement]) -> Mapping[Ref, Mapping[str, Pinned]]:
    pins: defaultdict[Ref, dict[str, Pinned]] = defaultdict(dict)
    for one in live:  # The newest come first.
        if isinstance(one.saying, Pin):
            pin = Pinned(one.saying.value, one.number, one.by, one.at)
            pins[one.saying.record].setdefault(one.saying.field, pin)
    return dict(pins)


def told(contradiction: Contradiction) -> str:
    """A contradiction as a sentence for people, with its cycle."""
    *firsts, last = map(str, contradiction.numbers)
    cycle = contradiction.cycle
    links = [f"{named(a)} is {named(b)}" for a, b in pairwise(cycle)]
    return (
        f"Judgements {', '.join(firsts)} and {last} contradict each other: {', '.join(links)}, and yet"
        f" {named(cycle[-1])} is not {named(cycle[0])}. The oldest, {contradiction.overruled}, does not hold; undo the"
        " one that is wrong."
    )


def named(ref: Ref) -> str:
    """A record as messages tell it."""
    return f"`{ref.id}` of {ref.source}"
