"""Which given names are one name, in many languages, and which only look like it."""

from importlib.resources import files
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmgraph.domain.folding import squeezed
from crmgraph.domain.given_names import canonicals, established, same_name
from crmgraph.domain.rarity import Shipped

_SOME = (
    "robert rob bob william bill billy mary maria mariah patrick patricia pat alexander alexandra alex sasha sandra "
    "katarzyna kasia kate zyx anna hannah"
)
_NAMES = st.sampled_from(_SOME.split())

_ONE_NAME = """
robert bob, bob rob, william liam, bill liam, elizabeth betty, beth liz, catherine kate, katherine kathy, kathy katie,
patrick pat, patricia pat, patty tricia, mohammed muhammad, sean shawn, niall neil, siobhan shiv,
johannes hannes, hans johann, josef sepp, friedrich fritz, elisabeth sissi, katharina kathe, ulrich uli,
thorsten torsten, guillaume guigui, frederic fred, etienne steph, therese tete, thibault thibaut,
francisco paco, jose pepe, dolores lola, ignacio nacho, rosario charo, javier xavi, santiago yago,
joao joaozinho, francisco chico, conceicao sao, luis luizinho, roberto beto,
giuseppe beppe, giovanni vanni, vincenzo enzo, gaetano tano, domenico mimmo,
katarzyna kasia, malgorzata gosia, stanislaw staszek, krzysztof krzysiek, wladyslaw wladek, jerzy jurek,
josef pepa, jan honza, jakub kuba, vaclav vasek, katerina katka,
aleksandr sasha, dmitry dima, evgeny zhenya, mikhail misha, sergei seryozha, oleksandr alexander, volodymyr vladimir,
cornelis kees, hendrik henk, johannes jan, wilhelmus wim, maria mieke, jacobus jaap,
lars lasse, mikael micke, christina stina, fredrik fredde, karl kalle, juhani jussi,
maria mia, istvan pista, laszlo laci, gheorghe gigi, yusuf yousef
"""

_TWO_NAMES = """
robert william, bill robert, mary maria, maria mariah, john jonathan, john ian, patrick patricia, patrick peter,
daniel daniela, daniel danielle, alexander alexandra, alexander sandra, mario maria, andrea andrew, andrea andreas,
julia julie, anna hannah, emma emily, ellen helen, jane jean, charles karl, mark marcus, harold henry, jack jacqueline,
paul paula, christian christina, martin martina, victor victoria, nicola nicolas, simon simone, joan juan, anna peter,
zyx xyz
"""


def _pairs(text: str) -> list[tuple[str, ...]]:
    return [tuple(pair.split()) for pair in text.split(",")]


@pytest.mark.parametrize("pair", _pairs(_ONE_NAME))
def test_short_forms_and_spellings_stand_for_one_name(pair: tuple[str, str]) -> None:
    assert same_name(*pair)


@pytest.mark.parametrize("pair", _pairs(_TWO_NAMES))
def test_names_of_their_own_stay_apart_whatever_short_form_they_share(pair: tuple[str, str]) -> None:
    assert same_name(*pair) is None


@given(_NAMES, _NAMES)
def test_the_order_of_two_names_does_not_matter(one: str, other: str) -> None:
    assert same_name(one, other) == same_name(other, one)


@given(_NAMES)
def test_a_name_stands_for_itself_first(name: str) -> None:
    assert canonicals(name)[0] == name
    assert same_name(name, name) == name


@given(_NAMES, _NAMES)
def test_what_is_one_name_meets_in_a_full_name(one: str, other: str) -> None:
    if full := same_name(one, other):
        assert full in canonicals(one)
        assert full in canonicals(other)


def test_the_forms_of_a_name_meet_in_it() -> None:
    assert all("robert" in canonicals(form) for form in ("robert", "bob", "rob", "bobby"))
    assert {"patrick", "patricia"} <= set(canonicals("pat"))
    assert canonicals("zyx") == ("zyx",)


def test_a_parted_name_does_not_stand_for_the_other() -> None:
    assert "william" not in canonicals("robert")
    assert "maria" not in canonicals("mary")


def test_a_known_name_is_established_and_a_misspelt_one_is_not() -> None:
    assert all(map(established, ("robert", "bob", "gosia", "kees", "lasse")))
    assert not any(map(established, ("robret", "zyx", "")))


def test_strangers_forms_are_joined_less_often_than_strangers_bear_the_same_name() -> None:
    """Among the thousand commonest names; the list of pairs that join most is what to read when this fails."""
    share = Shipped().share
    names = sorted(_common(), key=lambda name: -share("given", squeezed(name)))[:1000]
    same = sum(share("given", squeezed(name)) ** 2 for name in names)
    meeting = [pair for pair in combinations(names, 2) if set(canonicals(pair[0])) & set(canonicals(pair[1]))]
    joined = {pair: 2 * share("given", squeezed(pair[0])) * share("given", squeezed(pair[1])) for pair in meeting}
    worst = sorted((pair for pair in joined if same_name(*pair)), key=joined.__getitem__, reverse=True)
    assert sum(joined[pair] for pair in worst) < 0.7 * same, worst[:20]


def _common() -> set[str]:
    table = (
        (files("crmgraph.domain") / "rarity.txt").read_text("utf-8").partition("[given]")[2].partition("[family]")[0]
    )
    return {name for name in table.split() if name.isalpha() and established(name)}
