"""What can be said to `resolve`."""

from enum import StrEnum
from typing import Annotated

import typer

from crmgraph.cli.building import building
from crmgraph.cli.verbs.options import DEFAULT, Config, logs


class Engine(StrEnum):
    """What `resolve --all` finds pairs with."""

    python = "python"
    duckdb = "duckdb"
    spark = "spark"


def resolve(
    context: typer.Context,
    config: Config = DEFAULT,
    everything: Annotated[
        bool, typer.Option("--all", help="Put everybody together anew, not only whom changes reach.")
    ] = False,
    engine: Annotated[
        Engine | None, typer.Option(help="With --all: what finds the pairs, python otherwise; see crmgraph[scale].")
    ] = None,
) -> None:
    """Put together the people in our stored copy and give them their ids: since the last time, or all."""
    with building():
        from crmgraph.cli import resolving

    logs(context)
    resolving.run(config, everything, engine and engine.value)
