"""What several verbs can be told, and their logs."""

from pathlib import Path
from typing import Annotated

import typer

Config = Annotated[Path, typer.Option("-c", "--config", help="The configuration file.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
DEFAULT = Path("crmgraph.yaml")


def logs(context: typer.Context) -> None:
    """Set the logs up; only verbs that call CRMs have any, and the library is slow to import."""
    from crmgraph.cli import logs as kept

    kept.configure(level="info" if context.obj else "error")
