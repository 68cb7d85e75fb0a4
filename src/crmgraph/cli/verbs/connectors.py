"""What can be said to `connectors`."""

from typing import Annotated

import typer

from crmgraph.cli.building import building
from crmgraph.cli.verbs.options import Json, logs

connectors = typer.Typer(
    name="connectors",
    help="The connectors that come with the program, and trying one of your own.",
    no_args_is_help=True,
)


@connectors.command("list")
def listed(json: Json = False) -> None:
    """The built-in connectors, and what each asks a source for."""
    from crmgraph.cli import printing

    printing.connectors(json)


@connectors.command("test")
def tried(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="The definition's file, or a built-in connector's name.")],
    url: Annotated[str, typer.Option(help="The base URL of the CRM.")],
    setting: Annotated[
        list[str] | None,
        typer.Option("--setting", "-s", help="NAME=@FILE, NAME=env:VARIABLE or NAME=VALUE; once for each setting."),
    ] = None,
    json: Json = False,
) -> None:
    """Try each declared read against the real CRM and show raw beside mapped."""
    with building():
        from crmgraph.cli import trying

    logs(context)
    trying.test(file, url, setting or [], json)
