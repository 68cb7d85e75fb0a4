"""A request that is turned away before the graph hears of it: one sentence, one status."""

from collections.abc import Iterable, Mapping
from typing import Any

from starlette.responses import Response

from crmgraph.domain.errors import InputError
from crmgraph.web.encoding import to_json


class Refused(InputError):
    """The caller's turn. `status` is the HTTP status, `headers` are what it obliges us to send along."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.headers = dict(headers or {})


def not_taken(path: str, method: str, allowed: Iterable[str]) -> Refused:
    """The refusal of a method that a path does not take."""
    names = ", ".join(sorted(allowed))
    return Refused(405, f"The path {path} does not take {method}; use {names}.", {"Allow": names})


def error_body(message: str, code: str) -> dict[str, Any]:
    """A GraphQL response that holds one error and no data."""
    return {"errors": [{"message": message, "extensions": {"code": code}}]}


def told(status: int, message: str, code: str, headers: Mapping[str, str] | None = None) -> Response:
    """The HTTP response for one sentence; plain JSON, which even a caller who accepts neither type can read."""
    response = Response(to_json(error_body(message, code)), status, headers, "application/json; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    return response


def refusal(refused: Refused) -> Response:
    """The HTTP response for a refusal."""
    return told(refused.status, refused.message, refused.code, refused.headers)
