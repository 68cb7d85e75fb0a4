"""Running the program's verbs inside the tests, against simulators on real ports."""

import asyncio
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from crmgraph.cli.main import main
from crmgraph.demo import stage
from crmgraph.demo.serving import serving
from crmgraph.demo.simulator import Simulator

DEAD = "http://127.0.0.1:9"
"""Nobody listens there."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a verb said, and how it ended."""

    code: int
    out: str
    err: str


def crmgraph(capsys: pytest.CaptureFixture[str], *arguments: str) -> Said:
    """Run the program once."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    said = capsys.readouterr()
    code = ended.value.code
    return Said(code if isinstance(code, int) else 0, said.out, said.err)


@dataclass(frozen=True, slots=True)
class Stage:
    """The four simulators, served from a thread of their own."""

    crms: Mapping[str, Simulator]
    urls: Mapping[str, str]


@contextmanager
def staged() -> Iterator[Stage]:
    """Simulators that answer while the test's own thread runs a verb."""
    crms, ready = stage.simulators(), threading.Event()
    urls: dict[str, str] = {}
    stop: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def serve() -> None:
        end = asyncio.Event()
        async with serving({name: one.app for name, one in crms.items()}) as found:
            urls.update(found)
            stop.append((asyncio.get_running_loop(), end))
            ready.set()
            await end.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert ready.wait(20)
    yield Stage(crms, urls)
    ((loop, end),) = stop
    loop.call_soon_threadsafe(end.set)
    thread.join(20)


def configured(folder: Path, url: str, name: str = "desk", more: str = "") -> Path:
    """A configuration of one org-scoped CRM."""
    path = folder / f"{name}.yaml"
    path.write_text(
        "sources:\n"
        f"  {name}:\n    connector: orgcrm\n    base_url: {url}/api/v1\n    token: ${{DESK_TOKEN}}\n"
        f"    org_id: org-demo\n    allow_private: true\n{more}"
    )
    return path
