"""The port on which Prometheus finds the numbers of all workers together, apart from the graph's own."""

import os
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from crmgraph.domain.errors import InputError

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The variable by which the library knows where each process keeps its numbers."""

Alive = Callable[[], Collection[int]]
"""The processes that answer now."""


@contextmanager
def measured(host: str, port: int | None, alive: Alive) -> Iterator[int | None]:
    """Answer /metrics for as long as this lasts, if there is a port; gives the one that is open.

    Whatever is to be counted must be started within. Raises InputError when the address is taken or none of ours.
    """
    if port is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="crmgraph-metrics-", ignore_cleanup_errors=True) as folder:
        os.environ[_FOLDER] = folder
        # Only now, for it looks at that variable when it is imported.
        from prometheus_client import start_http_server

        from crmgraph.telemetry.together import Together

        try:
            server, thread = start_http_server(port, host, Together(folder, alive))
        except OSError as wrong:
            why = (wrong.strerror or "no such address").rstrip(".")
            raise InputError(f"Cannot listen on {host}:{port} for metrics: {why}.") from None
        try:
            yield server.server_port
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
            del os.environ[_FOLDER]
