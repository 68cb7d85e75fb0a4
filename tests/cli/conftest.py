"""What the command line's tests share: simulators on real ports."""

from collections.abc import Iterator

import pytest
import structlog
from tests.cli.running import Stage, staged


@pytest.fixture(scope="session")
def crms() -> Iterator[Stage]:
    """The four simulators."""
    with staged() as found:
        yield found


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    """The credential that the tests' configurations name."""
    monkeypatch.setenv("DESK_TOKEN", "demo-orgcrm")


@pytest.fixture(autouse=True)
def logs() -> Iterator[None]:
    """What a verb set up for its logs is over with the test."""
    yield
    structlog.reset_defaults()
