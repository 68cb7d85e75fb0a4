"""What can be said to `schema`."""

from enum import StrEnum
from typing import Annotated

import typer


class Schema(StrEnum):
    """What `schema` prints."""

    graph = "graph"
    config = "config"
    definition = "definition"


def schema(what: Annotated[Schema, typer.Argument(help="graph, config or definition.")] = Schema.graph) -> None:
    """Print the graph's schema, or the JSON Schema of the configuration or of definition files."""
    from crmgraph.cli import printing

    printing.schema(what.value)
