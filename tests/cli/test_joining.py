"""What is written in one turn of the loop leaves in one call."""

import asyncio
from typing import Any

from crmgraph.cli.joining import Joined


class Wire(asyncio.Transport):
    """Remembers what it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[Any] = []

    def writelines(self, data: Any) -> None:
        self.calls.append(list(data))

    def close(self) -> None:
        self.calls.append("closed")

    def is_closing(self) -> bool:
        return "closed" in self.calls

    def pause_reading(self) -> None:
        self.calls.append("paused")

    def resume_reading(self) -> None:
        self.calls.append("resumed")

    def get_write_buffer_size(self) -> int:
        return 7

    def abort(self) -> None:
        self.calls.append("aborted")

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return name


async def test_head_and_body_leave_together_and_what_follows_later_leaves_later() -> None:
    wire = Wire()
    joined = Joined(wire, asyncio.get_running_loop())
    joined.write(b"head")
    joined.write(b"body")
    assert wire.calls == []
    await asyncio.sleep(0)
    joined.write(b"more")
    await asyncio.sleep(0)
    assert wire.calls == [[b"head", b"body"], [b"more"]]


async def test_what_was_written_before_the_end_leaves_before_it_and_only_once() -> None:
    wire = Wire()
    joined = Joined(wire, asyncio.get_running_loop())
    joined.write(b"head")
    joined.close()
    await asyncio.sleep(0)
    assert wire.calls == [[b"head"], "closed"]
    assert joined.is_closing()


async def test_nothing_is_written_for_a_caller_who_has_gone() -> None:
    wire = Wire()
    joined = Joined(wire, asyncio.get_running_loop())
    joined.write(b"head")
    wire.close()
    await asyncio.sleep(0)
    assert wire.calls == ["closed"]


async def test_the_rest_is_the_other_transports() -> None:
    wire = Wire()
    joined = Joined(wire, asyncio.get_running_loop())
    joined.pause_reading()
    joined.resume_reading()
    joined.abort()
    assert wire.calls == ["paused", "resumed", "aborted"]
    assert joined.get_write_buffer_size() == 7
    assert joined.get_extra_info("peername") == "peername"
    assert not joined.is_closing()
