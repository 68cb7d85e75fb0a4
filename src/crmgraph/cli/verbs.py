"""The verbs and what can be said to them. Each imports what it needs when it is called."""

import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from crmgraph.cli.building import building
from crmgraph.cli.ending import Code, end, say

NAME = "crmgraph"

app = typer.Typer(
    name=NAME,
    help="One GraphQL endpoint over all the CRMs a company has.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
connectors = typer.Typer(
    help="The connectors that come with the program, and trying one of your own.", no_args_is_help=True
)
app.add_typer(connectors, name="connectors")
rules = typer.Typer(help="The rules between CRMs, and running one.", no_args_is_help=True)
app.add_typer(rules, name="rules")
audit = typer.Typer(help="The audit log: who did what, and whether it is still what was written.", no_args_is_help=True)
app.add_typer(audit, name="audit")
keys = typer.Typer(help="The keys: of callers, and of what is sealed in the store.", no_args_is_help=True)
app.add_typer(keys, name="keys")
identity = typer.Typer(help="Which records are one person, tried on a file.", no_args_is_help=True)
app.add_typer(identity, name="identity")

Config = Annotated[Path, typer.Option("-c", "--config", help="The configuration file.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Port = Annotated[int | None, typer.Option(min=0, max=65535, help="The port; the configuration's otherwise.")]
Workers = Annotated[int | None, typer.Option(min=1, max=256, help="How many processes; the configuration's otherwise.")]
DEFAULT = Path("crmgraph.yaml")


class Format(StrEnum):
    """How `query` prints an answer."""

    json = "json"
    csv = "csv"


class Mode(StrEnum):
    """What `import` does about people who are there already."""

    upsert = "upsert"
    create = "create"


class Line(StrEnum):
    """How sure `identity try` must be."""

    safe = "safe"
    balanced = "balanced"


class Evidence(StrEnum):
    """What `identity calibrate` learns from."""

    pairs = "pairs"
    judgements = "judgements"


class Engine(StrEnum):
    """What `resolve --all` finds pairs with."""

    python = "python"
    duckdb = "duckdb"
    spark = "spark"


class Schema(StrEnum):
    """What `schema` prints."""

    graph = "graph"
    config = "config"
    definition = "definition"


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


def _logs(context: typer.Context) -> None:
    """Set the logs up; only verbs that call CRMs have any, and the library is slow to import."""
    from crmgraph.cli import logs

    logs.configure(level="info" if context.obj else "error")


@app.command()
def serve(
    context: typer.Context,
    config: Config = DEFAULT,
    host: Annotated[str | None, typer.Option(help="The address to listen on; the configuration's otherwise.")] = None,
    port: Port = None,
    workers: Workers = None,
) -> None:
    """Serve the graph, the console and the health checks."""
    with building():
        from crmgraph.cli import serving

    _logs(context)
    serving.serve(config, host, port, workers)


@app.command()
def check(config: Config = DEFAULT, json: Json = False) -> None:
    """Read the configuration and the definitions it names; tell every mistake with its place."""
    from crmgraph.cli import checking

    checking.check(config, json)


@app.command()
def doctor(context: typer.Context, config: Config = DEFAULT, json: Json = False) -> None:
    """Make one cheap authenticated read of every source and say how it went."""
    with building():
        from crmgraph.cli import doctoring

    _logs(context)
    doctoring.doctor(config, json)


@app.command()
def connect(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The source's name in the configuration.")],
    config: Config = DEFAULT,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="The port of 127.0.0.1 to come back to; a free one otherwise.")
    ] = None,
    paste: Annotated[
        bool, typer.Option("--paste", help="Paste the address that the browser ends at, which may be elsewhere.")
    ] = False,
    redirect: Annotated[
        str | None, typer.Option(help="The redirect address as the CRM knows it, where it is another.")
    ] = None,
    wait: Annotated[float, typer.Option(min=1, help="Seconds in which the person should come back.")] = 300,
) -> None:
    """Connect a source by OAuth: a person agrees in a browser, and its tokens are kept and renewed."""
    with building():
        from crmgraph.cli import connecting

    _logs(context)
    connecting.connect(name, config, connecting.Way(port, paste, redirect, wait))


@app.command()
def init(config: Config = DEFAULT) -> None:
    """Write a commented first configuration; a file that is there already is left alone."""
    from crmgraph.cli import checking

    checking.init(config)


@app.command()
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

    _logs(context)
    querying.query(text, config, variables, operation, format.value, explain)


@app.command("import")
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

    _logs(context)
    importing.run(file, config, sources or [], mode.value, dry_run, resume, json)


@app.command()
def sync(
    context: typer.Context,
    sources: Annotated[list[str] | None, typer.Argument(help="The sources' names; all without any.")] = None,
    config: Config = DEFAULT,
    full: Annotated[bool, typer.Option("--full", help="Read everything, also where changes can be asked for.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Go on for ever.")] = False,
    every: Annotated[float, typer.Option(min=1, help="With --watch: seconds from one reading to the next.")] = 900,
) -> None:
    """Read what the sources hold into our stored copy; interrupted, it goes on where it was."""
    with building():
        from crmgraph.cli import syncing

    _logs(context)
    syncing.run(config, sources or [], full, watch, every)


@app.command()
def resolve(
    context: typer.Context,
    config: Config = DEFAULT,
    everything: Annotated[
        bool, typer.Option("--all", help="Put everybody together anew, not only whom changes reach.")
    ] = False,
    engine: Annotated[
        Engine | None, typer.Option(help="With --all: what finds the pairs, python otherwise; see crmgraph[scale].")
    ] = None,
) -> None:
    """Put together the people in our stored copy and give them their ids: since the last time, or all."""
    with building():
        from crmgraph.cli import resolving

    _logs(context)
    resolving.run(config, everything, engine and engine.value)


@app.command()
def forget(
    person: Annotated[
        list[str], typer.Argument(help="E-mails, phones with country codes, ids, or records as SOURCE:ID.")
    ],
    config: Config = DEFAULT,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase a person from everything that is stored here, for good."""
    with building():
        from crmgraph.cli import forgetting

    forgetting.run(config, person, yes)


@app.command()
def schema(what: Annotated[Schema, typer.Argument(help="graph, config or definition.")] = Schema.graph) -> None:
    """Print the graph's schema, or the JSON Schema of the configuration or of definition files."""
    from crmgraph.cli import printing

    printing.schema(what.value)


@connectors.command("list")
def connectors_list(json: Json = False) -> None:
    """The built-in connectors, and what each asks a source for."""
    from crmgraph.cli import printing

    printing.connectors(json)


@connectors.command("test")
def connectors_test(
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

    _logs(context)
    trying.test(file, url, setting or [], json)


@rules.command("list")
def rules_list(config: Config = DEFAULT, json: Json = False) -> None:
    """The rules of the configuration: where each leads, and what it tells."""
    with building():
        from crmgraph.cli import ruling

    ruling.listed(config, json)


@rules.command("run")
def rules_run(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The rule's name.")],
    config: Config = DEFAULT,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would be written, and write nothing.")] = False,
    json: Json = False,
) -> None:
    """Run a rule to its end, waiting for a CRM that asks for it; tell what was done, record by record."""
    with building():
        from crmgraph.cli import ruling

    _logs(context)
    ruling.run(name, config, dry_run, json)


@audit.command("verify")
def audit_verify(
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
def audit_head(config: Config = DEFAULT) -> None:
    """Print how far the log goes, to be kept elsewhere for `verify --head`."""
    with building():
        from crmgraph.cli import auditing

    auditing.head(config)


@audit.command("list")
def audit_list(
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


@keys.command("create")
def keys_create(
    name: Annotated[str, typer.Argument(help="Who uses it; it tells them in the audit log.")],
    role: Annotated[str, typer.Option(help="What they may: one of the configuration's roles, or admin.")],
    config: Config = DEFAULT,
    days: Annotated[int | None, typer.Option(min=1, help="How many days it holds; for ever without it.")] = None,
) -> None:
    """Make a key and print it, this once."""
    with building():
        from crmgraph.cli import keys as making

    making.create(config, name, role, days)


@keys.command("list")
def keys_list(config: Config = DEFAULT, json: Json = False) -> None:
    """The keys: whose they are, and whether they hold."""
    with building():
        from crmgraph.cli import keys as making

    making.listed(config, json)


@keys.command("revoke")
def keys_revoke(
    ident: Annotated[str, typer.Argument(metavar="ID", help="The key's id, as `keys list` tells it.")],
    config: Config = DEFAULT,
) -> None:
    """Take a key back: it is refused from then on."""
    with building():
        from crmgraph.cli import keys as making

    making.revoke(config, ident)


@keys.command("rotate")
def keys_rotate(config: Config = DEFAULT, json: Json = False) -> None:
    """Seal everything that is secret in the store under the first key of `vault`; it may be done again and again."""
    with building():
        from crmgraph.cli import rotating

    rotating.rotate(config, json)


@identity.command("try")
def identity_try(
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
def identity_calibrate(
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


@app.command()
def demo(
    context: typer.Context,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The gateway's port.")] = 8000,
    once: Annotated[bool, typer.Option("--once", help="Ask one question and end.")] = False,
) -> None:
    """The gateway over four simulated CRMs, offline: asks one question and leaves the console open."""
    with building():
        from crmgraph.cli import demonstrating

    _logs(context)
    demonstrating.demo(port, once)


@app.command()
def simulators(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    ports_from: Annotated[int, typer.Option(min=1, max=65532, help="The first of four ports.")] = 9001,
) -> None:
    """The four simulated CRMs alone: BigContacts, Concord, the org-scoped CRM and LeadConnector on ports in this
    order.
    """
    with building():
        from crmgraph.cli import demonstrating

    _logs(context)
    demonstrating.simulate(host, ports_from)


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
