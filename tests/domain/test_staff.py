"""Which users are one human: those who sign in with the same address."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from crmgraph.domain.model import Kind
from crmgraph.domain.records import Record, Ref
from crmgraph.domain.staff import colleagues, mailbox

ADDRESSES = [None, "", "nora", "nora@field.example", " NORA@Field.Example ", "otto@field.example", "nora@other.example"]


def user(number: int, email: Any) -> Record:
    return Record(
        Ref("crm", "user", str(number)),
        Kind.USER,
        {"email": email},
        {"email": lambda raw, _: raw["email"]},
        {},
        datetime(2026, 1, 1, tzinfo=UTC),
    )


def test_capitals_and_blanks_make_no_other_address() -> None:
    users = [user(1, "nora@field.example"), user(2, "otto@field.example"), user(3, " NORA@Field.Example ")]
    assert [[one.ref.id for one in human] for human in colleagues(users)] == [["1", "3"], ["2"]]


def test_who_has_no_address_is_one_record_alone() -> None:
    assert len(colleagues([user(1, None), user(2, None), user(3, "no address"), user(4, "no address")])) == 4


@given(st.lists(st.sampled_from(ADDRESSES)))
def test_everybody_is_one_human_and_each_human_has_one_address(emails: list[Any]) -> None:
    users = [user(number, email) for number, email in enumerate(emails)]
    humans = colleagues(users)
    assert sorted(one.ref.id for human in humans for one in human) == sorted(one.ref.id for one in users)
    assert all(len({mailbox(one) for one in human}) == 1 for human in humans)
    addresses = [mailbox(human[0]) for human in humans if mailbox(human[0]) is not None]
    assert len(addresses) == len(set(addresses))
