"""What can be said to `rules`."""

from typing import Annotated

import typer

from crmgraph.cli.building import building
from crmgraph.cli.verbs.options import DEFAULT, Config, Json, logs

rules = typer.Typer(name="rules", help="The rules between CRMs, and running one.", no_args_is_help=True)


@rules.command("list")
def listed(config: Config = DEFAULT, json: Json = False) -> None:
    """The rules of the configuration: where each leads, and what it tells."""
    with building():
        from crmgraph.cli import ruling

    ruling.listed(config, json)


@rules.command("run")
def run(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The rule's name.")],
    config: Config = DEFAULT,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would be written, and write nothing.")] = False,
    json: Json = False,
) -> None:
    """Run a rule to its end, waiting for a CRM that asks for it; tell what was done, record by record."""
    with building():
        from crmgraph.cli import ruling

    logs(context)
    ruling.run(name, config, dry_run, json)
