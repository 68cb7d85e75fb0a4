"""What can be said to `import`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from crmgraph.cli.building import building
from crmgraph.cli.verbs.options import DEFAULT, Config, Json, logs


class Mode(StrEnum):
    """What `import` does about people who are there already."""

    upsert = "upsert"
    create = "create"


def import_(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(help="CSV whose first line names the columns, or one JSON object a line (.jsonl).")
    ] = None,
    config: Config = DEFAULT,
    sources: Annotated[
        list[str] | None,
        typer.Option("--sources", "-s", help="Write to these sources, as NAME,NAME; to all without it."),
    ] = None,
    mode: Annotated[
        Mode, typer.Option(help="upsert changes whoever has the e-mail, else phone; create makes everybody.")
    ] = Mode.upsert,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would become of it, and send nothing.")] = False,
    resume: Annotated[str | None, typer.Option(help="Go on with the import of this id.")] = None,
    json: Json = False,
) -> None:
    """Bring the people of a file into the CRMs; tell every mistake in it before anything is sent."""
    with building():
        from crmgraph.cli import importing

    logs(context)
    importing.run(file, config, sources or [], mode.value, dry_run, resume, json)
