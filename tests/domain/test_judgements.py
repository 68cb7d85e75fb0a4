"""What people decide: what stands of it, what contradicts, and what cannot be meant."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmgraph.domain.errors import InputError
from crmgraph.domain.judgements import (
    NOTHING,
    Different,
    Judged,
    Judgement,
    Pin,
    Same,
    Saying,
    Undo,
    checked,
    holding,
    named,
    pair,
    pinned,
    refs_of,
    standing,
    told,
)
from crmgraph.domain.model import Kind
from crmgraph.domain.records import Ref

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
A, B, C, D = (Ref("sales", "contact", f"c{number}") for number in range(1, 5))


def said(*sayings: Saying) -> list[Judgement]:
    """The sayings one after the other, as the store numbers them."""
    history: dict[int, Judgement] = {}
    for number, saying in enumerate(sayings, start=1):
        refs = refs_of(saying, history)
        history[number] = Judgement(number, saying, refs, "ada", NOON)
    return list(history.values())


def stands(*sayings: Saying) -> Judged:
    return standing(said(*sayings))


def test_a_pair_stands_in_the_order_of_refs_whichever_way_it_was_said() -> None:
    assert stands(Same(B, A), Different(D, C)) == Judged(frozenset({(A, B)}), frozenset({(C, D)}))


def test_an_undoing_leaves_what_was_there_before_and_can_be_undone_itself() -> None:
    assert stands(Same(A, B), Undo(1)) == NOTHING
    assert stands(Same(A, B), Undo(1), Undo(2)) == stands(Same(A, B))
    assert stands(Same(A, B), Different(A, B), Undo(2)) == stands(Same(A, B))


def test_of_two_words_about_one_pair_the_newer_holds_and_both_are_told() -> None:
    judged = stands(Same(A, B), Different(B, A))
    assert (judged.same, judged.different) == (frozenset(), {(A, B)})
    assert [(one.cycle, one.numbers, one.overruled) for one in judged.contradictions] == [((A, B), (1, 2), 1)]


def test_a_contradiction_over_several_records_is_told_as_a_cycle_and_the_oldest_yields() -> None:
    judged = stands(Same(A, B), Same(B, C), Different(A, C))
    assert (judged.same, judged.different) == ({(B, C)}, {(A, C)})
    (against,) = judged.contradictions
    assert told(against) == (
        "Judgements 1, 2 and 3 contradict each other: `c1` of sales is `c2` of sales, `c2` of sales is `c3` of sales,"
        " and yet `c3` of sales is not `c1` of sales. The oldest, 1, does not hold; undo the one that is wrong."
    )


def test_an_older_word_that_keeps_apart_yields_to_newer_ones_that_join() -> None:
    judged = stands(Different(A, D), Same(A, B), Same(C, D), Same(B, C))
    assert (judged.same, judged.different) == ({(A, B), (B, C), (C, D)}, frozenset())
    (against,) = judged.contradictions
    assert (against.cycle, against.numbers, against.overruled) == ((A, B, C, D), (2, 4, 3, 1), 1)


def test_the_newest_pin_holds_for_whoever_has_one_of_the_records() -> None:
    judged = stands(Pin(A, "givenName", "Ann"), Pin(B, "givenName", "Anna"), Pin(A, "jobTitle", "CTO"))
    assert {name: one.value for name, one in pinned(judged, [A, B, C]).items()} == {
        "givenName": "Anna",
        "jobTitle": "CTO",
    }
    assert pinned(judged, [C]) == {}
    undone = stands(Pin(A, "givenName", "Ann"), Pin(A, "givenName", "Anna"), Undo(2))
    assert pinned(undone, [A])["givenName"].number == 1


@pytest.mark.parametrize(
    ("saying", "sentence"),
    [
        (Same(A, A), "Both are `c1` of sales, which is the same as itself; name two different records."),
        (
            Different(A, Ref("sales", "company", "k1")),
            "`c1` of sales is a contact and `k1` of sales a company; only records of one kind can be one thing.",
        ),
        (Same(A, Ref("sales", "contact", "gone")), "`gone` of sales is gone; judge records that its source still has."),
        (Pin(A, "shoeSize", 42), "`shoeSize` is not a field of a contact; its fields are addresses, "),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_sentence(saying: Saying, sentence: str) -> None:
    kinds = {"contact": Kind.CONTACT, "company": Kind.COMPANY}
    with pytest.raises(InputError) as caught:
        checked(saying, lambda ref: None if ref.id == "gone" else kinds[ref.resource])
    assert sentence in caught.value.message


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (9, "There is no judgement 9; take numbers from the history of judgements."),
        (1, "Judgement 1 was undone already, by judgement 2."),
    ],
)
def test_what_is_not_there_or_was_undone_cannot_be_undone(number: int, sentence: str) -> None:
    before = {one.number: one for one in said(Same(A, B), Undo(1))}
    with pytest.raises(InputError) as caught:
        refs_of(Undo(number), before)
    assert caught.value.message == sentence


REFS = st.integers(0, 6).map(lambda number: Ref("sales", "contact", f"c{number}"))
PAIRS = st.tuples(REFS, REFS).filter(lambda both: both[0] != both[1])
WORDS = st.tuples(st.sampled_from((Same, Different)), PAIRS).map(lambda word: word[0](*word[1]))


def connected(judged: Judged, a: Ref) -> set[Ref]:
    reached, waiting = set(), [a]
    while waiting:
        at = waiting.pop()
        reached.add(at)
        waiting.extend(far for both in judged.same for far in both if at in both and far not in reached)
    return reached


@given(st.lists(WORDS, max_size=14))
def test_what_stands_never_contradicts_itself(words: list[Saying]) -> None:
    judged = stands(*words)
    assert not any(b in connected(judged, a) for a, b in judged.different)


@given(st.lists(WORDS, min_size=1, max_size=14))
def test_the_newest_always_holds_and_each_word_holds_or_is_told_to_be_overruled(words: list[Saying]) -> None:
    judged = stands(*words)
    newest = words[-1]
    assert isinstance(newest, Same | Different)
    assert pair(newest.a, newest.b) in (judged.same if isinstance(newest, Same) else judged.different)
    overruled = {one.overruled for one in judged.contradictions}
    for one in said(*words):
        held = judged.same if isinstance(one.saying, Same) else judged.different
        assert one.number in overruled or one.refs in held


@given(st.lists(WORDS, max_size=14))
def test_every_cycle_is_made_of_what_was_said(words: list[Saying]) -> None:
    history = {one.number: one for one in said(*words)}
    for one in standing(history.values()).contradictions:
        ends = [*zip(one.cycle, one.cycle[1:], strict=False), (one.cycle[-1], one.cycle[0])]
        assert [history[number].refs for number in one.numbers] == [pair(a, b) for a, b in ends]
        *same, different = [type(history[number].saying) for number in one.numbers]
        assert (set(same), different) == ({Same}, Different)
        assert told(one).count(named(one.cycle[0])) == 2


@given(st.lists(WORDS, max_size=10), WORDS)
def test_an_undoing_gives_what_stood_before_to_the_last_bit(words: list[Saying], word: Saying) -> None:
    assert stands(*words, word, Undo(len(words) + 1)) == stands(*words)


@given(st.lists(WORDS, max_size=10), st.randoms())
def test_the_order_in_which_judgements_are_handed_over_means_nothing(words: list[Saying], random) -> None:
    shuffled = said(*words)
    random.shuffle(shuffled)
    assert standing(shuffled) == stands(*words)
    assert holding(shuffled) == holding(said(*words))
