"""What can be said to `doctor`."""

import typer

from crmgraph.cli.building import building
from crmgraph.cli.verbs.options import DEFAULT, Config, Json, logs


def doctor(context: typer.Context, config: Config = DEFAULT, json: Json = False) -> None:
    """Make one cheap authenticated read of every source and say how it went."""
    with building():
        from crmgraph.cli import doctoring

    logs(context)
    doctoring.doctor(config, json)
