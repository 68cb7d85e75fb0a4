"""Lenses: each line of a definition compiled once into a getter (and, where it goes back, a putter) of one field."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from crmgraph.connectors.paths import compile_path, first_of, put_path
from crmgraph.connectors.spec import Block, Only, Paths
from crmgraph.connectors.transforms import TRANSFORMS, Transform, Unreadable, meaning
from crmgraph.connectors.values import maker_of
from crmgraph.domain.errors import BadReply, DefinitionError
from crmgraph.domain.model import Field, FieldType
from crmgraph.domain.records import Getter, Tables

Reader = Callable[[Any, Tables], Any]
Putter = Callable[[dict[str, Any], Any, Tables], None]


@dataclass(frozen=True, slots=True)
class Lens:
    """One field of one resource: how it is read, how it is written back, and the tables it looks into.

    `put` is None where the definition cannot tell the way back: the field is then read-only.
    """

    get: Getter
    put: Putter | None
    tables: frozenset[str]
    reads: frozenset[str]


@dataclass(frozen=True, slots=True)
class Line:
    """`path | transform argument | …`, taken apart."""

    path: str
    steps: tuple[tuple[Transform, str], ...]


def parse_line(line: str) -> Line:
    """Take a mapping line apart; raises DefinitionError naming an unknown transform."""
    path, *calls = (part.strip() for part in line.split("|"))
    return Line(path, tuple(parse_step(call) for call in calls))


def parse_step(call: str) -> tuple[Transform, str]:
    """One `name argument`."""
    name, _, argument = call.partition(" ")
    if name not in TRANSFORMS:
        raise DefinitionError(f"`{name}` is no transform; known are {', '.join(sorted(TRANSFORMS))}.")
    return TRANSFORMS[name], argument.strip()


def reader(line: str) -> Reader:
    """A line's reading half; after `*` its transforms apply to each element."""
    parsed = parse_line(line)
    return _through(_at(parsed.path), parsed.steps, starred="*" in parsed.path.split("."))


def _at(path: str) -> Reader:
    get = compile_path(path)
    return lambda raw, tables: get(raw)


def _through(start: Reader, steps: Sequence[tuple[Transform, str]], starred: bool = False) -> Reader:
    for transform, argument in steps:
        start = _step(start, transform, argument, starred)
    return start


def _step(before: Reader, transform: Transform, argument: str, starred: bool) -> Reader:
    def read(raw: Any, tables: Tables) -> Any:
        value = before(raw, tables)
        if value is None:
            return None
        if transform.name == "table":
            return meaning(value, tables.get(argument, {}))
        told = tables.get("settings", {}).get(argument, "") if transform.per_setting else argument
        if starred and isinstance(value, list):
            return [transform.read(one, told) for one in value]
        return transform.read(value, told)

    return read


def compile_field(source_field: Field, spec: Paths | Block, where: str) -> Lens:
    """The lens of one field; `where` names it in errors ("the bigcontacts contact's `emails`")."""
    block = spec if isinstance(spec, Block) else Block(read=spec)
    inner, make = _block(block, source_field), maker_of(source_field)

    def get(raw: Any, tables: Tables) -> Any:
        try:
            value = inner(raw, tables)
            return None if value is None or value == "" or value == [] else make(value)
        except Unreadable as wrong:
            source = str(tables.get("settings", {}).get("source", "?"))
            raise BadReply(source, f"{source} answered a {where} that holds {wrong}.") from None

    return Lens(get, _putter(block, source_field), frozenset(tables_of(block)), frozenset(_top_keys(block)))


def tables_of(block: Block) -> list[str]:
    """The vocabularies that a field looks into."""
    steps = [step for line in lines_of(block) for step in parse_line(line).steps]
    return [*([block.table] if block.table else []), *(argument for step, argument in steps if step.name == "table")]


def lines_of(block: Block) -> list[str]:
    """Every mapping line of a block; a chain of transforms alone counts as a line without a path."""
    lines: list[str] = []
    for given in (block.read, *(block.object or {}).values()):
        lines += [given] if isinstance(given, str) else list(given or [])
    return [*lines, *([f"| {block.then}"] if block.then else [])]


def _block(block: Block, field: Field) -> Reader:
    read = _raw_reader(block, field)
    if block.words is not None:
        read = _worded(read, block.words, block.otherwise)
    if block.then:
        read = _through(read, [parse_step(call.strip()) for call in block.then.split("|")])
    return read


def _raw_reader(block: Block, field: Field) -> Reader:
    if block.each is not None:
        return _each(block)
    if block.object is not None:
        return _object(block.object, block.words if field.type is FieldType.CONSENT else None)
    if block.map is not None:
        return _entries(compile_path(block.map), block.table)
    if block.rest is not None:
        return _rest(block.rest)
    if block.format is not None:
        return _formatted(block.format)
    if block.read is None:
        return lambda raw, tables: block.const
    if block.combine is not None:
        return _combined(_readers(block.read), block.combine)
    return first_of(_readers(block.read))


def _readers(paths: Paths) -> list[Reader]:
    return [reader(line) for line in ([paths] if isinstance(paths, str) else paths)]


def _object(parts: Mapping[str, Paths], words: Mapping[str, str] | None = None) -> Reader:
    readers = {name: first_of(_readers(paths)) for name, paths in parts.items()}

    def read(raw: Any, tables: Tables) -> Any:
        found = {name: one(raw, tables) for name, one in readers.items()}
        return found if any(value is not None for value in found.values()) else None

    return read if words is None else _worded_parts(read, words)


def _worded_parts(before: Reader, words: Mapping[str, str]) -> Reader:
    known = {word.lower(): ours for word, ours in words.items()}

    def read(raw: Any, tables: Tables) -> Any:
        parts = before(raw, tables)
        return parts and {name: known.get(_word(said), said) for name, said in parts.items()}

    return read


def _each(block: Block) -> Reader:
    elements, counts = compile_path(block.each or ""), belongs(block.where)
    part = _object(block.object or {"value": ""})
    table = block.table

    def read(raw: Any, tables: Tables) -> Any:
        found = elements(raw)
        listed = found if isinstance(found, list) else [] if found is None else [found]
        kept = [made for made in (part(one, tables) for one in listed if counts(one)) if made is not None]
        return kept if table is None else [_translated(one, tables.get(table, {})) for one in kept]

    return read


def belongs(only: Only | None) -> Callable[[Any], bool]:
    """Whether a raw record, or an element of a list, is one of those meant."""
    if only is None:
        return lambda raw: True
    look = reader(only.path)
    if only.any_of is not None:
        return lambda raw: look(raw, {}) in (only.any_of or [])
    return lambda raw: look(raw, {}) not in (only.none_of or [])


def _translated(part: dict[str, Any], table: Mapping[str, Any]) -> dict[str, Any]:
    """Replace an element's key by what the table says of it; an id that the table does not know stays."""
    meaning = table.get(str(part.get("key", part.get("id", part.get("value")))))
    if meaning is None:
        return part
    return {**part, **(meaning if isinstance(meaning, dict) else {"name": meaning})}


def _entries(at: Callable[[Any], Any], table: str | None) -> Reader:
    def read(raw: Any, tables: Tables) -> Any:
        found = at(raw)
        if not isinstance(found, dict):
            return None
        known = tables.get(table, {}) if table else {}
        return [_translated({"key": key, "value": value}, known) for key, value in found.items()]

    return read


def _rest(pattern: str) -> Reader:
    def read(raw: Any, tables: Tables) -> Any:
        return [{"key": key, "value": value} for key, value in raw.items() if fnmatchcase(key, pattern)]

    return read


_SLOT = re.compile(r"\{([^}]*)\}")


def _formatted(template: str) -> Reader:
    paths = {path: compile_path(path) for path in _SLOT.findall(template)}

    def read(raw: Any, tables: Tables) -> Any:
        found = {path: get(raw) for path, get in paths.items()}
        if any(value is None or value == "" for value in found.values()):
            return None
        return _SLOT.sub(lambda slot: str(found[slot.group(1)]), template)

    return read


def _combined(readers: Sequence[Reader], how: str) -> Reader:
    def read(raw: Any, tables: Tables) -> Any:
        found = [value for value in (one(raw, tables) for one in readers) if value is not None]
        if how == "any":
            return any(found) if found else None
        return [one for value in found for one in (value if isinstance(value, list) else [value])]

    return read


def _word(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value).strip().lower()


def _worded(before: Reader, words: Mapping[str, str], otherwise: str | None) -> Reader:
    known = {word.lower(): ours for word, ours in words.items()}

    def read(raw: Any, tables: Tables) -> Any:
        value = before(raw, tables)
        if value is None or isinstance(value, dict):
            return value
        return known.get(_word(value), otherwise if otherwise is not None else value)

    return read


def _putter(block: Block, field: Field) -> Putter | None:
    """The way back of a plain line: one path without `*` whose transforms all know theirs."""
    if not isinstance(block.read, str) or block.write == "none" or block.combine or block.otherwise:
        return None
    line = parse_line(block.read)
    if "*" in line.path or not line.path or any(step.write is None for step, _ in line.steps) or block.then:
        return None
    back = {ours: theirs for theirs, ours in (block.words or {}).items()}
    if len(back) != len(block.words or {}):
        return None
    return _put_line(line, back, field)


def _put_line(line: Line, back: Mapping[str, str], field: Field) -> Putter:
    def put(body: dict[str, Any], value: Any, tables: Tables) -> None:
        written = _plain(value, field.type) if not line.steps else value
        for step, argument in reversed(line.steps):
            told = tables.get("settings", {}).get(argument, "") if step.per_setting else argument
            written = None if written is None else (step.write or step.read)(written, told)
        put_path(body, line.path, back.get(written, written) if isinstance(written, str) else written)

    return put


def _plain(value: Any, kind: FieldType) -> Any:
    """A domain value as the JSON that a plain path holds: the first e-mail's text, a link's id, a day's ISO form."""
    if value is None:
        return None
    if kind in (FieldType.EMAILS, FieldType.PHONES):
        return value[0].value if value else None
    if kind is FieldType.TAGS:
        return [tag.name for tag in value]
    if kind is FieldType.LINK:
        return value.id
    if kind in (FieldType.DATE, FieldType.INSTANT):
        return value.isoformat()
    return value


def _top_keys(block: Block) -> list[str]:
    """The CRM's own top-level keys that a field is read from: what sparse fields must ask for."""
    paths: list[str] = []
    for given in (block.read, block.each, block.map, *((block.object or {}).values() if block.each is None else ())):
        paths += [given] if isinstance(given, str) else list(given or [])
    paths += _SLOT.findall(block.format or "")
    return [top for path in paths if (top := parse_line(path).path.split(".")[0])]
