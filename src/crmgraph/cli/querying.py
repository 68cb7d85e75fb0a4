"""`query`: one question, asked from here."""

import asyncio
import csv
import io
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from crmgraph.api.outcome import Outcome
from crmgraph.app import App
from crmgraph.cli.ending import Code, end, give, say
from crmgraph.cli.settings import settings
from crmgraph.domain.errors import InputError
from crmgraph.web.encoding import to_json


def query(text: str, path: Path, variables: str | None, operation: str | None, format: str, explain: bool) -> None:
    """Ask and print. The data goes to standard output, errors to standard error; a failed source ends with 3."""
    document, given = _text(text), _variables(variables)
    app = App(settings(path))
    if explain:
        give(json.dumps(asyncio.run(_explained(app, document, given, operation)), indent=2))
        return
    outcome = asyncio.run(_ask(app, document, given, operation))
    if format == "csv":
        give(as_csv(outcome.data).rstrip("\n"))
    else:
        answer = {"data": outcome.data, "errors": list(outcome.errors), "extensions": outcome.extensions}
        give(to_json({name: part for name, part in answer.items() if part}).decode())
    for error in outcome.errors:
        say(error["message"])
    end(_code(outcome))


def _text(given: str) -> str:
    if given == "-":
        return sys.stdin.read()
    return _file(given[1:]) if given.startswith("@") else given


def _file(name: str) -> str:
    try:
        return Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise InputError(f"The file {name} cannot be read as text.") from None


def _variables(given: str | None) -> dict[str, Any] | None:
    if given is None:
        return None
    try:
        found = json.loads(_text(given))
    except json.JSONDecodeError as wrong:
        raise InputError(f"The variables are not JSON: {wrong.msg} at column {wrong.colno}.") from None
    if not isinstance(found, dict):
        raise InputError('The variables must be a JSON object, like {"first": 10}.')
    return found


async def _ask(app: App, document: str, variables: dict[str, Any] | None, operation: str | None) -> Outcome:
    try:
        await fill(app)
        return await app.execution.execute(document, variables, operation)
    finally:
        await app.aclose()


async def _explained(app: App, document: str, variables: dict[str, Any] | None, operation: str | None) -> Any:
    """What a question may cost; nothing is called, but sessions are made inside an event loop."""
    try:
        return app.execution.explain(document, variables, operation)
    finally:
        await app.aclose()


async def fill(app: App) -> None:
    """Fill the key index, asking each source once: a question is not kept waiting for a CRM that is away."""
    if app.settings.identity.index:
        await replace(app.filling, once=True).all(list(app.pool.sources))


def _code(outcome: Outcome) -> Code:
    if not outcome.executed:
        return Code.USAGE
    codes = {error["extensions"].get("code") for error in outcome.errors}
    if codes & {"BAD_INPUT", "AMBIGUOUS", "UNSUPPORTED", "TOO_COSTLY"}:
        return Code.USAGE
    return Code.UPSTREAM if codes else Code.OK


def as_csv(data: Any) -> str:
    """One row a node of the first list in the answer; objects inside a node become columns joined by dots."""
    rows = [dict(_flat("", node)) for node in _nodes(data)]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, lineterminator="\n")
    if columns:
        writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _nodes(data: Any) -> list[Any]:
    """The rows of an answer: the nodes of its first connection, its first list, or its first object alone."""
    for part in (data or {}).values():
        if isinstance(part, Mapping) and isinstance(part.get("nodes"), list):
            return list(part["nodes"])
        if isinstance(part, Mapping) and isinstance(part.get("edges"), list):
            return [edge.get("node") for edge in part["edges"]]
        return part if isinstance(part, list) else [] if part is None else [part]
    return []


def _flat(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(f"{name}.{key}" if name else key, inner)
    elif isinstance(value, list):
        yield name, "; ".join(_line(one) for one in value)
    else:
        yield name or "value", _safe(value)


def _line(value: Any) -> str:
    if isinstance(value, Mapping):
        return " ".join(_line(inner) for inner in value.values() if inner is not None)
    return "" if value is None else str(_safe(value))


def _safe(value: Any) -> Any:
    """A text on lines of its own kind; one that a spreadsheet would run as a formula is quoted: anyone typed it."""
    if not isinstance(value, str):
        return value
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\n") else text
