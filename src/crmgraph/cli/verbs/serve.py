"""What can be said to `serve`."""

from typing import Annotated

import typer

from crmgraph.cli.building import building
from crmgraph.cli.verbs.options import DEFAULT, Config, logs


def serve(
    context: typer.Context,
    config: Config = DEFAULT,
    host: Annotated[str | None, typer.Option(help="The address to listen on; the configuration's otherwise.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="The port; the configuration's otherwise.")] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=256, help="How many processes; the configuration's otherwise.")
    ] = None,
) -> None:
    """Serve the graph, the console and the health checks."""
    with building():
        from crmgraph.cli import serving

    logs(context)
    serving.serve(config, host, port, workers)
