"""What can be said to `connect`."""

from typing import Annotated

import typer

from crmgraph.cli.building import building
from crmgraph.cli.verbs.options import DEFAULT, Config, logs


def connect(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The source's name in the configuration.")],
    config: Config = DEFAULT,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="The port of 127.0.0.1 to come back to; a free one otherwise.")
    ] = None,
    paste: Annotated[
        bool, typer.Option("--paste", help="Paste the address that the browser ends at, which may be elsewhere.")
    ] = False,
    redirect: Annotated[
        str | None, typer.Option(help="The redirect address as the CRM knows it, where it is another.")
    ] = None,
    wait: Annotated[float, typer.Option(min=1, help="Seconds in which the person should come back.")] = 300,
) -> None:
    """Connect a source by OAuth: a person agrees in a browser, and its tokens are kept and renewed."""
    with building():
        from crmgraph.cli import connecting

    logs(context)
    connecting.connect(name, config, connecting.Way(port, paste, redirect, wait))
