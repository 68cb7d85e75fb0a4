"""What can be said to `audit`."""

from typing import Annotated

import typer

from crmgraph.cli.building import building
from crmgraph.cli.verbs.options import DEFAULT, Config, Json

audit = typer.Typer(
    name="audit", help="The audit log: who did what, and whether it is still what was written.", no_args_is_help=True
)


@audit.command("verify")
def verify(
    config: Config = DEFAULT,
    head: Annotated[
        str | None,
        typer.Option(help="A head of before that was kept elsewhere: tells also what is missing at the end."),
    ] = None,
) -> None:
    """Go through the whole log; tell the first entry that is not what was written."""
    with building():
        from crmgraph.cli import auditing

    auditing.verify(config, head)


@audit.command("head")
def head(config: Config = DEFAULT) -> None:
    """Print how far the log goes, to be kept elsewhere for `verify --head`."""
    with building():
        from crmgraph.cli import auditing

    auditing.head(config)


@audit.command("list")
def listed(
    config: Config = DEFAULT,
    source: Annotated[str | None, typer.Option(help="Only what touched this source.")] = None,
    record: Annotated[str | None, typer.Option(help="Only what touched the record of this id.")] = None,
    who: Annotated[str | None, typer.Option(help="Only what this caller did.")] = None,
    before: Annotated[int | None, typer.Option(min=1, help="Only entries before this number.")] = None,
    most: Annotated[int, typer.Option(min=1, max=1000, help="How many at the most.")] = 50,
    json: Json = False,
) -> None:
    """Print the latest entries, the newest first."""
    with building():
        from crmgraph.cli import auditing
        from crmgraph.service.auditing import Wanted

    auditing.listed(config, Wanted(source, record, who, before), most, json)
