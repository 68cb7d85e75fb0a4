"""One application follows another: what was asked of the old one it answers, and nothing is lost between them."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send
from structlog.testing import capture_logs

from crmgraph.cli.succession import Application, Succession
from crmgraph.domain.errors import ConfigError

REQUEST: Scope = {"type": "http", "path": "/"}


class Days:
    """Applications by the number of the day on which they were made; each answers with its number."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.made = 0
        self.wrong: Exception | None = None
        self.hold = asyncio.Event()
        self.hold.set()
        self.threads: list[int] = []

    def build(self) -> Application:
        self.threads.append(threading.get_ident())
        if self.wrong is not None:
            raise self.wrong
        self.made += 1
        day = self.made

        async def asgi(scope: Scope, receive: Receive, send: Send) -> None:
            await self.hold.wait()
            await send({"type": "http.response.start", "status": 200, "headers": [(b"day", b"%d" % day)]})

        @asynccontextmanager
        async def running() -> AsyncIterator[None]:
            self.told.append(f"{day} begins")
            yield
            self.told.append(f"{day} ends")

        return Application(asgi, running, lambda: self.told.append(f"{day} will stop"), notice=7.0)


class Served:
    """A succession as a server has it."""

    def __init__(self, days: Days) -> None:
        self.succession = Succession(days.build)
        self.events: asyncio.Queue[Message] = asyncio.Queue()
        self.sent: list[Message] = []
        self.life = asyncio.create_task(self.succession({"type": "lifespan"}, self.events.get, self._send))

    async def _send(self, message: Message) -> None:
        self.sent.append(message)

    async def start(self) -> None:
        self.events.put_nowait({"type": "lifespan.startup"})
        await settled()

    async def stop(self) -> None:
        self.events.put_nowait({"type": "lifespan.shutdown"})
        await self.life

    async def ask(self) -> dict[bytes, bytes]:
        answers: list[Message] = []

        async def send(message: Message) -> None:
            answers.append(message)

        await self.succession(dict(REQUEST), self.events.get, send)
        return dict(answers[0]["headers"])


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.fixture
def days() -> Days:
    return Days()


@pytest.fixture
async def served(days: Days) -> Served:
    found = Served(days)
    await found.start()
    return found


async def test_it_lives_as_long_as_the_server(days: Days, served: Served) -> None:
    assert days.told == ["1 begins"]
    assert await served.ask() == {b"day": b"1"}
    await served.stop()
    assert days.told == ["1 begins", "1 ends"]
    assert [each["type"] for each in served.sent] == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


async def test_what_is_asked_from_now_on_is_answered_by_the_new_one_and_what_was_asked_before_by_the_old(
    days: Days, served: Served
) -> None:
    days.hold.clear()
    before = asyncio.create_task(served.ask())
    await settled()
    await served.succession.renew()
    after = asyncio.create_task(served.ask())
    await settled()
    assert days.told == ["1 begins", "2 begins"]
    days.hold.set()
    assert (await before, await after) == ({b"day": b"1"}, {b"day": b"2"})
    await settled()
    assert days.told == ["1 begins", "2 begins", "1 ends"]
    await served.stop()
    assert days.told[-1] == "2 ends"


async def test_a_wrong_configuration_is_told_and_changes_nothing(days: Days, served: Served) -> None:
    days.wrong = ConfigError("crmgraph.yaml:3:1: `servr` is not known here.")
    with capture_logs() as logs:
        await served.succession.renew()
    assert [(one["event"], one["reason"]) for one in logs] == [("reload_refused", days.wrong.message)]
    assert await served.ask() == {b"day": b"1"}
    days.wrong = None
    await served.succession.renew()
    assert await served.ask() == {b"day": b"2"}
    await served.stop()


async def test_a_new_one_is_built_beside_the_loop_that_answers(days: Days, served: Served) -> None:
    await served.succession.renew()
    assert days.threads[0] == threading.get_ident() != days.threads[1]
    await served.stop()


async def test_several_wishes_at_once_are_fulfilled_one_after_another(days: Days, served: Served) -> None:
    await asyncio.gather(*(served.succession.renew() for _ in range(3)))
    await settled()
    assert await served.ask() == {b"day": b"4"}
    assert sorted(days.told) == ["1 begins", "1 ends", "2 begins", "2 ends", "3 begins", "3 ends", "4 begins"]
    await served.stop()


async def test_the_end_comes_also_to_one_that_has_been_followed_and_still_answers(days: Days, served: Served) -> None:
    days.hold.clear()
    asking = asyncio.create_task(served.ask())
    await settled()
    await served.succession.renew()
    asking.cancel()  # As uvicorn does when the time for the last answers is over.
    await served.stop()
    assert sorted(days.told) == ["1 begins", "1 ends", "2 begins", "2 ends"]


async def test_before_the_end_callers_are_asked_to_go_and_nothing_is_renewed(days: Days, served: Served) -> None:
    assert served.succession.stop_soon() == 7.0
    assert days.told == ["1 begins", "1 will stop"]
    assert await served.ask() == {b"day": b"1", b"connection": b"close"}
    await served.succession.renew()
    assert days.made == 1
    await served.stop()


async def test_one_that_cannot_begin_is_told_to_the_server(days: Days) -> None:
    @asynccontextmanager
    async def failing() -> AsyncIterator[None]:
        raise OSError("no room")
        yield

    async def asgi(*_: Any) -> None: ...

    def build() -> Application:
        return Application(asgi, failing, lambda: None)

    served = Served(days)
    served.succession = Succession(build)
    served.life.cancel()
    served.life = asyncio.create_task(served.succession({"type": "lifespan"}, served.events.get, served._send))
    await served.start()
    with pytest.raises(OSError, match="no room"):
        await served.life
    assert served.sent == [{"type": "lifespan.startup.failed", "message": "no room"}]
