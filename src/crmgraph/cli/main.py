"""The program: what is wrong becomes a sentence and an exit code, never a stack trace.

Exit codes: 0 all is well, 1 something was found, 2 the call itself was wrong, 3 a CRM failed. Data goes to standard
output, talk to standard error.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from crmgraph.cli.ending import Code, end, give, told

HELP = Path(__file__).with_name("help.txt")
"""What `--help` prints. Working it out again each time would take four times as long as printing it."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Do what the command line says, and end."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given == ["--help"]:
        give(HELP.read_text(encoding="utf-8").rstrip("\n"))
        end(Code.OK)
    with told():
        from crmgraph.cli.building import building

        with building():
            from crmgraph.cli.verbs import program
        program.run(given)
