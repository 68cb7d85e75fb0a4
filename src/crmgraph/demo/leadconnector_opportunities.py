"""Reading LeadConnector's opportunities, twice searchable in two spellings (fact sheet section 6).

GET /opportunities/search takes snake_case and reads the records; POST takes camelCase with snake_case filter fields,
reads the lagging index, answers 201, and calls each record's cursor `sort` although the request calls it
`searchAfter`.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from crmgraph.demo.leadconnector_account import Raw, skewed
from crmgraph.demo.leadconnector_filters import Fields, FilterField, at, compile_filters, millis, number, text, word
from crmgraph.demo.leadconnector_search import check_query, check_size, cursor_of, page_of, sort_keys
from crmgraph.demo.leadconnector_views import opportunity
from crmgraph.demo.leadconnector_wire import Asked, Handler, Refused, at_location, found, only

_COLUMNS = {
    "pipeline_id": "pipelineId",
    "pipeline_stage_id": "pipelineStageId",
    "contact_id": "contactId",
    "assigned_to": "assignedTo",
}
_GET_QUERY = frozenset(
    {"location_id", "status", "q", "date", "endDate", "page", "limit", "startAfter", "startAfterId", "order"}
    | {"getTasks", "getNotes", "getCalendarEvents"}
    | _COLUMNS.keys()
)
_POST_BODY = frozenset({"locationId", "query", "limit", "page", "searchAfter", "additionalDetails", "filters", "sort"})
_STATUSES = ("open", "won", "lost", "abandoned", "all")
_DATES = {"date_added": "createdAt", "date_updated": "updatedAt", "last_stage_change_date": "lastStageChangeAt"}
_FIELDS: Fields = {
    **{name: FilterField(at(own), word(own).operators) for name, own in _COLUMNS.items()},
    **{name: FilterField(at(own), frozenset({"range"})) for name, own in _DATES.items()},
    **{name: word(name) for name in ("id", "status")},
    **{name: text(name) for name in ("name", "source")},
    "monetary_value": FilterField(at("monetaryValue"), number("").operators),
}
_SORTABLE = {"date_added": "createdAt", "date_updated": "updatedAt", "name": "name", "monetary_value": "monetaryValue"}


def get_opportunity(asked: Asked) -> Raw:
    one = found(asked.account.opportunities, asked.path["record_id"], "Opportunity")
    return {"opportunity": opportunity(asked.account, one)}


def list_opportunities(asked: Asked) -> Raw:
    """By page or by `startAfter` with `startAfterId`; newest first."""
    at_location(asked, asked.query.get("location_id"))
    only(asked.query, _GET_QUERY)
    limit, page = asked.whole("limit", 20, 1, 100), asked.whole("page", 1, 1, 1_000_000)
    matching = sorted(
        filter(lambda one: _is_wanted(one, asked.query), asked.account.opportunities.values()), key=_place
    )
    start = _start(matching, asked.query, (page - 1) * limit)
    shown = matching[start : start + limit]
    last = shown[-1] if start + limit < len(matching) else None
    return {
        "opportunities": [opportunity(asked.account, one) | _details(asked, one) for one in shown],
        "meta": _meta(asked, last, len(matching), start // limit + 1),
    }


def search_opportunities(asked: Asked) -> tuple[int, Raw]:
    body = asked.fields
    at_location(asked, body.get("locationId"))
    query, size = check_query(body, _POST_BODY), check_size(body, "limit")
    keys = [
        (_SORTABLE[field], down)
        for field, down in sort_keys(body.get("sort"), frozenset(_SORTABLE), [("date_added", True)])
    ]
    test = compile_filters(body.get("filters") or [], _FIELDS)
    indexed = [one | {"updatedAt": skewed(one["updatedAt"])} for one in asked.account.opportunity_index.documents()]
    matching = [one for one in indexed if query in one["name"].casefold() and test(one)]
    shown = page_of(matching, body, size, keys)
    cursors = [{"sort": cursor_of(one, keys)} for one in shown]
    records = [opportunity(asked.account, dict(one)) | cursor for one, cursor in zip(shown, cursors, strict=True)]
    return 201, {"opportunities": records, "total": len(matching)}


def list_pipelines(asked: Asked) -> Raw:
    at_location(asked, asked.query.get("locationId"))
    return {"pipelines": list(asked.account.pipelines.values())}


def list_lost_reasons(asked: Asked) -> Raw:
    at_location(asked, asked.query.get("locationId"))
    return {"lostReasons": list(asked.account.lost_reasons.values())}


READS: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/opportunities/search", list_opportunities),
    ("POST", "/opportunities/search", search_opportunities),
    ("GET", "/opportunities/pipelines", list_pipelines),
    ("GET", "/opportunities/lost-reason", list_lost_reasons),
    ("GET", "/opportunities/{record_id}", get_opportunity),
)


def _is_wanted(one: Raw, query: Mapping[str, str]) -> bool:
    status = query.get("status", "all")
    if status not in _STATUSES:
        raise Refused(422, [f"status must be one of the following values: {', '.join(_STATUSES)}"])
    return (
        all(one[own] == query[name] for name, own in _COLUMNS.items() if name in query)
        and status in ("all", one["status"])
        and query.get("q", "").lower() in one["name"].lower()
        and _day(query, "date") <= millis(one["createdAt"]) < _day(query, "endDate", days=1)
    )


def _day(query: Mapping[str, str], name: str, days: int = 0) -> float:
    """The start, `days` later, of a mm-dd-yyyy day in milliseconds; without bound where it is absent."""
    if name not in query:
        return float("inf") if days else float("-inf")
    try:
        day = datetime.strptime(query[name], "%m-%d-%Y").replace(tzinfo=UTC)
    except ValueError as error:
        raise Refused(422, [f"{name} must be in mm-dd-yyyy format"]) from error
    return (day + timedelta(days=days)).timestamp() * 1000


def _place(one: Raw) -> tuple[int, str]:
    return -millis(one["createdAt"]), str(one["id"])


def _start(ordered: list[Raw], query: Mapping[str, str], by_page: int) -> int:
    after, after_id = query.get("startAfter"), query.get("startAfterId")
    if not after and not after_id:
        return by_page
    if not after or not after.isdecimal() or not after_id:
        raise Refused(422, ["startAfter must be a number", "startAfterId should not be empty"])
    return sum(_place(one) <= (-int(after), after_id) for one in ordered)


def _details(asked: Asked, one: Raw) -> Raw:
    """What hangs on the opportunity's contact, where it is asked for."""
    kept = {
        "getTasks": ("tasks", asked.account.tasks),
        "getNotes": ("notes", asked.account.notes),
        "getCalendarEvents": ("calendarEvents", asked.account.appointments),
    }
    return {
        name: [record for record in records.values() if record["contactId"] == one["contactId"]]
        for flag, (name, records) in kept.items()
        if asked.query.get(flag) == "true"
    }


def _meta(asked: Asked, last: Raw | None, total: int, page: int) -> Raw:
    numbers = {"total": total, "currentPage": page, "prevPage": page - 1 if page > 1 else None}
    if last is None:
        return numbers | {"nextPageUrl": None, "startAfterId": None, "startAfter": None, "nextPage": None}
    start = {"startAfter": millis(last["createdAt"]), "startAfterId": last["id"]}
    url = f"http://localhost:5000/opportunities/search?{urlencode({**asked.query, **start})}"
    return numbers | start | {"nextPageUrl": url, "nextPage": page + 1}
