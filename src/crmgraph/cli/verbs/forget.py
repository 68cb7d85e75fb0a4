"""What can be said to `forget`."""

from typing import Annotated

import typer

from crmgraph.cli.building import building
from crmgraph.cli.verbs.options import DEFAULT, Config


def forget(
    person: Annotated[
        list[str], typer.Argument(help="E-mails, phones with country codes, ids, or records as SOURCE:ID.")
    ],
    config: Config = DEFAULT,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase a person from everything that is stored here, for good."""
    with building():
        from crmgraph.cli import forgetting

    forgetting.run(config, person, yes)
