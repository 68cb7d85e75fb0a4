"""One day of somebody's work: where it begins and ends in their time zone, and which tasks and meetings are on it.

What has a time is compared as an instant. What has only a day is that day wherever one is: it is moved to no zone.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from crmgraph.domain.records import Record
from crmgraph.domain.zones import shown_in


class EntryKind(StrEnum):
    """Why something is on somebody's day.

    OVERDUE: an open task that was due before the day began; DUE_TODAY: an open task due on the day, whatever the hour;
    APPOINTMENT: an appointment or meeting that falls on the day.
    """

    OVERDUE = "OVERDUE"
    DUE_TODAY = "DUE_TODAY"
    APPOINTMENT = "APPOINTMENT"


@dataclass(frozen=True, slots=True)
class Day:
    """A day in a time zone: 23 or 25 hours where clocks are set, none where a zone left it out."""

    date: date
    zone: ZoneInfo

    @property
    def starts(self) -> datetime:
        """The first instant of the day, in UTC; where clocks skip midnight, the instant at which they do."""
        return _midnight(self.date, self.zone)

    @property
    def ends(self) -> datetime:
        """The first instant of the day after, in UTC."""
        return _midnight(self.date + timedelta(days=1), self.zone)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    # Of two midnights the first is meant (fold 0); one that is skipped is reckoned by the clock of before, which gives
    # the very instant at which clocks are set.
    return datetime.combine(day, time(), zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class When:
    """When something is: on a day and, unless it is of whole days, at an instant; both as clocks show them there."""

    day: date
    at: datetime | None = None

    @property
    def order(self) -> tuple[date, bool, float]:
        """By day, then what is of the whole day, then by the instant: when clocks are set back, an hour comes twice."""
        return (self.day, self.at is not None, 0.0 if self.at is None else self.at.timestamp())


@dataclass(frozen=True, slots=True)
class Placed:
    """Why and when something is on a day."""

    kind: EntryKind
    when: When

    @property
    def order(self) -> tuple[bool, tuple[date, bool, float]]:
        """What is overdue comes first."""
        return (self.kind is not EntryKind.OVERDUE, self.when.order)


def task_on(day: Day, task: Record) -> Placed | None:
    """An open task's place on a day, None where it has none; raises BadReply for what cannot be read."""
    if task.get("completed") or task.get("status") in ("DONE", "CANCELLED"):
        return None
    at: datetime | None = task.get("dueAt")
    due = _at(day, at) if at is not None else _on(task.get("dueDate"))
    if due is None or due.day > day.date:
        return None
    return Placed(EntryKind.DUE_TODAY if due.day == day.date else EntryKind.OVERDUE, due)


def _at(day: Day, instant: datetime) -> When:
    shown = shown_in(day.zone, instant)
    return When(shown.date(), shown)


def _on(day: date | None) -> When | None:
    return None if day is None else When(day)


def meeting_on(day: Day, meeting: Record) -> Placed | None:
    """An appointment's or meeting's place on a day, None where it falls on none of it or was called off.

    One that began on a day before is on the day too while it lasts. Raises BadReply for what cannot be read.
    """
    if meeting.get("status") in ("CANCELLED", "INVALID"):
        return None
    if is_of_whole_days(meeting):
        return _whole_days_on(day, meeting)
    starts: datetime | None = meeting.get("startsAt")
    if starts is None or starts >= day.ends:
        return None
    ends: datetime = meeting.get("endsAt") or starts
    if ends <= day.starts and starts < day.starts:
        return None
    return Placed(EntryKind.APPOINTMENT, _at(day, starts))


def _whole_days_on(day: Day, meeting: Record) -> Placed | None:
    first: date | None = meeting.get("startDate")
    ends: datetime | None = meeting.get("endsAt")
    last = first if ends is None else ends.astimezone(UTC).date()
    if first is None or last is None or not first <= day.date <= max(first, last):
        return None
    return Placed(EntryKind.APPOINTMENT, When(first))


def is_of_whole_days(meeting: Record) -> bool:
    """Whether a CRM keeps days for an activity and no clock; then its instants are midnights in UTC."""
    return bool(meeting.get("allDay")) or (meeting.get("startsAt") is None and meeting.get("startDate") is not None)
