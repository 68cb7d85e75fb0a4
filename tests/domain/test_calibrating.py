"""Weights learn from one's own records: odd ones are found better, usual ones no worse, few ones move nothing."""

import pytest
from bench.identity.generator import generate
from bench.identity.learning import ODD, f1, learnt
from bench.identity.parameters import USUAL, VARIATIONS

from crmgraph.domain.calibrating import MOST, Seen, by_judgements, by_pairs, moved
from crmgraph.domain.ratios import usual_ratios
from crmgraph.domain.weights import shipped


@pytest.mark.parametrize("name", ["namesakes", "one source"])
def test_records_of_the_usual_kind_are_found_no_worse(name: str) -> None:
    records = generate(2_000, 18, VARIATIONS[name])
    assert f1(records, moved(shipped(), learnt(records))) >= f1(records, None) - 0.005


def test_odd_records_are_found_better() -> None:
    records = generate(2_000, 18, ODD["movers"])
    assert f1(records, moved(shipped(), learnt(records))) > f1(records, None)


def test_few_records_move_hardly_anything() -> None:
    moves = learnt(generate(200, 18, USUAL))
    assert max(map(abs, moves.values())) < 0.5


def test_no_weight_runs_away_however_many_say_so() -> None:
    def made(bits: float, level: str, count: int) -> list[Seen]:
        return [Seen(bits, (("email", level),))] * count

    one = [*made(20.0, "colleagues", 5_000), *made(20.0, "same", 500)]
    two = [*made(-20.0, "colleagues", 500), *made(-20.0, "same", 5_000)]
    moves = by_pairs([*one, *two], 10_000)
    assert (moves["email", "colleagues"], moves["email", "same"]) == (MOST, -MOST)


def test_nothing_to_learn_from_moves_nothing() -> None:
    assert by_pairs([], 0) == {}
    assert by_judgements([]) == {}


def test_what_people_say_moves_the_weights_that_said_otherwise() -> None:
    doubtful = Seen(-1.0, (("phone", "same"), ("given", "different")))
    few, many = (by_judgements([(doubtful, True)] * count) for count in (2, 40))
    assert 0 < few["given", "different"] < many["given", "different"] <= MOST
    assert by_judgements([(doubtful, False)] * 40)["phone", "same"] < 0


def test_what_people_say_as_the_weights_say_it_moves_little() -> None:
    sure = [(Seen(12.0, (("email", "same"),)), True), (Seen(-12.0, (("given", "different"),)), False)] * 40
    assert max(map(abs, by_judgements(sure).values())) < 0.05


def test_what_is_usual_is_known_of_findings_that_have_a_weight() -> None:
    assert usual_ratios().of.keys() <= shipped().of.keys()
    assert 0.0 not in usual_ratios().of.values(), "A ratio of nothing but itself tells nothing."
