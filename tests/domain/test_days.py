"""A day of somebody's work: it begins and ends with their clock, and what has only a day is moved nowhere."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmgraph.domain.days import Day, EntryKind, meeting_on, task_on
from crmgraph.domain.model import Kind
from crmgraph.domain.records import Record, Ref

ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",
    "America/Havana",
    "Asia/Beirut",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Kiritimati",
    "Etc/GMT+12",
]
zones = st.sampled_from(ZONES).map(ZoneInfo)
dates = st.dates(date(1970, 1, 2), date(2037, 12, 30))
days = st.builds(Day, dates, zones)


def record(kind: Kind, said: dict[str, Any]) -> Record:
    getters = {name: lambda raw, _, name=name: raw[name] for name in said}
    return Record(Ref("crm", str(kind), "1"), kind, said, getters, {}, datetime(2026, 1, 1, tzinfo=UTC))


def task(**said: Any) -> Record:
    return record(Kind.TASK, said)


def meeting(**said: Any) -> Record:
    return record(Kind.ACTIVITY, said)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("day", "zone", "starts", "hours"),
    [
        ("2026-03-29", "Europe/Berlin", "2026-03-28T23:00:00Z", 23),
        ("2026-10-25", "Europe/Berlin", "2026-10-24T22:00:00Z", 25),
        ("2026-03-08", "America/New_York", "2026-03-08T05:00:00Z", 23),
        ("2026-11-01", "America/New_York", "2026-11-01T04:00:00Z", 25),
        # Clocks skip midnight: the day begins at one o'clock.
        ("2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00:00Z", 23),
        # There are two midnights: the day begins with the first.
        ("2026-11-01", "America/Havana", "2026-11-01T04:00:00Z", 25),
        # Half an hour is skipped.
        ("2026-10-04", "Australia/Lord_Howe", "2026-10-03T13:30:00Z", 23.5),
        # This day was left out.
        ("2011-12-30", "Pacific/Apia", "2011-12-30T10:00:00Z", 0),
        ("2026-06-15", "Pacific/Kiritimati", "2026-06-14T10:00:00Z", 24),
        ("2026-06-15", "Etc/GMT+12", "2026-06-15T12:00:00Z", 24),
    ],
)
def test_a_day_begins_and_ends_with_the_clock(day: str, zone: str, starts: str, hours: float) -> None:
    found = Day(date.fromisoformat(day), ZoneInfo(zone))
    assert found.starts == at(starts)
    assert found.ends - found.starts == timedelta(hours=hours)


@given(days)
def test_days_follow_each_other_without_a_gap(day: Day) -> None:
    assert day.starts <= day.ends
    assert day.ends == Day(day.date + timedelta(days=1), day.zone).starts


@given(zones, st.datetimes(datetime(1970, 1, 2), datetime(2037, 12, 30), timezones=st.just(UTC)))
def test_every_instant_is_on_the_day_that_the_calendar_shows(zone: ZoneInfo, instant: datetime) -> None:
    day = Day(instant.astimezone(zone).date(), zone)
    assert day.starts <= instant < day.ends


@given(days, st.timedeltas(timedelta(days=-3), timedelta(days=3)), zones)
def test_a_task_with_a_time_is_placed_by_its_instant(day: Day, away: timedelta, spelt: ZoneInfo) -> None:
    due = day.starts + away
    placed = task_on(day, task(dueAt=due.astimezone(spelt), dueDate=date(2000, 1, 1)))
    wanted = EntryKind.OVERDUE if due < day.starts else EntryKind.DUE_TODAY if due < day.ends else None
    assert (placed.kind if placed else None) == wanted
    assert placed is None or placed.when.at == due


@given(days, st.integers(-3, 3))
def test_a_task_with_only_a_day_is_due_on_that_day_in_every_zone(day: Day, away: int) -> None:
    placed = task_on(day, task(dueDate=day.date + timedelta(days=away)))
    assert (placed.kind if placed else None) == {-1: EntryKind.OVERDUE, 0: EntryKind.DUE_TODAY}.get(max(away, -1))
    assert placed is None or (placed.when.at is None and placed.when.day == day.date + timedelta(days=away))


@pytest.mark.parametrize(
    "said", [{"completed": True}, {"status": "DONE"}, {"status": "CANCELLED"}, {"dueDate": None, "dueAt": None}]
)
def test_what_is_done_or_never_due_is_on_no_day(said: dict[str, Any]) -> None:
    assert task_on(Day(date(2026, 6, 15), ZoneInfo("UTC")), task(**{"dueDate": date(2026, 6, 15), **said})) is None


@pytest.mark.parametrize("year", [1, 9999])
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12"])
def test_the_ends_of_time_are_before_and_after_every_day(year: int, zone: str) -> None:
    due = datetime(year, 1, 1, tzinfo=UTC) if year == 1 else datetime(year, 12, 31, 23, tzinfo=UTC)
    placed = task_on(Day(date(2026, 6, 15), ZoneInfo(zone)), task(dueAt=due))
    assert (placed.kind if placed else None) == (EntryKind.OVERDUE if year == 1 else None)


BERLIN = Day(date(2026, 6, 15), ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize(
    ("starts", "ends", "is_on"),
    [
        ("2026-06-14T21:59:59Z", None, False),
        ("2026-06-14T22:00:00Z", None, True),
        ("2026-06-15T21:59:59Z", None, True),
        ("2026-06-15T22:00:00Z", "2026-06-15T23:00:00Z", False),
        ("2026-06-14T20:00:00Z", "2026-06-14T22:00:00Z", False),
        ("2026-06-14T20:00:00Z", "2026-06-14T22:00:01Z", True),
        # The end lies before the beginning, as CRMs allow it.
        ("2026-06-15T10:00:00Z", "2026-06-15T09:00:00Z", True),
    ],
)
def test_a_meeting_is_on_the_days_that_it_lasts(starts: str, ends: str | None, is_on: bool) -> None:
    one = meeting(kind="MEETING", startsAt=at(starts), endsAt=at(ends) if ends else None)
    assert (meeting_on(BERLIN, one) is not None) is is_on


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12"])
@pytest.mark.parametrize(("day", "is_on"), [(14, False), (15, True), (16, True), (17, False)])
def test_a_meeting_of_whole_days_is_moved_to_no_zone(zone: str, day: int, is_on: bool) -> None:
    midnight, end = at("2026-06-15T00:00:00Z"), at("2026-06-16T00:00:00Z")
    one = meeting(kind="MEETING", startsAt=midnight, endsAt=end, startDate=date(2026, 6, 15), allDay=True)
    placed = meeting_on(Day(date(2026, 6, day), ZoneInfo(zone)), one)
    assert (placed is not None) is is_on
    assert placed is None or (placed.when.day, placed.when.at) == (date(2026, 6, 15), None)


def test_a_meeting_without_a_clock_is_of_its_whole_day() -> None:
    placed = meeting_on(BERLIN, meeting(kind="MEETING", startsAt=None, endsAt=None, startDate=date(2026, 6, 15)))
    assert placed is not None
    assert placed.when.at is None


@pytest.mark.parametrize("status", ["CANCELLED", "INVALID"])
def test_what_was_called_off_is_on_no_day(status: str) -> None:
    assert meeting_on(BERLIN, meeting(status=status, startsAt=at("2026-06-15T10:00:00Z"))) is None


def test_an_hour_that_comes_twice_is_in_the_order_of_its_instants() -> None:
    day = Day(date(2026, 10, 25), ZoneInfo("Europe/Berlin"))
    first = task_on(day, task(dueAt=at("2026-10-25T00:45:00Z")))
    second = task_on(day, task(dueAt=at("2026-10-25T01:15:00Z")))
    assert first is not None
    assert second is not None
    assert [str(one.when.at) for one in (first, second)] == ["2026-10-25 02:45:00+02:00", "2026-10-25 02:15:00+01:00"]
    assert first.order < second.order


def test_overdue_comes_first_and_whole_days_before_hours() -> None:
    told = [
        meeting_on(BERLIN, meeting(startsAt=at("2026-06-15T08:00:00Z"))),
        task_on(BERLIN, task(dueAt=at("2026-06-15T07:00:00Z"))),
        task_on(BERLIN, task(dueDate=date(2026, 6, 15))),
        task_on(BERLIN, task(dueAt=at("2026-06-14T21:00:00Z"))),
        task_on(BERLIN, task(dueDate=date(2026, 6, 14))),
        task_on(BERLIN, task(dueAt=at("2026-06-13T21:00:00Z"))),
    ]
    placed = [one for one in told if one is not None]
    assert sorted(placed, key=lambda one: one.order) == placed[::-1]
