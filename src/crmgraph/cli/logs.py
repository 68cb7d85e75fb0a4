"""Logs: to standard error, as lines for people at a terminal and as JSON for programs elsewhere."""

import logging
import sys

import structlog
from structlog.tracebacks import ExceptionDictTransformer

_TRACEBACKS = structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False))
"""Without the values of variables: they hold people's data and credentials."""


def configure(*, verbose: bool) -> None:
    """Set the logs up: everything from `info` on where they were asked for, only our own failures otherwise."""
    for_people = sys.stderr.isatty()
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            *([plain] if for_people else [_TRACEBACKS, structlog.processors.JSONRenderer()]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO if verbose else logging.ERROR),
        logger_factory=_to_standard_error,
    )


def _to_standard_error(*_: object) -> structlog.PrintLogger:
    """Looked up anew for each line, since standard error may be another one by then."""
    return structlog.PrintLogger(sys.stderr)
