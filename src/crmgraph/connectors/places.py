"""One place of a list, `emails.0.email`: what stands there is changed, the list's other elements stay."""

from collections.abc import Callable
from typing import Any

from crmgraph.connectors.lines import Line
from crmgraph.connectors.paths import compile_path, put_path
from crmgraph.domain.records import Tables

Put = Callable[[dict[str, Any], Any, Any, Tables], None]


def is_place(line: Line) -> bool:
    """Whether a line is a key of one element of a list, without transforms."""
    steps = line.path.split(".")
    return (
        not line.steps and all(steps) and "*" not in steps and [step.isdigit() for step in steps[1:]] == [True, False]
    )


def at_place(path: str) -> Put:
    """Put a text there; without one the element goes, since what it is for is gone."""
    home, number, key = path.split(".")
    at, place = compile_path(home), int(number)

    def put(body: dict[str, Any], value: Any, before: Any, tables: Tables) -> None:
        there = list(at(body) or [])
        old = there[place] if place < len(there) else {}
        new = [] if value is None else [_with(old, key, value)]
        put_path(body, home, [*there[:place], *new, *there[place + 1 :]])

    return put


def _with(element: Any, key: str, value: Any) -> dict[str, Any]:
    changed = dict(element) if isinstance(element, dict) else {}
    put_path(changed, key, value)
    return changed
