"""A request that is turned away before the graph hears of it: one sentence, one status."""

from collections.abc import Iterable, Mapping
from typing import Any

from starlette.responses import Response

from crmgraph.domain.errors import InputError, Overloaded
from crmgraph.web.encoding import to_json
from crmgraph.web.headers import SAFE


class Refused(InputError):
    """Mostly the caller's turn, as `code` says. `status` is the HTTP status, `headers` are what it obliges us to send
    along.
    """

    def __init__(
        self, status: int, message: str, headers: Mapping[str, str] | None = None, code: str = InputError.code
    ) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.headers = dict(headers or {})


def not_taken(path: str, method: str, allowed: Iterable[str]) -> Refused:
    """The refusal of a method that a path does not take."""
    names = ", ".join(sorted(allowed))
    return Refused(405, f"The path {path} does not take {method}; use {names}.", {"Allow": names})


def busy(error: Overloaded) -> Refused:
    """The refusal where there is no room, with the time after which there may be."""
    return Refused(503, error.message, {"Retry-After": str(error.retry_after)}, error.code)


def error_body(message: str, code: str) -> dict[str, Any]:
    """A GraphQL response that holds one error and no data."""
    return {"errors": [told_error(message, code)]}


def told_error(message: str, code: str) -> dict[str, Any]:
    """One error as GraphQL formats it."""
    return {"message": message, "extensions": {"code": code}}


def told(status: int, message: str, code: str, headers: Mapping[str, str] | None = None) -> Response:
    """The HTTP response for one sentence; plain JSON, which even a caller who accepts neither type can read."""
    response = Response(to_json(error_body(message, code)), status, headers, "application/json; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    response.headers.update(SAFE)
    return response


def refusal(refused: Refused) -> Response:
    """The HTTP response for a refusal."""
    return told(refused.status, refused.message, refused.code, refused.headers)
