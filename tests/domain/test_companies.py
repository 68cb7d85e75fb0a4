"""Companies' names: one normal form however they are written, and how far two of them agree."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmgraph.domain.companies import CompanyLevel, company_key, company_level

_WORDS = (
    "a e i y o g and und et og ltd gmbh co kg ooo the foo barr coeee oeeeg & + sp z o.o. s.a. de c.v. aeg müller "
    "grupa s com, n/a Mueller"
)
_PIECES = st.sampled_from(_WORDS.split())
_NAMES = st.lists(_PIECES, max_size=7).map(" ".join) | st.text(max_size=40)


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        ("Müller & Söhne GmbH & Co. KG", "muller sohne"),
        ("Mueller und Soehne", "muller sohne"),
        ("Smith, Jones and Brown, Inc.", "smith jones brown"),
        ("Acme Holdings PLC", "acme"),
        ("Grupa Nowak-Kowalska Sp. z o.o.", "nowak kowalska"),
        ("Stowarzyszenie Nowak", "stowarzyszenie nowak"),
        ("FPUH Krata s.c.", "krata"),
        ("Desarrollo del Levante S.L.N.E", "desarrollo del levante"),
        ("Alcántara y Baró S.A.", "alcantara baro"),
        ("Cementos S.A. de C.V.", "cementos"),
        ("A.P. Møller - Mærsk A/S", "ap moller marsk"),
        ("Škoda Auto a.s.", "skoda auto"),
        ("The Home Depot, Inc.", "home depot"),
        ("H&M", "hm"),
        ("I.B.M.", "ibm"),
        ("AEG", "aeg"),
        ("Foo Pty Ltd", "foo"),
        ("Ltd", "ltd"),
        ("n/a", ""),
        ("", ""),
        ("...", ""),
    ],
)
def test_the_normal_form_holds_the_words_that_name_the_company(raw: str, key: str) -> None:
    assert company_key(raw) == key


@given(_NAMES)
def test_the_normal_form_of_a_normal_form_is_itself(raw: str) -> None:
    key = company_key(raw)
    assert company_key(key) == key


@given(st.lists(st.sampled_from(["acme", "aeg", "Müller", "Söhne", "& Co", "and"]), max_size=4))
def test_a_legal_form_changes_nothing(words: list[str]) -> None:
    key = company_key(" ".join(["foo", *words]))
    assert company_key(f"{key} GmbH & Co. KG") == key


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("Acme Ltd", "ACME", CompanyLevel.SAME),
        ("Face Book", "Facebook Inc", CompanyLevel.SAME),
        ("Smith-Jones", "Smith & Jones", CompanyLevel.SAME),
        ("Microsoft", "Mircosoft", CompanyLevel.CLOSE),
        ("Siemens", "Siemens Healthineers", CompanyLevel.SHORTENED),
        ("IBM", "International Business Machines Corp.", CompanyLevel.SHORTENED),
        ("Intl Business Machines", "International Business Machines", CompanyLevel.SHORTENED),
        ("Acme Mfg", "Acme Manufacturing", CompanyLevel.SHORTENED),
        ("Acme", "", CompanyLevel.MISSING),
        ("", "", CompanyLevel.MISSING),
        ("Smith", "Smithson", CompanyLevel.DIFFERENT),
        ("Deutsche Bank", "Deutsche Telekom", CompanyLevel.DIFFERENT),
        ("Acme", "Acne", CompanyLevel.DIFFERENT),
    ],
)
def test_two_names_agree_as_far_as_their_words_do(one: str, other: str, level: CompanyLevel) -> None:
    assert company_level(company_key(one), company_key(other)) == level


@given(_NAMES, _NAMES)
def test_the_order_of_two_names_does_not_matter(one: str, other: str) -> None:
    a, b = company_key(one), company_key(other)
    assert company_level(a, b) == company_level(b, a)
