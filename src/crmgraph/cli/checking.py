"""`check` and `init`."""

import json
from pathlib import Path

from crmgraph.cli.ending import Code, end, give, say
from crmgraph.cli.settings import checked
from crmgraph.config.first import first_file
from crmgraph.connectors.proving import oauth_of
from crmgraph.connectors.trees import Mistake, Mistakes


def check(path: Path, as_json: bool) -> None:
    """Say that all is well, or every mistake, a line each."""
    try:
        found = checked(path)
    except Mistakes as wrong:
        _tell(list(wrong.mistakes), as_json)
        end(Code.FINDINGS)
    if as_json:
        give("[]")
    names = ", ".join(one.name for one in found.sources)
    for one in found.sources:
        if oauth_of(one.connector, one.settings) is not None:
            say(f"`{one.name}` goes by OAuth; `crmgraph connect {one.name}` connects it.")
    say(f"{path} is right: {len(found.sources)} source{'s' if len(found.sources) != 1 else ''} ({names}).")


def _tell(mistakes: list[Mistake], as_json: bool) -> None:
    if as_json:
        told = [{"file": m.file, "line": m.line, "column": m.column, "message": m.message} for m in mistakes]
        give(json.dumps(told, indent=2))
        return
    for one in mistakes:
        give(str(one))
    say(f"{len(mistakes)} mistake{'s' if len(mistakes) != 1 else ''}.")


def init(path: Path) -> None:
    """Write the first file where there is none."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(first_file())
    except FileExistsError:
        say(f"{path} is there already; remove it first, or name another file with -c.")
        end(Code.FINDINGS)
    except OSError as wrong:
        say(f"{path} cannot be written: {wrong.strerror}.")
        end(Code.USAGE)
    say(f"Wrote {path}. Set the variables it names, then run: crmgraph check -c {path}")
