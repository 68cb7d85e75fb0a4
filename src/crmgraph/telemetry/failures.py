"""An exception as a log may tell it: its sort and where it happened. What it says may quote a record or a secret."""

import sys
from collections.abc import Iterator
from traceback import walk_tb
from types import TracebackType
from typing import Any

MOST = 30
"""How many places are told at the most, the innermost last."""


def told(event: dict[str, Any]) -> dict[str, Any]:
    """A log line's event with its exception, if any, in words that may be told; neither messages nor values."""
    error = _error(event.pop("exc_info", None))
    return event if error is None else {**event, "failure": [*failures_of(error)]}


def failures_of(error: BaseException) -> Iterator[str]:
    """A sentence for the exception and for each that led to it, the outermost first."""
    known: set[int] = set()
    waiting: list[BaseException] = [error]
    while waiting and len(known) < MOST:
        one = waiting.pop()
        if id(one) not in known:
            known.add(id(one))
            yield f"{_sort(one)}: {' > '.join(places_in(one.__traceback__)) or 'nowhere'}"
            waiting += _causes(one)


def places_in(trace: TracebackType | None) -> list[str]:
    """Module, line and function of each step."""
    steps = [(frame.f_globals.get("__name__", "?"), line, frame.f_code.co_name) for frame, line in walk_tb(trace)]
    return [f"{module}:{line} {function}" for module, line, function in steps[-MOST:]]


def _sort(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")


def _causes(error: BaseException) -> list[BaseException]:
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    inner = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    return [one for one in (cause, *reversed(inner)) if one is not None]


def _error(given: Any) -> BaseException | None:
    """What stands for an exception in an event: itself, its triple, or that it is the one being handled."""
    if isinstance(given, BaseException):
        return given
    if isinstance(given, tuple):
        return given[1] if len(given) > 1 else None
    return sys.exception() if given else None
