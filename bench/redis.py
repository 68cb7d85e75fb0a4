"""A Redis of the benchmark's own, which may be killed."""

import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from redis import Redis
from redis.exceptions import RedisError

from bench.ports import free_port
from bench.processes import running

NEEDED = "apt-get install redis-server"

WITHIN = 10.0
"""Seconds in which it must answer."""


def missing() -> str | None:
    """What is lacking on this machine, as a sentence."""
    return None if shutil.which("redis-server") else f"Sharing over Redis needs a server: {NEEDED}"


class Server:
    """One that runs at `url`."""

    def __init__(self, url: str, process: int) -> None:
        self.url = url
        self._process = process

    def kill(self) -> None:
        """End it without warning."""
        os.kill(self._process, signal.SIGKILL)


@contextmanager
def redis_server() -> Iterator[Server]:
    """A server that keeps nothing on the disk, and is gone at the end."""
    port = free_port()
    with TemporaryDirectory(prefix="bench-redis-") as name:
        command = ["redis-server", "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        with running(command, Path(name), "redis.log") as process:
            _wait(port)
            yield Server(f"redis://127.0.0.1:{port}", process)


def _wait(port: int) -> None:
    until = time.monotonic() + WITHIN
    with Redis(port=port) as client:
        while True:
            try:
                client.ping()
                return
            except (RedisError, OSError):
                if time.monotonic() > until:
                    raise TimeoutError(f"Redis did not answer at port {port} within {WITHIN:g} seconds.") from None
                time.sleep(0.05)
