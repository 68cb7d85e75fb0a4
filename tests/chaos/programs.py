"""Python programs in processes of their own: started, heard, and killed without warning."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping
from pathlib import Path

STARTS_WITHIN = 60.0
"""Seconds in which a program says that it is there."""


class Gone(Exception):
    """A program did not say what was waited for."""


async def started(arguments: list[str], more: Mapping[str, str]) -> Process:
    """Run Python with these arguments, and pipes to it."""
    environment = {"PYTHONPATH": ":".join(filter(None, sys.path)), "PATH": os.environ.get("PATH", ""), **more}
    return await asyncio.create_subprocess_exec(
        sys.executable, *arguments, env=environment, stdin=PIPE, stdout=PIPE, stderr=PIPE
    )


async def killed(process: Process) -> None:
    """End it as SIGKILL does, and wait until it is gone."""
    if process.returncode is None:
        process.kill()
    await process.wait()


class Ear:
    """Keeps all that a program says on one of its pipes in a file, and hands over the first line with a beginning."""

    def __init__(self, pipe: asyncio.StreamReader | None, file: Path, beginning: str) -> None:
        assert pipe is not None
        self._pipe = pipe
        self._file = file
        self._beginning = beginning.encode()
        self._line: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._listening = asyncio.create_task(self._listen())

    async def line(self) -> str:
        """Raises Gone where the program ended without it, or takes too long."""
        try:
            async with asyncio.timeout(STARTS_WITHIN):
                return await asyncio.shield(self._line)
        except TimeoutError:
            raise Gone(f"A program did not say within {STARTS_WITHIN:g} s that it is there.") from None

    async def end(self) -> None:
        """Wait for the program's last word."""
        await self._listening
        if self._line.done():
            self._line.exception()

    async def _listen(self) -> None:
        with self._file.open("ab", buffering=0) as file:
            while line := await self._pipe.readline():
                file.write(line)
                if line.startswith(self._beginning) and not self._line.done():
                    self._line.set_result(line.decode())
        if not self._line.done():
            self._line.set_exception(Gone(f"A program ended; what it said last is in {self._file}."))
