"""What can be said to `sync`."""

from typing import Annotated

import typer

from crmgraph.cli.building import building
from crmgraph.cli.verbs.options import DEFAULT, Config, logs


def sync(
    context: typer.Context,
    sources: Annotated[list[str] | None, typer.Argument(help="The sources' names; all without any.")] = None,
    config: Config = DEFAULT,
    full: Annotated[bool, typer.Option("--full", help="Read everything, also where changes can be asked for.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Go on for ever.")] = False,
    every: Annotated[float, typer.Option(min=1, help="With --watch: seconds from one reading to the next.")] = 900,
) -> None:
    """Read what the sources hold into our stored copy; interrupted, it goes on where it was."""
    with building():
        from crmgraph.cli import syncing

    logs(context)
    syncing.run(config, sources or [], full, watch, every)
