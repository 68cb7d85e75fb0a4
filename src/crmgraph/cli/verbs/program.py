"""The program: its verbs, each a file beside this one that imports what it needs when it is called."""

import sys
from collections.abc import Callable, Sequence
from typing import Annotated, NoReturn

import typer

from crmgraph.cli.ending import Code, end, say
from crmgraph.cli.verbs.audit import audit
from crmgraph.cli.verbs.check import check
from crmgraph.cli.verbs.connect import connect
from crmgraph.cli.verbs.connectors import connectors
from crmgraph.cli.verbs.demo import demo
from crmgraph.cli.verbs.doctor import doctor
from crmgraph.cli.verbs.forget import forget
from crmgraph.cli.verbs.identity import identity
from crmgraph.cli.verbs.importing import import_
from crmgraph.cli.verbs.init import init
from crmgraph.cli.verbs.keys import keys
from crmgraph.cli.verbs.query import query
from crmgraph.cli.verbs.resolve import resolve
from crmgraph.cli.verbs.rules import rules
from crmgraph.cli.verbs.schema import schema
from crmgraph.cli.verbs.serve import serve
from crmgraph.cli.verbs.simulators import simulators
from crmgraph.cli.verbs.sync import sync

NAME = "crmgraph"

app = typer.Typer(
    name=NAME,
    help="One GraphQL endpoint over all the CRMs a company has.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
VERBS: Sequence[Callable[..., None]] = (
    *(serve, check, doctor, connect, init, query, import_),
    *(sync, resolve, forget, schema, demo, simulators),
)
"""In the order in which the help tells them."""

for verb in VERBS:
    app.command(verb.__name__.rstrip("_"))(verb)
for group in (connectors, rules, audit, keys, identity):
    app.add_typer(group)


def _version(asked: bool) -> None:
    if asked:
        from crmgraph.cli import printing

        printing.version()
        raise typer.Exit


@app.callback()
def _before(
    context: typer.Context,
    verbose: Annotated[bool, typer.Option("--verbose", help="Log what is going on.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    context.obj = verbose


def run(arguments: Sequence[str]) -> NoReturn:
    """Do what was said; a wrong call is a sentence and the exit code 2."""
    try:
        sys.exit(app(list(arguments), prog_name=NAME, standalone_mode=False))
    except typer.TyperException as wrong:
        say(_sentence(wrong))
        end(Code.USAGE)


def _sentence(wrong: typer.TyperException) -> str:
    """A wrong call in a sentence; where no verb was named at all, the help instead."""
    said = wrong.format_message()
    if "\n" in said:
        return said
    context = getattr(wrong, "ctx", None)
    verb = NAME if context is None else context.command_path
    return f"{said.rstrip('.')}; `{verb} --help` tells what can be said."
