"""Errors as callers are told them: in one form, without what is nobody's business, and at a readable length."""

import re
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import structlog
from graphql import GraphQLError

from crmgraph.api.outcome import Outcome
from crmgraph.domain.errors import Ambiguous, CrmGraphError, InputError, SourceError
from crmgraph.service.limits import OverLimits
from crmgraph.service.problems import Problem

_SUGGESTION = re.compile(r" Did you mean [^'?]*'[^'?]*'(?:,? (?:or )?'[^'?]*')*\?")
"""What graphql-core suggests, wherever it stands in a message."""

_LONGEST = 1000
"""How many letters of a message are told."""

_log = structlog.get_logger("crmgraph.api")


def told(error: GraphQLError, make_id: Callable[[], str]) -> dict[str, Any]:
    """An error as callers see it. What is no error of ours nor of GraphQL is logged, and told by its number only."""
    formatted: dict[str, Any] = dict(error.formatted)
    # A mistaken value is told whole, and may be as long as the request.
    formatted["message"] = shortened(formatted["message"])
    original = error.original_error
    if isinstance(original, CrmGraphError):
        formatted["message"] = original.message
        formatted["extensions"] = extensions_of(original)
    elif original is None or isinstance(original, GraphQLError) or not error.path:
        formatted["extensions"] = {"code": "BAD_INPUT"}
    else:
        number = make_id()
        _log.error("a resolver failed", error_id=number, path=error.path, exc_info=original)
        formatted["message"] = f"This server failed; its log tells more under {number}."
        formatted["extensions"] = {"code": "INTERNAL"}
    return formatted


def refused(wrong: InputError, needs_post: bool = False) -> Outcome:
    """The outcome of what is not executed at all."""
    return Outcome(None, ({"message": wrong.message, "extensions": extensions_of(wrong)},), None, False, needs_post)


def shortened(message: str) -> str:
    """A message that people can read."""
    return message if len(message) <= _LONGEST else f"{message[:_LONGEST]}…"


def without_suggestions(outcome: Outcome) -> Outcome:
    """The outcome, its errors without the names of the schema that a mistaken one resembles."""
    bare = tuple({**one, "message": _SUGGESTION.sub("", one["message"])} for one in outcome.errors)
    return replace(outcome, errors=bare)


def extensions_of(error: CrmGraphError) -> dict[str, Any]:
    """What programs are told of an error."""
    said: dict[str, Any] = {"code": error.code}
    if isinstance(error, SourceError):
        said |= {"source": error.source, "retryable": error.retryable, "retryAfter": error.retry_after}
    elif getattr(error, "source", None):
        said["source"] = error.source  # type: ignore[attr-defined]
    if isinstance(error, OverLimits):
        said["limits"] = [asdict(one) for one in error.over]
    if isinstance(error, Ambiguous):
        said["ids"] = list(error.ids)
    return said


def problem(one: Problem) -> dict[str, Any]:
    """A source's failure as an error beside the answer."""
    extensions = {"code": one.code, "source": one.source, "retryable": one.retryable, "retryAfter": one.retry_after}
    return {"message": one.message, "extensions": extensions}
