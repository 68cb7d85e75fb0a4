"""The gateway with graphql-core walking every operation: what the compiled execution is measured against."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from fastapi import FastAPI

from crmgraph.api.plans import Plans
from crmgraph.cli import serving


def _nothing(*_: Any) -> None:
    """What is not compiled, graphql-core executes."""


@contextmanager
def walking() -> Iterator[None]:
    """Let nothing be compiled for as long as this lasts."""
    with patch.object(Plans, "root", _nothing):
        yield


def application() -> FastAPI:
    """One worker's application, in whose process nothing is ever compiled."""
    Plans.root = _nothing  # type: ignore[method-assign, assignment]
    return serving.application()
