"""Filters that hold global ids, in the words of one source."""

import pytest

from crmgraph.domain.errors import InputError
from crmgraph.domain.filtering import And, Condition, Filter, Not, Op, Or
from crmgraph.domain.model import FIELDS, FieldType, Kind
from crmgraph.domain.records import Ref
from crmgraph.service.ids import encode, encode_key
from crmgraph.service.targets import POINTS_TO, for_source

OWNER = encode(Kind.USER, Ref("a", "user", "7"))
OTHERS = encode(Kind.USER, Ref("b", "user", "8"))


@pytest.mark.parametrize(
    ("wanted", "source", "meant"),
    [
        (Condition("owner", Op.EQ, OWNER), "a", Condition("owner", Op.EQ, "7")),
        (Condition("owner", Op.EQ, OWNER), "b", Or(())),
        (Condition("owner", Op.IN, (OWNER, OTHERS)), "b", Condition("owner", Op.EQ, "8")),
        (Not(Condition("owner", Op.EQ, OWNER)), "b", Not(Or(()))),
        (Condition("subject", Op.EQ, "x"), "a", Or(())),
        (Condition("subject", Op.IS_NULL, True), "a", And(())),
        (Condition("subject", Op.IS_NULL, False), "a", Or(())),
        (Condition("body", Op.EQ, "x"), "a", Condition("body", Op.EQ, "x")),
    ],
)
def test_a_filter_is_put_in_the_words_of_one_source(wanted: Filter, source: str, meant: Filter) -> None:
    assert for_source(wanted, Kind.NOTE, source) == meant


def test_a_filter_on_a_link_takes_ids_of_ours_only() -> None:
    with pytest.raises(InputError, match="is not an id that this server gave"):
        for_source(Condition("owner", Op.EQ, "7"), Kind.NOTE, "a")


@pytest.mark.parametrize("source", ["a", "b"])
@pytest.mark.parametrize(
    ("field", "given", "said"),
    [
        (
            "owner",
            encode(Kind.CONTACT, Ref("a", "contact", "7")),
            "on owner takes the id of a user; this one names a contact",
        ),
        ("owner", encode_key(Kind.TAG, "vip"), "on owner takes the id of a user; this one names a tag"),
        ("company", OWNER, "on company takes the id of a company; this one names a user"),
        (
            "assignees",
            encode(Kind.STAGE, Ref("a", "stage", "7")),
            "on assignees takes the id of a user; this one names a stage",
        ),
    ],
)
def test_a_filter_on_a_link_takes_ids_of_what_it_points_to(field: str, given: str, said: str, source: str) -> None:
    for wanted in (Condition(field, Op.EQ, given), Condition(field, Op.IN, (given,))):
        with pytest.raises(InputError, match=said):
            for_source(wanted, Kind.TASK if field == "assignees" else Kind.CONTACT, source)


def test_a_person_is_not_looked_for_by_one_of_their_records() -> None:
    person = encode(Kind.CONTACT, Ref("a", "contact", "7"))
    with pytest.raises(InputError, match=r"stand in several CRMs; ask .* by contact\(by: \{id: …\}\)"):
        for_source(Condition("contact", Op.EQ, person), Kind.TASK, "a")
    nobody = Condition("contact", Op.IS_NULL, True)
    assert for_source(nobody, Kind.TASK, "a") == nobody


def test_of_every_link_it_is_known_what_it_points_to() -> None:
    links = {
        name
        for fields in FIELDS.values()
        for name, one in fields.items()
        if one.type in (FieldType.LINK, FieldType.LINKS)
    }
    assert links == POINTS_TO.keys()
