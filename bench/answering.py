"""An upstream that costs as little as Python can make it, in a process of its own; it is also a CONNECT proxy.

It answers `/small` (1 kB of JSON) and `/large` (25 kB) at once, `/never` never, and closes the connection on `/drop`.
`/opened`, `/waiting`, `/dropped` and `/tunnels` tell how many connections were opened, how many calls wait for ever,
how many were dropped, and how many tunnels were asked for.
"""

import asyncio
import json
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.sources.authority import Authority, authority

_PERSON = {"id": "5f3a1c", "firstName": "Ada", "lastName": "Lovelace", "email": "ada@example.com", "tags": ["a", "b"]}


def _reply(content: bytes) -> bytes:
    head = (
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-RateLimit-Limit: 100\r\nX-RateLimit-Remaining: 99\r\n"
    )
    return f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content


def _people(size: int) -> bytes:
    return _reply(json.dumps({"data": [_PERSON] * (size // len(json.dumps(_PERSON)))}).encode())


_REPLIES = {b"/small": _people(1_000), b"/large": _people(25_000)}


@dataclass
class Counts:
    """What the upstream tells of itself."""

    opened: int = 0
    waiting: int = 0
    dropped: int = 0
    tunnels: int = 0


@dataclass(eq=False)
class Upstream(asyncio.Protocol):
    """One connection: answers, or becomes a tunnel to another one of this machine."""

    counts: Counts
    heard: bytes = b""
    waits: int = 0
    other: "Upstream | None" = None
    ends: list[asyncio.Task[None]] = field(default_factory=list)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.counts.opened += 1

    def connection_lost(self, error: Exception | None) -> None:
        self.counts.waiting -= self.waits
        if self.other is not None:
            self.other.transport.close()

    def data_received(self, data: bytes) -> None:
        if self.other is not None:
            self.other.transport.write(data)
            return
        self.heard += data
        while (end := self.heard.find(b"\r\n\r\n")) >= 0:
            method, target, _ = self.heard[:end].split(b" ", 2)
            self.heard = self.heard[end + 4 :]
            self._hear(method, target.partition(b"?")[0])

    def _hear(self, method: bytes, target: bytes) -> None:
        if method == b"CONNECT":
            self.counts.tunnels += 1
            self.ends.append(asyncio.create_task(self._tunnel(int(target.rpartition(b":")[2]))))
        elif target == b"/never":
            self.waits += 1
            self.counts.waiting += 1
        elif target == b"/drop":
            self.counts.dropped += 1
            self.transport.close()
        else:
            told = getattr(self.counts, target[1:].decode(), None)
            self.transport.write(_REPLIES[target] if told is None else _reply(b"%d" % told))

    async def _tunnel(self, port: int) -> None:
        """The far end is not counted: it is the upstream's other connection that is."""
        far = Upstream(Counts(), other=self)
        await asyncio.get_running_loop().create_connection(lambda: far, "127.0.0.1", port)
        self.other = far
        self.transport.write(b"HTTP/1.1 200 OK\r\n\r\n")


async def _serve(pem: str) -> None:
    secured = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    secured.load_cert_chain(pem)
    loop, counts, ports = asyncio.get_running_loop(), Counts(), []
    for context in (None, secured):
        server = await loop.create_server(lambda: Upstream(counts), "127.0.0.1", 0, ssl=context)
        ports.append(server.sockets[0].getsockname()[1])
    sys.stdout.write(f"{json.dumps(ports)}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


@dataclass(frozen=True, slots=True)
class Place:
    """Where it answers. `trusted` certifies what the TLS port shows."""

    port: int
    tls_port: int
    trusted: Authority

    def base(self, tls: bool) -> str:
        return f"https://localhost:{self.tls_port}" if tls else f"http://127.0.0.1:{self.port}"

    async def count(self, name: str) -> int:
        """One of its counts, this very connection left out."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(f"GET /{name} HTTP/1.1\r\n\r\n".encode())
        await reader.readuntil(b"\r\n\r\n")
        told = int(await reader.read(100))
        writer.close()
        await writer.wait_closed()
        return told - (name == "opened")


@contextmanager
def upstream() -> Iterator[Place]:
    """The upstream, running."""
    trusted = authority("localhost")
    with TemporaryDirectory() as folder:
        pem = Path(folder, "server.pem")
        pem.write_text(trusted.server)
        command = [sys.executable, "-m", "bench.answering", pem]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            try:
                yield Place(*json.loads(process.stdout.readline()), trusted)
            finally:
                process.kill()


if __name__ == "__main__":
    import uvloop

    uvloop.run(_serve(sys.argv[1]))
