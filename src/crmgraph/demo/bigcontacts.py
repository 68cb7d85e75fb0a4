"""The simulated BigContacts: `/api/….json`, one envelope for everything, errors with HTTP 200 (fact sheet bigcontacts).

Frozen here, where the sheet leaves it open: lists come in order of id; `page` and `totalcount` are missing when a list
is empty; date filters look at the day alone, with or without a time of day, and combine with `q` and pages; `q` is part
of a name, a company's name or an e-mail, whatever the case; `tasks.json` without `event` holds all three kinds.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crmgraph.demo import bigcontacts_writes as writes
from crmgraph.demo.bigcontacts_state import BigContactsState, Wire, seeded
from crmgraph.demo.bigcontacts_writes import Refused
from crmgraph.demo.cast import World
from crmgraph.demo.simulator import Simulator, bearer, gated, int_param, json_body, json_reply, page_of

Read = Callable[[BigContactsState, Request], Response]
Write = Callable[[BigContactsState, Request, Any, datetime], Any]

EVENTS = ("meeting_new", "note_new", "task_new")
_OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "": str.__eq__,
    "_gt": str.__gt__,
    "_lt": str.__lt__,
    "_gte": str.__ge__,
    "_lte": str.__le__,
}


def bigcontacts(
    world: World,
    *,
    token: str = "demo-bigcontacts",
    clock: Callable[[], datetime],
    refusal_status: int = 200,
) -> Simulator:
    """The CRM with what the world says it knows; `state` is a BigContactsState.

    `refusal_status` is the HTTP status of "not found" and "not valid": 200 as observed, or an honest 400 or 404.
    """
    state = seeded(world)
    app = Starlette(routes=_routes(state, clock, refusal_status))
    return Simulator("bigcontacts", gated(app, partial(_gate, token)), token=token, state=state, error_body=ERROR)


def envelope(payload: Any, message: str = "", status: str = "success", **more: Any) -> Wire:
    """What every answer is wrapped in."""
    return {"status": status, "message": message, "payload": payload, **more}


ERROR = envelope([], "An error occurred while processing your request", "error")


def _gate(token: str, request: Request) -> tuple[Response | None, Mapping[str, str]]:
    """Let the token in, whether it comes in the header or in the query."""
    if token in (bearer(request), request.query_params.get("access_token")):
        return None, {}
    return json_reply(envelope([], "Invalid access token", "error"), 401), {}


def _routes(state: BigContactsState, clock: Callable[[], datetime], refusal_status: int) -> list[Route]:
    def reads(path: str, answer: Read) -> Route:
        async def endpoint(request: Request) -> Response:
            try:
                return answer(state, request)
            except Refused as refused:
                return _refusal(refused)

        return Route(f"/api/{path}.json", endpoint, methods=["GET"])

    def changes(method: str, path: str, change: Write) -> Route:
        async def endpoint(request: Request) -> Response:
            try:
                return json_reply(envelope(change(state, request, await json_body(request), clock())))
            except Refused as refused:
                return _refusal(refused)

        return Route(f"/api/{path}.json", endpoint, methods=[method])

    def _refusal(refused: Refused) -> Response:
        return json_reply(envelope([], str(refused), "error"), refusal_status)

    return [
        reads("users", _users),
        reads("contacts", _contacts),
        changes("POST", "contacts", writes.create_contact),
        reads("contact/{id:int}", _contact),
        changes("PUT", "contact/{id:int}", writes.update_contact),
        changes("DELETE", "contact/{id:int}", writes.delete_contact),
        reads("contact/{id:int}/activity", _activities),
        changes("POST", "contact/{id:int}/activity", writes.create_activity),
        reads("contact/{id:int}/activity/{activity:int}", _activity),
        changes("PUT", "contact/{id:int}/activity/{activity:int}", writes.update_activity),
        changes("DELETE", "contact/{id:int}/activity/{activity:int}", writes.delete_activity),
        reads("tasks", _tasks),
        changes("POST", "tasks", writes.create_task),
        reads("task/{id:int}", _task),
        changes("PUT", "task/{id:int}", writes.update_task),
        changes("DELETE", "task/{id:int}", writes.delete_task),
    ]


def _users(state: BigContactsState, request: Request) -> Response:
    return json_reply(envelope(list(state.users.values())))


def _contacts(state: BigContactsState, request: Request) -> Response:
    found: Iterable[Wire] = state.contacts.values()
    for parameter, value in request.query_params.multi_items():
        if parameter == "q":
            found = [contact for contact in found if _matches(contact, value.casefold())]
        elif parameter.startswith(("created", "updated")):
            found = _on_days(found, parameter, value)
    return _paged(request, list(found))


def _matches(contact: Wire, term: str) -> bool:
    company = contact["business"]["first_name"] if contact["business"] else ""
    texts = [f"{contact['first_name']} {contact['last_name']}", company, *(e["email"] for e in contact["emails"])]
    return any(term in text.casefold() for text in texts)


def _on_days(contacts: Iterable[Wire], parameter: str, value: str) -> list[Wire]:
    """The contacts that one date operator lets through; only the day counts."""
    name, suffix = parameter[:7], parameter[7:]
    compare = _OPERATORS.get(suffix)
    day = "".join(filter(str.isdecimal, value))[:8]
    if compare is None:
        raise Refused(f"Unknown date operator {parameter}")
    if len(day) < 8:
        raise Refused(f"Invalid date for {parameter}")
    return [contact for contact in contacts if compare((contact[name] or "")[:10].replace("-", ""), day)]


def _contact(state: BigContactsState, request: Request) -> Response:
    return json_reply(envelope(writes.the_contact(state, request)))


def _activities(state: BigContactsState, request: Request) -> Response:
    contact = writes.the_contact(state, request)
    return json_reply(envelope([a for a in state.activities.values() if a["contact_id"] == contact["id"]]))


def _activity(state: BigContactsState, request: Request) -> Response:
    return json_reply(envelope(writes.the_activity(state, request)))


def _tasks(state: BigContactsState, request: Request) -> Response:
    event = request.query_params.get("event")
    if event is not None and event not in EVENTS:
        raise Refused(f"Unknown event {event}")
    return _paged(request, [task for task in state.tasks.values() if event in (None, task["event"])])


def _task(state: BigContactsState, request: Request) -> Response:
    return json_reply(envelope(writes.the_task(state, request)))


def _paged(request: Request, items: list[Wire]) -> Response:
    page = page_of(items, int_param(request.query_params, "page", 1), int_param(request.query_params, "results", 100))
    if not page.items:
        return json_reply(envelope([]))
    return json_reply(envelope(page.items, page=page.page, totalcount=page.total))
