"""A real gateway process, `crmgraph serve`, which can be killed and started anew on the same store."""

import asyncio
import re
import signal
from asyncio.subprocess import Process
from collections.abc import Mapping
from pathlib import Path

from tests.chaos.operations import SOURCES
from tests.chaos.programs import Ear, killed, started

from crmgraph.demo import stage

_SERVING = re.compile(r"Serving .* at (http://\S+) ")


def settings(deadline: float, timeout: float) -> dict[str, str]:
    """What the harness overrides of the demo's configuration: no rates, seconds an operation and seconds a call."""
    limits = {"RATE": "100000/1s", "CONCURRENCY": "100", "TIMEOUT": str(timeout)}
    told = {f"SOURCES__{name.upper()}__LIMITS__{key}": text for name in SOURCES for key, text in limits.items()}
    told |= {"IDENTITY__INDEX": "off", "SERVER__DEADLINE": str(deadline), "SERVER__CONSOLE": "false"}
    return {f"CRMGRAPH__{name}": text for name, text in told.items()}


class Gateway:
    """One process at a time; `url` waits for one that serves. With `forgets`, each gets a store of its own: the
    journal, the keys and the holds of the one before are gone.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str], *, forgets: bool = False, name: str = "gateway"):
        self.store = folder / "crmgraph.db"
        self._folder = folder
        self._environment = environment
        self._forgets = forgets
        self._name = name
        self._starts = 0
        self._process: Process | None = None
        self._ear: Ear | None = None
        self._url: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.configuration = folder / "crmgraph.yaml"
        self.configuration.write_text(stage.configuration(), encoding="utf-8")

    async def url(self) -> str:
        """The address of the process that serves now, or of the next."""
        return await asyncio.shield(self._url)

    async def start(self) -> None:
        """Start a process and wait until it listens."""
        self._starts += 1
        if self._forgets:
            self.store = self._folder / f"crmgraph-{self._starts}.db"
        arguments = ["-m", "crmgraph", "serve", "-c", str(self.configuration), "--port", "0"]
        store = {"CRMGRAPH__STORE__URL": f"sqlite:///{self.store}"}
        self._process = await started(arguments, {**self._environment, **store})
        self._ear = Ear(self._process.stderr, self._folder / f"{self._name}.log", "Serving ")
        found = _SERVING.match(await self._ear.line())
        assert found is not None
        self._url.set_result(found[1])

    def tell(self, how: signal.Signals) -> None:
        """Send it a signal."""
        assert self._process is not None
        self._process.send_signal(how)

    async def ended(self) -> int:
        """Wait until it has ended; how it did."""
        assert self._process is not None
        return await self._process.wait()

    def said(self) -> str:
        """All that it has said so far."""
        return (self._folder / f"{self._name}.log").read_text(encoding="utf-8")

    async def stop(self) -> None:
        """Let it end by itself, unless it has."""
        if self._process is not None and self._process.returncode is None:
            self.tell(signal.SIGTERM)
            await self.ended()
        await self.kill()

    async def kill(self) -> None:
        """End it with SIGKILL; a process that has not come up yet is ended just so."""
        if self._url.done():
            self._url = asyncio.get_running_loop().create_future()
        if self._process is not None and self._ear is not None:
            await killed(self._process)
            await self._ear.end()
