"""Logs: to standard error, as lines for people at a terminal and as JSON for programs elsewhere."""

import logging
import sys

import structlog


def configure(level: int = logging.INFO) -> None:
    """Set the logs up; nothing below `level` is told."""
    for_people = sys.stderr.isatty()
    render = structlog.dev.ConsoleRenderer() if for_people else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            *([] if for_people else [structlog.processors.dict_tracebacks]),
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
