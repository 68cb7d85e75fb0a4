"""What happens on sockets is tried on both loops: the usual one, and uvloop, which serves where there is one."""

import asyncio
import sys
from collections.abc import Callable, Mapping

import pytest

Factory = Callable[[], asyncio.AbstractEventLoop]

ON_BOTH = {"test_direct.py", "test_faults.py"}


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> Mapping[str, Factory]:
    if sys.platform == "win32" or item.path.name not in ON_BOTH:
        return {"asyncio": asyncio.new_event_loop}
    import uvloop

    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
