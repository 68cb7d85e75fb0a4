"""What all LeadConnector answers have in common: traceId, error bodies, the location check (fact sheet sections 2 and
8).

A handler is a plain function from `Asked` to the JSON it answers, or raises Refused.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crmgraph.demo.leadconnector_account import Account, Raw
from crmgraph.demo.leadconnector_filters import BadSearch
from crmgraph.demo.leadconnector_search import BeyondReach
from crmgraph.demo.simulator import json_body, json_reply

NO_ACCESS = "The token does not have access to this location."


class Refused(Exception):
    """An error answer; `message` is a list for 422 and a string otherwise, `more` are further keys of its body."""

    def __init__(self, status: int, message: str | list[str], **more: Any) -> None:
        super().__init__(str(message))
        self.status = status
        self.body = error_body(status, message) | more


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: the account it is about, slots of its path, its query (first of each name) and its JSON body."""

    account: Account
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    repeated: Callable[[str], list[str]]

    @property
    def fields(self) -> Raw:
        """The body, which must be an object."""
        if not isinstance(self.body, dict):
            raise Refused(400, "Request body must be a JSON object")
        return self.body

    def whole(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number in the query; 422 where it is out of bounds or none."""
        text = self.query.get(name, str(default))
        if not text.isdecimal() or not low <= int(text) <= high:
            raise Refused(422, [f"{name} must be a number between {low} and {high}"])
        return int(text)


Handler = Callable[[Asked], Raw | tuple[int, Raw]]
Routes = Iterable[tuple[str, str, Handler]]
"""Method, path and handler."""


def routes(table: Routes) -> list[Route]:
    """Starlette's routes for a table of ours, first come, first served."""
    return [Route(path, _endpoint(handler), methods=[method]) for method, path, handler in table]


def at_location(asked: Asked, location_id: Any) -> None:
    """403 unless `location_id`, from query, path or body, is the token's own."""
    if location_id != asked.account.location["id"]:
        raise Refused(403, NO_ACCESS)


def only(given: Iterable[str], known: Iterable[str]) -> None:
    """422 for properties the CRM does not know."""
    unknown = [f"property {name} should not exist" for name in given if name not in set(known)]
    if unknown:
        raise Refused(422, unknown)


def found(records: Mapping[str, Raw], record_id: str, thing: str) -> Raw:
    """The record with this id, or 404."""
    if record_id not in records:
        raise Refused(404, f"{thing} with id {record_id} not found")
    return records[record_id]


def error_body(status: int, message: str | list[str]) -> Raw:
    named = (
        {} if status == HTTPStatus.BAD_REQUEST else {"error": HTTPStatus(status).phrase.replace("Content", "Entity")}
    )
    return {"statusCode": status, "message": message, **named}


def traced(account: Account, body: Raw, status: int = 200) -> Response:
    """An answer with its traceId."""
    account.answered += 1
    return json_reply(body | {"traceId": str(uuid5(NAMESPACE_URL, f"trace/{account.answered}"))}, status)


def _endpoint(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        account: Account = request.app.state.account
        query = request.query_params
        asked = Asked(account, request.path_params, query, await json_body(request), query.getlist)
        status, body = _outcome(handler, asked)
        return traced(account, body, status)

    return endpoint


def _outcome(handler: Handler, asked: Asked) -> tuple[int, Raw]:
    try:
        answer = handler(asked)
    except Refused as refused:
        return refused.body["statusCode"], refused.body
    except BadSearch as bad:
        return 422, error_body(422, bad.messages)
    except BeyondReach as beyond:
        return 400, error_body(400, str(beyond))
    return answer if isinstance(answer, tuple) else (200, answer)
