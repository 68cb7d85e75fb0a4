"""What can be said to `query`."""

from enum import StrEnum
from typing import Annotated

import typer

from crmgraph.cli.building import building
from crmgraph.cli.verbs.options import DEFAULT, Config, logs


class Format(StrEnum):
    """How `query` prints an answer."""

    json = "json"
    csv = "csv"


def query(
    context: typer.Context,
    text: Annotated[str, typer.Argument(help="The GraphQL document, @FILE, or - for standard input.")],
    config: Config = DEFAULT,
    variables: Annotated[str | None, typer.Option("--variables", "-v", help="Variables as JSON, or @FILE.")] = None,
    operation: Annotated[str | None, typer.Option(help="The operation's name, where there are several.")] = None,
    format: Annotated[Format, typer.Option(help="json, or csv: one row a node.")] = Format.json,
    explain: Annotated[bool, typer.Option(help="Print the most calls each source may get, and call nothing.")] = False,
) -> None:
    """Ask one question and print its answer."""
    with building():
        from crmgraph.cli import querying

    logs(context)
    querying.query(text, config, variables, operation, format.value, explain)
