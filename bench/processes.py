"""Programs that the benchmark starts: each in a group of its own, which is ended as a whole."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx


@contextmanager
def running(
    command: Sequence[object], folder: Path, log: str, environment: Mapping[str, str] | None = None
) -> Iterator[int]:
    """Run a program in a folder and give its process id; what it prints goes to a file there."""
    with (folder / log).open("wb") as output:
        one = subprocess.Popen(
            list(map(str, command)),
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield one.pid
        except TimeoutError as late:
            late.add_note((folder / log).read_text(errors="replace")[-2000:])
            raise
        finally:
            _end(one)


def _end(one: "subprocess.Popen[bytes]") -> None:
    """Ask the whole group to end, and end it after five seconds."""
    with suppress(ProcessLookupError):
        os.killpg(one.pid, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        one.wait(5)
    with suppress(ProcessLookupError):
        os.killpg(one.pid, signal.SIGKILL)
    one.wait()


def wait_for(address: str, seconds: float, what: str) -> None:
    """Ask an address until it answers at all; raises TimeoutError after so many seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            httpx.get(address, timeout=2)
        except httpx.HTTPError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(f"{what} did not answer at {address} within {seconds:g} seconds.")
