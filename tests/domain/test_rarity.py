"""How common values are: what the shipped table says, and what counted records make of it."""

from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmgraph.domain.companies import company_key
from crmgraph.domain.folding import fold, squeezed
from crmgraph.domain.rarity import KINDS, Counted, Rarity, Shipped

_KINDS = st.sampled_from(KINDS)
_VALUES = st.sampled_from(["smith", "anna", "london", "gmail.com", "acme", "zyx", "xyz", ""])
_COUNTS = st.dictionaries(_VALUES.filter(bool), st.integers(1, 500))


class Even:
    """Eight values, all alike."""

    def share(self, kind: str, value: str) -> float:
        return 1 / 8


@pytest.mark.parametrize(
    ("kind", "common", "rare"),
    [
        ("given", "john", "ottilie"),
        ("given", "maria", "zyxzyx"),
        ("family", "smith", "kowalski"),
        ("family", "muller", "zyxzyx"),
        ("family", "jong", "zyxzyx"),
        ("city", "london", "smalltown"),
        ("domain", "gmail.com", "gmx.de"),
        ("domain", "gmx.de", "acme.example"),
    ],
)
def test_a_common_value_has_a_larger_share_than_a_rare_one(kind: str, common: str, rare: str) -> None:
    assert Shipped().share(kind, common) > Shipped().share(kind, rare) > 0


def test_the_shipped_shares_of_one_kind_leave_room_for_what_is_not_listed() -> None:
    text = (files("crmgraph.domain") / "rarity.txt").read_text("utf-8")
    for section in text.split("\n[")[1:]:
        kind, floor, *entries = section.split()
        shares = [float(entry) for entry in entries[1::2]]
        assert sum(shares) < 1e6, kind
        assert min(shares, default=1e6) >= float(floor), kind


def test_the_shipped_values_are_normal_forms() -> None:
    text = (files("crmgraph.domain") / "rarity.txt").read_text("utf-8")
    for section in text.split("\n[")[1:]:
        kind, _, *entries = section.split()
        if kind != "domain]":
            assert [value for value in entries[::2] if squeezed(fold(value)) != value] == []


def test_the_shipped_table_is_small() -> None:
    assert len((files("crmgraph.domain") / "rarity.txt").read_bytes()) <= 250_000


def test_an_unknown_kind_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(KeyError):
        Shipped().share("shoe size", "42")


@given(_KINDS, _VALUES, _COUNTS)
def test_a_share_is_over_nothing_and_at_most_the_whole(kind: str, value: str, counts: dict[str, int]) -> None:
    judges: list[Rarity] = [Shipped(), Counted({kind: counts}, Shipped()), Counted({kind: counts}, Even())]
    assert all(0 < judge.share(kind, value) <= 1 for judge in judges)


@given(_COUNTS)
def test_of_two_values_alike_in_the_table_the_one_counted_more_has_the_larger_share(counts: dict[str, int]) -> None:
    counted = Counted({"given": counts}, Even())
    ordered = sorted(counts, key=counts.__getitem__)
    shares = [counted.share("given", value) for value in ordered]
    assert shares == sorted(shares)


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 500)))
def test_what_counting_takes_from_some_values_goes_to_the_others(counts: dict[str, int]) -> None:
    counted = Counted({"given": counts}, Even())
    assert sum(counted.share("given", value) for value in "abcdefgh") == pytest.approx(1)


def test_few_records_lean_on_the_table_and_many_on_themselves() -> None:
    table = Shipped().share("family", "smith")
    few = Counted.of([("family", "smith")] * 2 + [("family", "jones")] * 2, Shipped())
    many = Counted.of([("family", "smith")] * 20_000 + [("family", "jones")] * 60_000, Shipped())
    assert few.share("family", "smith") == pytest.approx(table, abs=0.01)
    assert many.share("family", "smith") == pytest.approx(0.25, abs=0.01)


def test_who_is_the_only_one_to_hold_a_value_does_not_make_it_common() -> None:
    counted = Counted.of([("family", "zyx"), *[("family", "smith")] * 99], Shipped())
    assert counted.share("family", "zyx") <= Shipped().share("family", "zyx")


def test_without_records_the_table_speaks_alone() -> None:
    counted = Counted.of([("company", company_key("n/a"))], Shipped())
    for kind, value in [("given", "anna"), ("company", "acme"), ("city", "london")]:
        assert counted.share(kind, value) == Shipped().share(kind, value)
