"""Filters: what each condition means on a record, and the laws of rewriting them."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmgraph.domain.errors import BadReply, InputError, TooCostly
from crmgraph.domain.filtering import And, Condition, Filter, Not, Op, Or, check, conjuncts, dnf, each, nnf, passes
from crmgraph.domain.model import Custom, Email, Kind, Link, Money, Phone, TagName
from crmgraph.domain.records import Record, Ref

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def broken() -> None:
    raise BadReply("a", "The e-mails of a are not a list.")


def record(kind: Kind = Kind.CONTACT, **values: Any) -> Record:
    def getter(value: Any) -> Callable[[Any, Any], Any]:
        return lambda raw, tables: value() if callable(value) else value

    getters = {name: getter(value) for name, value in values.items()}
    return Record(Ref("a", "contact", "1"), kind, {}, getters, {}, NOON)


ANNA = record(
    givenName="Anna",
    emails=(Email("Anna.K@gmail.com"), Email("anna@work.example")),
    phones=(Phone("(415) 555-0142"),),
    tags=(TagName("Très VIP"),),
    owner=Link("7", "Olga"),
    companies=(Link("1"), Link("2")),
    birthDate=date(1990, 5, 1),
    createdAt=NOON,
    customFields=(
        Custom("size", "XL"),
        Custom("score", 7),
        Custom("since", "2024-02-03"),
        Custom("seen", "2024-02-03T10:00:00+00:00"),
        Custom("paid", True),
        Custom("likes", ["tea", "jazz"]),
    ),
)


@pytest.mark.parametrize(
    ("field", "op", "value", "expected"),
    [
        ("givenName", "eq", "ANNA", True),
        ("givenName", "eq", "Ann", False),
        ("givenName", "in", ("Peter", "anna"), True),
        ("givenName", "in", (), False),
        ("givenName", "contains", "NN", True),
        ("givenName", "startsWith", "an", True),
        ("givenName", "startsWith", "na", False),
        ("givenName", "isNull", False, True),
        ("familyName", "isNull", True, True),
        ("familyName", "eq", "", False),
        ("emails", "eq", "annak+news@googlemail.com", True),
        ("emails", "eq", "anna@home.example", False),
        ("emails", "in", ("x@y.example", "ANNA@work.example"), True),
        ("emails", "contains", "WORK", True),
        ("emails", "startsWith", "anna.k", True),
        ("phones", "eq", "+1 415 555 0142", True),
        ("phones", "eq", "415.555.0143", False),
        ("phones", "eq", "", False),
        ("phones", "contains", "555-01", True),
        ("phones", "contains", "x", False),
        ("tags", "eq", "tres vip", True),
        ("tags", "contains", "TRÈS VIP", True),
        ("tags", "contains", "vip", False),
        ("tags", "in", ("lead", "très vip"), True),
        ("owner", "eq", "7", True),
        ("owner", "eq", "Olga", False),
        ("companies", "contains", "2", True),
        ("companies", "in", ("3",), False),
        ("birthDate", "gte", date(1990, 5, 1), True),
        ("birthDate", "lt", date(1990, 5, 1), False),
        ("createdAt", "gt", datetime(2026, 1, 1, tzinfo=UTC), True),
        ("createdAt", "lte", NOON, True),
        ("updatedAt", "lte", NOON, False),
        ("customFields.size", "eq", "xl", True),
        ("customFields.score", "gt", Decimal("6.5"), True),
        ("customFields.size", "gt", Decimal(1), False),
        ("customFields.since", "lt", date(2025, 1, 1), True),
        ("customFields.seen", "lt", NOON, True),
        ("customFields.since", "lt", NOON, False),
        ("customFields.paid", "eq", True, True),
        ("customFields.paid", "eq", False, False),
        ("customFields.likes", "eq", "jazz", True),
        ("customFields.likes", "contains", "az", True),
        ("customFields.missing", "isNull", True, True),
        ("customFields.missing", "eq", "x", False),
        ("customFields", "isNull", False, True),
    ],
)
def test_a_condition_passes_as_its_type_compares(field: str, op: str, value: Any, expected: bool) -> None:
    condition = Condition(field, Op(op), value)
    check(condition, Kind.CONTACT)
    assert passes(condition, ANNA, region="US") is expected
    assert passes(Not(condition), ANNA, region="US") is not expected


def test_money_is_compared_by_its_amount() -> None:
    deal = record(Kind.OPPORTUNITY, amount=Money(Decimal("99.5"), "EUR"))
    assert passes(Condition("amount", Op.GTE, Decimal("99.50")), deal)
    assert not passes(Condition("amount", Op.GT, Decimal(100)), deal)


def test_custom_fields_are_asked_for_by_their_logical_key() -> None:
    condition = Condition("customFields.shirt", Op.EQ, "XL")
    assert passes(condition, ANNA, key_of_custom=lambda custom: {"size": "shirt"}.get(custom.key, custom.key))


def test_an_unreadable_field_is_told_and_never_taken_for_empty() -> None:
    with pytest.raises(BadReply):
        passes(Condition("emails", Op.IS_NULL, True), record(emails=broken))


def _nested(depth: int) -> Filter:
    found: Filter = Condition("givenName", Op.EQ, "Anna")
    for _ in range(depth):
        found = Not(found)
    return found


@pytest.mark.parametrize(
    ("filter", "error", "message"),
    [
        (
            Condition("givename", Op.EQ, "x"),
            InputError,
            "The filter names givename, which is no field of a contact. Did you mean givenName?",
        ),
        (
            Not(Condition("tags", Op.GT, "x")),
            InputError,
            "The filter on tags cannot use gt; it understands eq, in, contains, isNull.",
        ),
        (
            Condition("birthDate", Op.GT, NOON),
            InputError,
            "The filter on birthDate needs a value of type date, and has one of another.",
        ),
        (
            Condition("createdAt", Op.GT, datetime(2026, 1, 1)),
            InputError,
            "The filter on createdAt needs a value of type instant, and has one of another.",
        ),
        (
            Condition("customFields.size", Op.GT, "L"),
            InputError,
            "The filter on customFields.size needs a value of type custom, and has one of another.",
        ),
        (
            Condition("givenName", Op.IN, "Anna"),
            InputError,
            "The filter on givenName needs a value of type text, and has one of another.",
        ),
        (
            _nested(100_000),
            TooCostly,
            "A filter may hold 100 conditions, nested 20 deep; this one holds more.",
        ),
        (
            And((Condition("givenName", Op.IN, ("Anna",) * 499), Condition("givenName", Op.IN, ("Bea",) * 2))),
            TooCostly,
            "A filter may compare with 500 values; this one holds more.",
        ),
        (
            Or((Condition("givenName", Op.EQ, "Anna"),) * 101),
            TooCostly,
            "A filter may hold 100 conditions, nested 20 deep; this one holds more.",
        ),
    ],
)
def test_a_filter_that_means_nothing_is_refused_in_a_sentence(
    filter: Filter, error: type[InputError], message: str
) -> None:
    with pytest.raises(error) as refused:
        check(filter, Kind.CONTACT)
    assert refused.value.message == message


A, B, C = (Condition("givenName", Op.EQ, name) for name in "abc")


def test_conjuncts_are_what_nested_ands_spell_out() -> None:
    assert conjuncts(And((A, And((B, Or((A, C))))))) == (A, B, Or((A, C)))
    assert conjuncts(Or((A, B))) == (Or((A, B)),)


def test_a_disjunctive_form_is_an_or_of_ands_or_too_long() -> None:
    filter = And((Or((A, B)), Not(Or((B, C)))))
    assert dnf(filter, 2) == ((A, Not(B), Not(C)), (B, Not(B), Not(C)))
    assert dnf(filter, 1) is None
    assert dnf(And(()), 1) == ((),)
    assert dnf(Or(()), 1) == ()
    assert dnf(And((Or((A, B, C)),) * 1 + tuple(Or((x, Not(y))) for x in (A, B, C) for y in (A, B, C))), 4) is None


def test_a_number_and_a_truth_that_python_takes_for_equal_stay_two_conditions() -> None:
    """What is said twice is written once, and these say two things."""
    one, true = (Condition("customFields.level", Op.EQ, value) for value in (Decimal(1), True))
    assert repr(dnf(And((one, true, one)), 9)) == repr(((one, true),))
    assert repr(dnf(Or((one, true, one)), 9)) == repr(((one,), (true,)))
    assert repr(each(And((one, true, one)).items)) == repr((one, true))


_CONDITIONS = st.one_of(
    st.builds(Condition, st.sampled_from(["givenName", "familyName"]), st.just(Op.EQ), st.sampled_from(["a", "b"])),
    st.builds(Condition, st.sampled_from(["givenName", "familyName"]), st.just(Op.IS_NULL), st.booleans()),
    st.builds(Condition, st.just("tags"), st.just(Op.IN), st.sampled_from([("a",), ("a", "b"), ()])),
)
_FILTERS = st.recursive(
    _CONDITIONS,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(And, st.lists(inner, max_size=3).map(tuple)),
        st.builds(Or, st.lists(inner, max_size=3).map(tuple)),
    ),
    max_leaves=8,
)
_VALUES = st.sampled_from([None, "", "a", "b", "c"])
_RECORDS = st.builds(
    lambda first, last, tags: record(givenName=first, familyName=last, tags=tuple(map(TagName, tags))),
    _VALUES,
    _VALUES,
    st.lists(st.sampled_from("abc"), unique=True),
)


@given(_FILTERS, _RECORDS)
def test_pushing_nots_inwards_keeps_the_meaning(filter: Filter, one: Record) -> None:
    assert passes(nnf(filter), one) is passes(filter, one)


@given(_FILTERS)
def test_after_pushing_nots_stand_before_conditions_only(filter: Filter) -> None:
    def plain(one: Filter) -> bool:
        match one:
            case Not(item):
                return isinstance(item, Condition)
            case And(items) | Or(items):
                return all(map(plain, items))
            case _:
                return True

    assert plain(nnf(filter))


@given(_FILTERS, _RECORDS)
def test_the_disjunctive_form_keeps_the_meaning(filter: Filter, one: Record) -> None:
    alternatives = dnf(filter, 200)
    if alternatives is not None:
        assert passes(Or(tuple(map(And, alternatives))), one) is passes(filter, one)


@given(_FILTERS, _RECORDS)
def test_conjuncts_keep_the_meaning(filter: Filter, one: Record) -> None:
    assert all(passes(part, one) for part in conjuncts(filter)) is passes(filter, one)


@pytest.mark.parametrize(
    ("held", "field", "value"),
    [
        ({"fullName": "Katherine Núñez"}, "givenName", "katherine"),
        ({"fullName": "Núñez, Katherine"}, "familyName", "Núñez"),
        ({"givenName": "Katherine", "familyName": "Núñez"}, "fullName", "Katherine Núñez"),
        ({"givenName": " Katherine ", "familyName": None}, "fullName", "Katherine"),
    ],
)
def test_a_name_that_the_source_keeps_in_its_other_form_is_compared_in_the_form_asked_for(
    held: dict[str, Any], field: str, value: str
) -> None:
    assert passes(Condition(field, Op.EQ, value), record(**held))
    assert not passes(Condition(field, Op.IS_NULL, True), record(**held))


@pytest.mark.parametrize(
    "held", [{"fullName": "Anna Kovacs", "givenName": None}, {"fullName": "Anna Kovacs", "familyName": "Kovacs"}, {}]
)
def test_a_first_name_that_the_source_keeps_itself_or_a_last_name_beside_it_is_never_guessed(
    held: dict[str, Any],
) -> None:
    """So a source that is asked itself and the gateway agree about who passes."""
    assert passes(Condition("givenName", Op.IS_NULL, True), record(**held))
