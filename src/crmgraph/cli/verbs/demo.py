"""What can be said to `demo`."""

from typing import Annotated

import typer

from crmgraph.cli.building import building
from crmgraph.cli.verbs.options import logs


def demo(
    context: typer.Context,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The gateway's port.")] = 8000,
    once: Annotated[bool, typer.Option("--once", help="Ask one question and end.")] = False,
) -> None:
    """The gateway over four simulated CRMs, offline: asks one question and leaves the console open."""
    with building():
        from crmgraph.cli import demonstrating

    logs(context)
    demonstrating.demo(port, once)
