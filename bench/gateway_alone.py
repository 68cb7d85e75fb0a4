"""The gateway alone over the plain lists, with the questions of one work, for measurements that compare with nobody."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import lists
from bench.asking import ask, encoded
from bench.measuring import settle
from bench.peers.gateway import CRMGRAPH
from bench.peers.server import Server
from bench.works import WORKS


@contextmanager
def gateway(letter: str) -> Iterator[tuple[Server, Sequence[bytes]]]:
    """The server, at rest, and the bodies that it is to be asked."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="bench-")))
        upstream = stack.enter_context(lists.serving(folder, 0))
        server = stack.enter_context(CRMGRAPH.start(upstream, folder))
        settle(server)
        yield server, [encoded(body) for body in WORKS[letter].ours.questions(lambda body: ask(server, body))]
