"""Reading LeadConnector's calendars: queried in milliseconds, answered with the location's offset (fact sheet
section 6).
"""

from crmgraph.demo.leadconnector_account import Raw
from crmgraph.demo.leadconnector_filters import millis
from crmgraph.demo.leadconnector_views import in_calendar
from crmgraph.demo.leadconnector_wire import Asked, Handler, Refused, at_location, found

_WHOSE = {"userId": "assignedUserId", "calendarId": "calendarId", "groupId": "groupId"}


def list_calendars(asked: Asked) -> Raw:
    at_location(asked, asked.query.get("locationId"))
    return {"calendars": list(asked.account.calendars.values())}


def list_events(asked: Asked) -> Raw:
    """The appointments that start in [startTime, endTime], of one user, calendar or group."""
    at_location(asked, asked.query.get("locationId"))
    start, end = asked.query.get("startTime", ""), asked.query.get("endTime", "")
    if not start.isdecimal() or not end.isdecimal():
        raise Refused(422, ["startTime must be a number string", "endTime must be a number string"])
    whose = [(own, asked.query[name]) for name, own in _WHOSE.items() if name in asked.query]
    if not whose:
        raise Refused(400, "Either of userId, calendarId or groupId is required")
    events = [
        in_calendar(asked.account, one)
        for one in asked.account.appointments.values()
        if not one["deleted"]
        and all(one[own] == wanted for own, wanted in whose)
        and int(start) <= millis(one["startTime"]) <= int(end)
    ]
    return {"events": events}


def get_appointment(asked: Asked) -> Raw:
    """Wrapped as `appointment`; a deleted one is still there, with `deleted: true`."""
    one = found(asked.account.appointments, asked.path["record_id"], "Appointment")
    return {"appointment": in_calendar(asked.account, one)}


READS: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/calendars/", list_calendars),
    ("GET", "/calendars/events", list_events),
    ("GET", "/calendars/events/appointments/{record_id}", get_appointment),
)
