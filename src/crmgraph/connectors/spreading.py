"""One value of ours that a CRM keeps in several places, and what must stand beside it."""

from collections.abc import Callable, Mapping
from typing import Any

from crmgraph.connectors.lines import parse_steps, put_through
from crmgraph.connectors.paths import compile_path, put_path
from crmgraph.connectors.values import as_json
from crmgraph.domain.errors import InputError
from crmgraph.domain.model import Field
from crmgraph.domain.records import Tables

Put = Callable[[dict[str, Any], Any, Any, Tables], None]


def spread(parts: Mapping[str, str]) -> Put | None:
    """Each part of a value at its own path, written by the transforms there; None where one has no way back."""
    ways = {path: parse_steps(steps) for path, steps in parts.items()}
    if not all(step.write is not None and step.takes != "table" for steps in ways.values() for step, _ in steps):
        return None

    def put(body: dict[str, Any], value: Any, before: Any, tables: Tables) -> None:
        for path, steps in ways.items():
            put_path(body, path, None if value is None else as_json(put_through(value, steps, tables)))

    return put


def beside(put: Put, more: Mapping[str, Any], field: Field) -> Put:
    """Put a value, and with it what says of which sort it is; raises InputError where another field says otherwise."""

    def both(body: dict[str, Any], value: Any, before: Any, tables: Tables) -> None:
        if value is None:
            return
        put(body, value, before, tables)
        for path, said in more.items():
            there = compile_path(path)(body)
            if there not in (None, said):
                raise InputError(
                    f"`{field.name}` cannot be written with another such field: `{path}` is {there} or {said}."
                )
            put_path(body, path, said)

    return both
