"""Push-down: what of a filter goes into a call, in each style, and that it never lets fewer records through."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmgraph.connectors import catalog
from crmgraph.connectors.pushdown import can_push, push, push_keys, tables_asked
from crmgraph.connectors.spec import FilterSpec
from crmgraph.demo.leadconnector_filters import compile_filters, date, text
from crmgraph.demo.orgcrm_search import compile_filter
from crmgraph.domain.filtering import And, Condition, Filter, Not, Op, Or, passes
from crmgraph.domain.records import Record

HERE = Path(__file__).parent
NOON = datetime(2024, 2, 1, 12, tzinfo=UTC)
TAGS = {"tags": {"VIP": "VIP", "Café": "Café", "café": "café", "plain": "plain"}}


def spec_of(name: str, listing: int = 0) -> FilterSpec:
    found = catalog.load(name, HERE).resources["contact"].listings[listing].filter
    assert found is not None
    return found


ORGCRM, LEAD = spec_of("orgcrm", 1), spec_of("leadconnector")
CONCORD, BIG = spec_of("concord"), spec_of("bigcontacts")


def is_(field: str, value: Any, op: Op = Op.EQ) -> Condition:
    return Condition(field, op, value)


NAME, FIRM = is_("fullName", "Ada"), is_("companyName", "X", Op.CONTAINS)
UNKNOWN = is_("jobTitle", "x")


def groups(*said: list[tuple[str, str, Any]]) -> dict[str, Any]:
    made = [{"conditions": [dict(zip(("field", "op", "value"), one, strict=True)) for one in group]} for group in said]
    return {"query": {"groups": made}}


@pytest.mark.parametrize(
    ("spec", "wanted", "said"),
    [
        (ORGCRM, NAME, groups([("name", "contains", "Ada")])),
        (ORGCRM, And((NAME, UNKNOWN)), groups([("name", "contains", "Ada")])),
        (ORGCRM, Or((NAME, UNKNOWN)), {}),
        (ORGCRM, Or((NAME, FIRM)), groups([("name", "contains", "Ada")], [("company", "contains", "X")])),
        (ORGCRM, And((Or((NAME, UNKNOWN)), FIRM)), groups([("company", "contains", "X")])),
        (ORGCRM, is_("fullName", ("A", "B"), Op.IN), groups([("name", "contains", "A")], [("name", "contains", "B")])),
        (ORGCRM, Or(()), {}),
        (ORGCRM, And(()), {}),
        (ORGCRM, is_("fullName", "  "), {}),
        (ORGCRM, Not(NAME), {}),
        (ORGCRM, is_("customFields.size", "5"), groups([("custom.size", "contains", "5")])),
        (ORGCRM, is_("customFields.size", Decimal(5)), {}),
        (ORGCRM, is_("customFields", True, Op.IS_NULL), {}),
        (ORGCRM, is_("phones", "+14155550100"), {}),
        (LEAD, is_("givenName", "Ada"),
         {"filters": [{"field": "firstNameLowerCase", "operator": "eq", "value": "ada"}]}),
        (LEAD, is_("givenName", "Strauß"), {}),
        (LEAD, is_("givenName", "A" * 76), {}),
        (LEAD, is_("emails", "ada@x.example"), {}),
        (LEAD, is_("emails", True, Op.IS_NULL), {"filters": [{"field": "email", "operator": "not_exists"}]}),
        (BIG, is_("createdAt", NOON, Op.GT), {"created_gt": "20240130"}),
        (BIG, is_("createdAt", NOON, Op.LT), {"created_lt": "20240203"}),
        (BIG, is_("createdAt", datetime(2024, 2, 2, 5, tzinfo=timezone(timedelta(hours=10))), Op.GT),
         {"created_gt": "20240130"}),
        (BIG, is_("createdAt", datetime.min.replace(tzinfo=UTC), Op.GT), {}),
        (BIG, Or((is_("createdAt", NOON, Op.GT),)), {"created_gt": "20240130"}),
        (CONCORD, And((is_("givenName", "A"), is_("familyName", "B"))),
         {"q": "first_name:A;last_name:B", "search_fields": "first_name:like;last_name:like", "search_match": "and"}),
        (CONCORD, Or((is_("givenName", "A"), is_("familyName", "B"))), {}),
        (CONCORD, is_("givenName", "A;email:x"), {}),
    ],
)  # fmt: skip
def test_a_filter_is_put_in_the_crms_words(spec: FilterSpec, wanted: Filter, said: dict[str, Any]) -> None:
    assert push(spec, wanted) == said


def test_a_tree_keeps_its_shape() -> None:
    wanted = And((Or((is_("givenName", "a"), is_("leadSource", "b"))), UNKNOWN))
    (group,) = push(LEAD, wanted)["filters"]
    assert (group["group"], len(group["filters"])) == ("OR", 2)


def test_what_does_not_fit_into_the_groups_is_left_to_the_gateway() -> None:
    """Four disjunctions of three would be 81 groups, where the CRM takes 64: three of them are put."""
    conjuncts = tuple(Or(tuple(is_("fullName", f"{n}{one}") for one in "abc")) for n in range(4))
    assert len(push(ORGCRM, And(conjuncts))["query"]["groups"]) == 27


@pytest.mark.parametrize(
    ("address", "put"),
    [
        ("ada@firm.example", True),
        ("Ada@Firm.Example", True),
        ("ada.b+c@firm.example", True),
        ("ada@gmail.com", False),
        ("ada@googlemail.com", False),
        ("ada@outlook.com", False),
        ("ada@pm.me", False),
        ("ada@me.com", False),
        ("Ada <ada@firm.example>", False),
        ("ada@münchen.example", False),
        ("nobody", False),
    ],
)
def test_an_email_is_put_only_where_its_mailbox_has_one_spelling(address: str, put: bool) -> None:
    """At gmail.com `a.b` and `ab+c` are one mailbox for us, and two texts for a CRM."""
    assert bool(push(ORGCRM, is_("emails", address))) is put


def test_a_look_up_asks_for_the_key_as_it_is_spelt() -> None:
    assert push_keys(ORGCRM, [("emails", "ada@gmail.com")]) == groups([("email", "contains", "ada@gmail.com")])
    assert push_keys(LEAD, [("phones", "+14155550100")])["filters"][0]["operator"] == "eq"
    assert push_keys(LEAD, [("id", "a"), ("id", "b")])["filters"][0]["group"] == "OR"


def test_a_tag_is_asked_in_every_spelling_that_the_vocabulary_knows() -> None:
    assert tables_asked(ORGCRM, is_("tags", "cafe")) == {"tags"}
    assert push(ORGCRM, is_("tags", "cafe")) == {}
    said = push(ORGCRM, is_("tags", "cafe"), tables=TAGS)["query"]["groups"]
    assert [group["conditions"][0]["value"] for group in said] == ["Café", "café", "cafe"]
    assert push(ORGCRM, Or((is_("tags", "cafe"), NAME))) == {}


def test_a_custom_field_that_the_vocabulary_does_not_know_is_not_put() -> None:
    """The CRM refuses a whole search by a field that it does not have, or does not compare so."""
    tables = {"fields": {"f1": {"key": "size", "type": "NUMBER"}, "f2": {"key": "born", "type": "DATE"}}}
    assert push(LEAD, is_("customFields.f1", "5"), tables=tables)["filters"][0]["field"] == "customFields.f1"
    for key in ("f2", "f3"):
        assert push(LEAD, is_(f"customFields.{key}", "5"), tables=tables) == {}
    assert push(LEAD, is_("customFields.f1", "5")) == {}


def test_one_parameter_holds_one_condition_where_nothing_joins_them() -> None:
    spec = FilterSpec.model_validate(
        {"style": "params", "condition": {"f": "{name}", "v": "{value}"}, "fields": {
            "a": {"name": "a", "ops": {"eq": ""}}, "b": {"name": "b", "ops": {"eq": ""}}}}
    )  # fmt: skip
    assert push(spec, And((is_("a", "1"), is_("b", "2")))) == {"f": "a", "v": "1"}


def test_can_push_says_what_a_list_knows() -> None:
    assert can_push(ORGCRM, "customFields.x", "eq")
    assert not can_push(ORGCRM, "jobTitle", "eq")
    assert not can_push(None, "fullName", "eq")


WORDS = st.sampled_from(
    ["ada", "Ada B", "VIP", "Café", "cafe", "x", "ada@firm.example", "a.b@gmail.com", "ab@gmail.com"]
)
TIMES = st.integers(0, 5).map(lambda n: NOON + timedelta(seconds=n))
FIELDS = ("fullName", "givenName", "familyName", "emails", "companyName", "leadSource", "tags", "customFields.k")


def _filters() -> st.SearchStrategy[Filter]:
    texts = st.builds(Condition, st.sampled_from(FIELDS), st.sampled_from([Op.EQ]), WORDS)
    parts = st.builds(
        Condition,
        st.sampled_from(["fullName", "emails", "companyName", "leadSource"]),
        st.sampled_from([Op.CONTAINS, Op.STARTS_WITH]),
        WORDS,
    )
    times = st.builds(Condition, st.just("createdAt"), st.sampled_from([Op.GT, Op.GTE, Op.LT, Op.LTE]), TIMES)
    nulls = st.builds(Condition, st.sampled_from(["emails", "tags", "companyName"]), st.just(Op.IS_NULL), st.booleans())
    several = st.builds(
        lambda field, values: Condition(field, Op.IN, tuple(values)), st.sampled_from(FIELDS), st.lists(WORDS)
    )
    return st.recursive(
        texts | parts | times | nulls | several,
        lambda inner: (
            st.builds(Not, inner)
            | st.builds(lambda items: And(tuple(items)), st.lists(inner, max_size=3))
            | st.builds(lambda items: Or(tuple(items)), st.lists(inner, max_size=3))
        ),
        max_leaves=6,
    )


def _record(name: str, raw: dict[str, Any], tables: Any) -> Record:
    return catalog.load(name, HERE).resources["contact"].record(raw, name, tables, NOON)


@settings(max_examples=300, deadline=None)
@given(
    wanted=_filters(),
    name=st.none() | WORDS,
    email=st.none() | WORDS,
    company=st.none() | WORDS,
    tags=st.lists(st.sampled_from(["VIP", "Café", "café", "plain"])),
    custom=st.none() | WORDS | st.integers(0, 5),
    created=TIMES,
)
def test_orgcrm_is_never_asked_for_less(wanted: Filter, created: datetime, tags: list[str], **said: Any) -> None:
    raw = {
        "id": "1", "name": said["name"], "email": said["email"], "company": said["company"], "source": said["name"],
        "tags": tags, "custom": {"k": said["custom"]}, "created_at": created.isoformat(),
    }  # fmt: skip
    if passes(wanted, _record("orgcrm", raw, TAGS)):
        assert compile_filter(push(ORGCRM, wanted, tables=TAGS).get("query"))(raw)


LEAD_TABLES = {**TAGS, "fields": {"k": {"key": "k", "type": "TEXT"}}}
LEAD_FIELDS = {name: text(name) for name in ("email", "phone", "companyName", "source", "tags", "customFields.k")} | {
    "firstNameLowerCase": text("firstNameLowerCase"),
    "lastNameLowerCase": text("lastNameLowerCase"),
    "dateAdded": date("dateAdded"),
}


@settings(max_examples=300, deadline=None)
@given(
    wanted=_filters(),
    first=st.none() | WORDS,
    last=st.none() | WORDS,
    email=st.none() | WORDS,
    more=st.lists(WORDS, max_size=1),
    company=st.none() | WORDS,
    tags=st.lists(st.sampled_from(["VIP", "Café", "café", "plain"])),
    custom=st.none() | WORDS,
    created=TIMES,
)
def test_leadconnector_is_never_asked_for_less(wanted: Filter, created: datetime, **said: Any) -> None:
    first, last = said["first"], said["last"]
    raw = {
        "id": "1", "firstName": first, "lastName": last, "email": said["email"], "companyName": said["company"],
        "additionalEmails": [{"email": one} for one in said["more"]], "source": first, "tags": said["tags"],
        "customFields": [{"id": "k", "value": said["custom"]}], "dateAdded": created.isoformat(),
    }  # fmt: skip
    document = raw | {
        "firstNameLowerCase": first and first.lower(),
        "lastNameLowerCase": last and last.lower(),
        "customFields.k": said["custom"],
    }
    if passes(wanted, _record("leadconnector", raw, LEAD_TABLES)):
        put = push(LEAD, wanted, tables=LEAD_TABLES)
        assert compile_filters(put.get("filters", []), LEAD_FIELDS)(document)
