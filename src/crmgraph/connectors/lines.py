"""Mapping lines, `path | transform argument | …`: taken apart, checked, and compiled to readers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from crmgraph.connectors.paths import compile_path
from crmgraph.connectors.shapes import nearest
from crmgraph.connectors.transforms import TRANSFORMS, Transform, meaning
from crmgraph.domain.errors import DefinitionError
from crmgraph.domain.records import Tables

Reader = Callable[[Any, Tables], Any]
Step = tuple[Transform, str]
"""A transform and its argument."""


@dataclass(frozen=True, slots=True)
class Line:
    """A path and the transforms that follow it."""

    path: str
    steps: tuple[Step, ...]

    @property
    def starred(self) -> bool:
        return "*" in self.path.split(".")


def parse_line(line: str) -> Line:
    """Take a mapping line apart; raises DefinitionError for a transform that cannot be."""
    path, *calls = (part.strip() for part in line.split("|"))
    return Line(path, tuple(parse_step(call) for call in calls))


def parse_steps(calls: str | None) -> tuple[Step, ...]:
    """A chain of transforms without a path: `lower | tail 4`; raises DefinitionError."""
    return tuple(parse_step(call.strip()) for call in calls.split("|")) if calls else ()


def parse_step(call: str) -> Step:
    """One `name argument`; raises DefinitionError for an unknown name, or an argument that does not fit it."""
    name, _, argument = call.partition(" ")
    argument = argument.strip()
    if name not in TRANSFORMS:
        near = nearest(name, TRANSFORMS)
        asked = f"did you mean `{near}`?" if near else "there are"
        raise DefinitionError(f"`{name}` is no transform; {asked} {', '.join(sorted(TRANSFORMS))}.")
    _check_argument(TRANSFORMS[name], argument)
    return TRANSFORMS[name], argument


def _check_argument(transform: Transform, argument: str) -> None:
    if transform.takes == "nothing" and argument:
        raise DefinitionError(f"`{transform.name}` takes nothing after its name, but `{argument}` is written there.")
    if transform.takes not in ("nothing", "separator") and not argument:
        raise DefinitionError(f"`{transform.name}` needs something after its name. {transform.doc}")
    if transform.takes == "count" and not (argument.isascii() and argument.isdigit() and int(argument) > 0):
        raise DefinitionError(f"`{transform.name}` needs a whole number above 0, not `{argument}`.")


def named(steps: Sequence[Step], takes: str) -> list[str]:
    """The arguments of those steps that take a `table`, or a `setting`."""
    return [argument for step, argument in steps if step.takes == takes]


def line_tables(line: str) -> list[str]:
    """The vocabularies that a line looks into."""
    return named(parse_line(line).steps, "table")


def reader(line: str) -> Reader:
    """A line's reading half; after `*` its transforms apply to each element."""
    parsed = parse_line(line)
    get = compile_path(parsed.path)
    return through(lambda raw, tables: get(raw), parsed.steps, parsed.starred)


def through(start: Reader, steps: Sequence[Step], starred: bool = False) -> Reader:
    """`start` and then the steps; with `starred`, each step is for each element."""
    for transform, argument in steps:
        start = _step(start, transform, argument, starred)
    return start


def _step(before: Reader, transform: Transform, argument: str, starred: bool) -> Reader:
    def read(raw: Any, tables: Tables) -> Any:
        value = before(raw, tables)
        if value is None:
            return None
        if transform.takes == "table":
            return meaning(value, tables.get(argument, {}))
        said = told(transform, argument, tables)
        if starred and isinstance(value, list) and not transform.of_list:
            return [transform.read(one, said) for one in value]
        return transform.read(value, said)

    return read


def told(transform: Transform, argument: str, tables: Tables) -> str:
    """The argument itself, or what the setting says that it names."""
    return str(tables.get("settings", {}).get(argument, "")) if transform.takes == "setting" else argument


def put_through(value: Any, steps: Sequence[Step], tables: Tables) -> Any:
    """The value as the steps write it, one after the other; a step that cannot write applies its reading half."""
    for transform, argument in steps:
        value = (transform.write or transform.read)(value, told(transform, argument, tables))
    return value
