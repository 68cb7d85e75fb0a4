"""What can be said to `identity`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from crmgraph.cli.building import building
from crmgraph.cli.verbs.options import DEFAULT, Config

identity = typer.Typer(name="identity", help="Which records are one person, tried on a file.", no_args_is_help=True)


class Line(StrEnum):
    """How sure `identity try` must be."""

    safe = "safe"
    balanced = "balanced"


class Evidence(StrEnum):
    """What `identity calibrate` learns from."""

    pairs = "pairs"
    judgements = "judgements"


@identity.command("try")
def attempt(
    file: Annotated[
        Path,
        typer.Argument(
            help="CSV in UTF-8 whose first line names any of: source, record_id, first_name, last_name, email, phone, "
            "company, city, country, street, postal_code, birth_date."
        ),
    ],
    out: Annotated[
        Path, typer.Option(help="The CSV to write: source, record_id, person_id, band, reasons; a row for each record.")
    ],
    line: Annotated[
        Line, typer.Option(help="balanced joins what is likely one person; safe only what surely is.")
    ] = Line.balanced,
    weights: Annotated[
        Path | None, typer.Option(help="What findings weigh, as `identity calibrate` writes it; as shipped otherwise.")
    ] = None,
) -> None:
    """Tell which records of a file are one person, how sure that is and why; nothing is connected or kept."""
    with building():
        from crmgraph.cli import identifying

    identifying.attempt(file, out, line.value, weights)


@identity.command("calibrate")
def calibrate(
    out: Annotated[Path, typer.Option(help="The file of weights to write, such as weights.toml.")],
    file: Annotated[
        Path | None, typer.Argument(help="A CSV as `identity try` reads it; our stored copy without one.")
    ] = None,
    config: Config = DEFAULT,
    from_: Annotated[
        Evidence, typer.Option("--from", help="pairs: unlabelled ones; judgements: what people decided.")
    ] = Evidence.pairs,
) -> None:
    """Estimate from one's own records what findings weigh, within a few bits of what is shipped."""
    with building():
        from crmgraph.cli import calibrating

    calibrating.run(file, config, from_.value, out)
