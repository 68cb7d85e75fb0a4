"""Which of people's words about pairs hold together, and where they contradict each other.

The newest word holds always, the one before it unless it contradicts what is newer, and so on down to the oldest: so of
words that contradict each other it is the oldest that yields, and nothing is guessed.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence

from msgspec import Struct

from crmgraph.domain.records import Ref


class Word(Struct, frozen=True, gc=False):
    """Two records are one thing, or they are not; a higher number is newer."""

    number: int
    a: Ref
    b: Ref
    same: bool


class Contradiction(Struct, frozen=True):
    """Words that cannot all be true. In `cycle` each record is said to be the same as the next, and the last is said
    not to be the first; `numbers` are the words in that order. The oldest of them does not hold.
    """

    cycle: tuple[Ref, ...]
    numbers: tuple[int, ...]

    @property
    def overruled(self) -> int:
        """The number of the word that does not hold."""
        return min(self.numbers)


def agreeing(words: Iterable[Word]) -> tuple[Sequence[Word], Sequence[Contradiction]]:
    """The words that hold, and a contradiction for each that does not; both the newest first."""
    groups, holding, contradictions = _Groups(), [], []
    for word in sorted(words, key=lambda word: -word.number):
        against = groups.join(word) if word.same else groups.part(word)
        if against is None:
            holding.append(word)
        else:
            contradictions.append(against)
    return holding, contradictions


class _Groups:
    """Records said to be one, by the words that hold so far, and what each group is said not to be."""

    def __init__(self) -> None:
        self._above: dict[Ref, Ref] = {}
        self._foes: defaultdict[Ref, list[Word]] = defaultdict(list)
        self._links: defaultdict[Ref, list[tuple[Ref, int]]] = defaultdict(list)

    def join(self, word: Word) -> Contradiction | None:
        """Let two records be one, unless a newer word keeps their groups apart."""
        ours, theirs = self._leader(word.a), self._leader(word.b)
        if ours != theirs:
            foe = self._foe(ours, theirs)
            if foe is not None:
                return self._against_join(word, foe)
            self._unite(ours, theirs)
        self._links[word.a].append((word.b, word.number))
        self._links[word.b].append((word.a, word.number))
        return None

    def part(self, word: Word) -> Contradiction | None:
        """Keep two records apart, unless newer words make them one."""
        ours, theirs = self._leader(word.a), self._leader(word.b)
        if ours == theirs:
            refs, numbers = self._path(word.a, word.b)
            return Contradiction(refs, (*numbers, word.number))
        self._foes[ours].append(word)
        self._foes[theirs].append(word)
        return None

    def _leader(self, ref: Ref) -> Ref:
        above = self._above.get(ref, ref)
        while above != ref:
            higher = self._above.get(above, above)
            self._above[ref] = higher
            ref, above = above, higher
        return ref

    def _foe(self, ours: Ref, theirs: Ref) -> Word | None:
        """The newest word that keeps two groups apart."""
        shorter = min(self._foes[ours], self._foes[theirs], key=len)
        both = {ours, theirs}
        between = [foe for foe in shorter if {self._leader(foe.a), self._leader(foe.b)} == both]
        return max(between, key=lambda foe: foe.number, default=None)

    def _unite(self, ours: Ref, theirs: Ref) -> None:
        if len(self._foes[ours]) < len(self._foes[theirs]):
            ours, theirs = theirs, ours
        self._foes[ours].extend(self._foes.pop(theirs))
        self._above[theirs] = ours

    def _against_join(self, word: Word, foe: Word) -> Contradiction:
        near, far = word.a, word.b
        if self._leader(foe.a) != self._leader(near):
            near, far = far, near
        before, first = self._path(foe.a, near)
        after, last = self._path(far, foe.b)
        return Contradiction((*before, *after), (*first, word.number, *last, foe.number))

    def _path(self, start: Ref, end: Ref) -> tuple[tuple[Ref, ...], tuple[int, ...]]:
        """The shortest way from one record of a group to another: the records, and the words between them."""
        came: dict[Ref, tuple[Ref, int]] = {end: (end, 0)}
        waiting = deque([end])
        while start not in came:
            at = waiting.popleft()
            for to, number in self._links[at]:
                if to not in came:
                    came[to] = (at, number)
                    waiting.append(to)
        refs, numbers = [start], []
        while refs[-1] != end:
            ref, number = came[refs[-1]]
            refs.append(ref)
            numbers.append(number)
        return tuple(refs), tuple(numbers)
