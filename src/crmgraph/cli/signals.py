"""What signals ask of the server: SIGTERM to end without losing an answer, SIGHUP to read the configuration again."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from socket import socket
from types import FrameType

import structlog
from uvicorn import Config
from uvicorn.supervisors import Multiprocess

from crmgraph.cli.settings import checked
from crmgraph.cli.succession import Succession
from crmgraph.domain.errors import CrmGraphError

log = structlog.get_logger()


def deaf_at_first() -> None:
    """Let neither signal end a process that does not listen yet, or that listens no more: uvicorn raises a signal again
    once it has stopped, and to be told to stop is no failure.
    """
    signal.signal(signal.SIGTERM, _nothing)
    if sys.platform != "win32":
        signal.signal(signal.SIGHUP, signal.SIG_IGN)


def _nothing(number: int, frame: FrameType | None) -> None:
    """Python's own word for this would be handed on to the processes that are started."""


def heed(succession: Succession) -> None:
    """Let one worker hear the signals in its event loop; what uvicorn does on SIGTERM follows after the notice."""
    if sys.platform == "win32":
        return
    loop, tasks = asyncio.get_running_loop(), set[asyncio.Task[None]]()
    stop = signal.getsignal(signal.SIGTERM)
    is_told: list[bool] = []

    def renew() -> None:
        tasks.add(task := loop.create_task(succession.renew()))
        task.add_done_callback(tasks.discard)

    def end() -> None:
        # Told twice, it ends at once.
        notice = 0.0 if is_told else succession.stop_soon()
        is_told.append(True)
        if callable(stop):
            loop.call_later(notice, stop, signal.SIGTERM, None)

    loop.add_signal_handler(signal.SIGHUP, renew)
    loop.add_signal_handler(signal.SIGTERM, end)


class Watch(Multiprocess):
    """uvicorn's watch over several workers, which hands the signals on to them."""

    def __init__(self, config: Config, sockets: list[socket], path: Path) -> None:
        super().__init__(config, sockets)
        self._path = path

    def handle_hup(self) -> None:
        """Let every worker read the configuration again; a wrong one is told once, here."""
        try:
            checked(self._path)
        except CrmGraphError as wrong:
            log.error("reload_refused", reason=wrong.message)
            return
        for process in self.processes:
            # A worker that starts just now would be ended by the signal.
            if process.wait_until_ready(self.config.timeout_worker_healthcheck, self.should_exit):
                assert process.pid is not None
                os.kill(process.pid, signal.SIGHUP)

    def terminate_all(self) -> None:
        """End the workers; nobody new is let wait at a port at which nobody answers any more."""
        for one in self.sockets:
            one.close()
        super().terminate_all()
