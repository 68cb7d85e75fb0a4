"""Resuming a list in one source: what moved between two pages is found again."""

import pytest
from tests.service.given import Office, TinyCrm, at, behind, definition

from crmgraph.connectors.exchange import Call
from crmgraph.domain.errors import InputError
from crmgraph.domain.filtering import Condition, Op
from crmgraph.domain.model import Kind
from crmgraph.service.lists import Asked, Listed, OnMissing

NOW = 0.0


def crm(style: str, natural: str | None = "createdAt asc", count: int = 12, total: bool = True) -> TinyCrm:
    made = TinyCrm("a", definition(style, natural, "none", total))
    for number in range(count):
        moment = at(number - 100)
        made.put(f"{number:02d}", given="Anna", created=moment, updated=moment, at=number, job="Baker")
    return made


async def page(office: Office, asked: Asked) -> Listed:
    session = office.session()
    try:
        return await office.lists(session).page(asked)
    finally:
        await session.close()


def ids(listed: Listed) -> list[str]:
    return [one.refs[0].id for one in listed.items]


async def rest(office: Office, asked: Asked, after: str | None, first: int = 3) -> list[str]:
    found: list[str] = []
    for _ in range(50):
        listed = await page(office, Asked(Kind.CONTACT, first, after, order=asked.order))
        found += ids(listed)
        if not listed.has_next:
            return found
        after = behind(listed)
    raise AssertionError("The list does not end.")


@pytest.mark.parametrize("style", ["page", "offset", "cursor"])
async def test_what_was_deleted_before_the_place_hides_nobody_behind_it(style: str) -> None:
    office = Office([crm(style)])
    listed = await page(office, Asked(Kind.CONTACT, 7))
    for gone in ("00", "01", "02", "03", "04"):
        del office.crms[0].rows[gone]
    assert await rest(office, Asked(Kind.CONTACT, 3), behind(listed)) == ["07", "08", "09", "10", "11"]


@pytest.mark.parametrize("style", ["page", "offset", "cursor"])
async def test_when_the_last_one_is_deleted_too_the_one_before_it_tells_the_place(style: str) -> None:
    office = Office([crm(style, natural=None)])
    asked = Asked(Kind.CONTACT, 5)
    listed = await page(office, asked)
    assert ids(listed) == ["11", "10", "09", "08", "07"]
    del office.crms[0].rows["07"], office.crms[0].rows["11"]
    assert (await rest(office, asked, behind(listed)))[:2] == ["06", "05"]


@pytest.mark.parametrize("style", ["page", "offset", "cursor"])
async def test_a_last_one_that_moved_to_the_end_takes_nobody_along(style: str) -> None:
    office = Office([crm(style)])
    asked = Asked(Kind.CONTACT, 5, order=("updatedAt", False))
    listed = await page(office, asked)
    office.crms[0].rows["04"]["updated"] = at(NOW)
    assert await rest(office, asked, behind(listed)) == ["05", "06", "07", "08", "09", "10", "11", "04"]


@pytest.mark.parametrize("style", ["page", "offset", "cursor"])
async def test_records_of_one_moment_are_told_apart_by_their_ids(style: str) -> None:
    office = Office([crm(style)])
    for row in office.crms[0].rows.values():
        row["created"] = at(-5)
    listed = await page(office, Asked(Kind.CONTACT, 5))
    del office.crms[0].rows["04"]
    assert await rest(office, Asked(Kind.CONTACT, 3), behind(listed)) == ["05", "06", "07", "08", "09", "10", "11"]


@pytest.mark.parametrize("style", ["page", "offset", "cursor", "long cursor"])
async def test_another_page_size_goes_on_at_the_same_place(style: str) -> None:
    office = Office([crm(style, natural=None)])
    listed = await page(office, Asked(Kind.CONTACT, 9))
    assert await rest(office, Asked(Kind.CONTACT, 1), behind(listed), first=1) == ["02", "01", "00"]


async def test_a_page_of_an_offset_list_costs_one_call_when_nothing_moved() -> None:
    office = Office([crm("offset")])
    listed = await page(office, Asked(Kind.CONTACT, 3))
    office.crms[0].calls.clear()
    assert ids(await page(office, Asked(Kind.CONTACT, 3, behind(listed)))) == ["03", "04", "05"]
    assert len(office.crms[0].calls) == 1


async def test_a_source_that_stays_away_ends_the_list_after_three_empty_answers() -> None:
    office = Office([crm("page")])
    office.crms[0].down = True
    for on_missing in OnMissing:
        after, more = None, []
        for _ in range(3):
            listed = await page(office, Asked(Kind.CONTACT, 3, after, on_missing=on_missing))
            after = behind(listed)
            more.append(listed.has_next)
        assert more == [True, True, False]


async def test_a_source_that_always_fails_behind_the_place_of_a_cursor_ends_the_list_too() -> None:
    """The page of the cursor is read, the next one never is."""
    office = Office([crm("page")])
    tiny = office.crms[0]
    listed, more = await page(office, Asked(Kind.CONTACT, 3)), []

    def fail_behind(call: Call) -> None:
        tiny.hiccups = int(b'"page":"1"' not in (call.body or b"") and b'"page":1' not in (call.body or b""))

    tiny.before_each = fail_behind
    for _ in range(3):
        listed = await page(office, Asked(Kind.CONTACT, 3, behind(listed)))
        more.append(listed.has_next)
    assert more == [True, True, False]


async def test_stop_ends_the_page_where_a_source_fails_and_the_next_one_goes_on_there() -> None:
    other = TinyCrm("b", definition("page", None, "none"))
    other.put("x", given="Boris", created=at(-1), updated=at(-1), at=1, job="Baker")
    office = Office([crm("page", count=2), other])
    office.crms[0].hiccups = 1
    stopped = await page(office, Asked(Kind.CONTACT, 5, on_missing=OnMissing.STOP))
    assert (ids(stopped), stopped.has_next) == ([], True)
    assert ids(await page(office, Asked(Kind.CONTACT, 5, behind(stopped)))) == ["00", "01", "x"]


async def test_a_cursor_belongs_to_its_question_its_server_and_its_version() -> None:
    office = Office([crm("page")])
    listed = await page(office, Asked(Kind.CONTACT, 2))
    assert "Anna" not in (behind(listed) or "Anna")
    for asked in (
        Asked(Kind.CONTACT, 2, behind(listed), filter=Condition("jobTitle", Op.EQ, "Baker")),
        Asked(Kind.CONTACT, 2, behind(listed), order=("createdAt", False)),
        Asked(Kind.CONTACT, 2, behind(listed), sources=("a",)),
    ):
        with pytest.raises(InputError, match="another question"):
            await page(office, asked)
    office.key = b"another"
    with pytest.raises(InputError, match="not given by this server"):
        await page(office, Asked(Kind.CONTACT, 2, behind(listed)))


async def test_a_total_that_counts_what_is_no_contact_is_not_told() -> None:
    made = TinyCrm("a", definition("page", "createdAt asc", "none", only=True))
    made.put("1", given="Anna", created=at(-1), updated=at(-1), at=1, job="Baker")
    assert (await page(Office([made]), Asked(Kind.CONTACT, 5))).total is None
    assert (await page(Office([crm("page")]), Asked(Kind.CONTACT, 5))).total == 12
