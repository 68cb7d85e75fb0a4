"""One application after another behind the same connections: what the configuration says now answers what is asked from
now on, and what was asked before is answered by the one before.
"""

import asyncio
import gc
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crmgraph.domain.errors import CrmGraphError

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Application:
    """What answers for a while: `running` is its background work, for as long as it is entered. Told to `stop_soon`, it
    says that it is not ready, and goes on for `notice` seconds.
    """

    asgi: ASGIApp
    running: Callable[[], AbstractAsyncContextManager[object]]
    stop_soon: Callable[[], None]
    notice: float = 0.0


class Reign:
    """One application's time: `begun` when it answers, `over` when it need not run on."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.requests = 0
        self.begun = asyncio.Event()
        self.idle = asyncio.Event()
        self.idle.set()
        self.over = asyncio.Event()

    async def last(self) -> None:
        """Run until it is over."""
        async with self.application.running():
            self.begun.set()
            await self.over.wait()

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, counted while it lasts."""
        self.requests += 1
        self.idle.clear()
        try:
            await self.application.asgi(scope, receive, send)
        finally:
            self.requests -= 1
            if not self.requests:
                self.idle.set()


class Succession:
    """An ASGI application that hands each request to the application of the day."""

    def __init__(self, build: Callable[[], Application]) -> None:
        self._build = build
        self._reign = Reign(build())
        self._lives: dict[Reign, asyncio.Task[None]] = {}
        self._retiring: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Lock()
        self._is_stopping = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A request, or the whole life of the server."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await self._reign.answer(scope, receive, _closing(send) if self._is_stopping else send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            await self._begin(self._reign)
        except Exception as wrong:
            await send({"type": "lifespan.startup.failed", "message": str(wrong)})
            raise
        await send({"type": "lifespan.startup.complete"})
        await receive()
        try:
            await self._end_all()
        finally:
            await send({"type": "lifespan.shutdown.complete"})

    async def _begin(self, reign: Reign) -> None:
        """Raises what keeps it from beginning."""
        life = self._lives[reign] = asyncio.create_task(reign.last())
        begun = asyncio.create_task(reign.begun.wait())
        await asyncio.wait((life, begun), return_when=asyncio.FIRST_COMPLETED)
        begun.cancel()
        if not reign.begun.is_set():
            del self._lives[reign]
            await life

    async def _end_all(self) -> None:
        for reign in self._lives:
            reign.over.set()
        await asyncio.gather(*self._lives.values(), *self._retiring)

    async def renew(self) -> None:
        """Let another application follow, made from the configuration as it is now; where that is wrong, it is told
        in the log and everything stays as it is.
        """
        async with self._turn:
            if self._is_stopping or self._reign not in self._lives:
                return
            try:
                reign = Reign(await asyncio.to_thread(self._build))
                await self._begin(reign)
            except CrmGraphError as wrong:
                log.error("reload_refused", reason=wrong.message)
                return
            before, self._reign = self._reign, reign
        log.info("reloaded")
        retiring = asyncio.create_task(self._retire(before))
        self._retiring.add(retiring)
        retiring.add_done_callback(self._retiring.discard)

    async def _retire(self, reign: Reign) -> None:
        """End what has been followed, once its last request is answered."""
        await reign.idle.wait()
        reign.over.set()
        await self._lives.pop(reign)
        # What was built was kept from the search for garbage; now some of it is garbage.
        gc.unfreeze()
        gc.collect()
        gc.freeze()

    def stop_soon(self) -> float:
        """Say that the end is near, ask no caller to stay, and tell for how many seconds this goes on."""
        self._is_stopping = True
        self._reign.application.stop_soon()
        return self._reign.application.notice


def _closing(send: Send) -> Send:
    """Sends an answer after which the connection ends."""

    async def closing(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), (b"connection", b"close")]}
        await send(message)

    return closing
