"""Logs: to standard error, as lines for people at a terminal and as JSON for programs elsewhere.

Our own lines and the libraries' pass the same few steps, of which the last takes out what must not be told.
"""

import logging
import sys
from collections.abc import Iterable
from types import TracebackType
from typing import Any

import orjson
import structlog
from structlog.types import Processor

from crmgraph.telemetry.failures import told
from crmgraph.telemetry.redaction import Redaction

NOISY = ("httpx", "httpcore", "sqlalchemy", "uvicorn.access", "opentelemetry", "urllib3")
"""Libraries whose lines below a warning hold addresses, parameters or headers."""


def configure(*, level: str, secrets: Iterable[str] = ()) -> None:
    """Set the logs up: lines from `level` on, in which none of `secrets` stands."""
    lowest = logging.getLevelNamesMapping()[level.upper()]
    steps = _steps(Redaction(secrets))
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, structlog.processors.add_log_level, *steps],
        wrapper_class=structlog.make_filtering_bound_logger(lowest),
        logger_factory=_to_standard_error,
    )
    _libraries(lowest, steps)
    sys.excepthook = _failed


def _steps(redaction: Redaction) -> list[Processor]:
    """From an event to its line; the time is put on afterwards, for it would be taken for a number of somebody's."""
    to_line: Processor = (
        structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer(_json)
    )
    return [_failure_told, redaction, structlog.processors.TimeStamper(fmt="iso"), to_line]


def _failure_told(logger: Any, method: str, event: Any) -> Any:
    return told(event)


def _json(event: Any, **_: Any) -> str:
    return orjson.dumps(event).decode()


def _libraries(lowest: int, steps: list[Processor]) -> None:
    """Take the standard library's logging over: warnings and worse, each by its first line without what is put in."""
    handler = _Handler(_Standard())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.processors.add_log_level, structlog.stdlib.add_logger_name],
            processors=[_first_line, *steps],
            use_get_message=False,
        )
    )
    root = logging.getLogger()
    root.handlers = [one for one in root.handlers if not isinstance(one, _Handler)] + [handler]
    root.setLevel(max(lowest, logging.WARNING))
    logging.captureWarnings(True)
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)


def _first_line(logger: Any, method: str, event: Any) -> Any:
    """asyncio, for one, writes what a task raised into the lines that follow."""
    return {
        "event": str(event["event"]).partition("\n")[0],
        **{key: event[key] for key in ("level", "logger", "exc_info") if key in event},
    }


def _failed(sort: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """What nobody caught ends the program; it is told as every other failure is."""
    if issubclass(sort, KeyboardInterrupt):
        return
    structlog.get_logger().critical("the program failed", exc_info=error)


class _Handler(logging.StreamHandler[Any]):
    """Ours, of which there is one however often the logs are set up."""


class _Standard:
    """Standard error, looked up anew for each line, since it may be another one by then."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def _to_standard_error(*_: object) -> structlog.WriteLogger:
    return structlog.WriteLogger(_Standard())  # type: ignore[arg-type]  # It needs no more of a file.
