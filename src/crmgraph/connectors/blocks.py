"""What each word of a field's block reads from a raw record, before the field's type makes a value of it."""

import re
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from crmgraph.connectors.lines import Reader, parse_steps, reader, through
from crmgraph.connectors.paths import compile_path, first_of
from crmgraph.connectors.spec_fields import Block, Only
from crmgraph.connectors.spec_words import Paths
from crmgraph.connectors.transforms import Unreadable
from crmgraph.domain.model import Field, FieldType
from crmgraph.domain.records import Tables

SLOT = re.compile(r"\{([^{}]*)\}")
"""A `{path}` in a `format`."""


def block_reader(block: Block, field: Field) -> Reader:
    """The reading half of a block."""
    in_parts = block.object is not None and block.each is None and field.type is FieldType.CONSENT
    read = _source(block)
    if block.words is not None:
        read = _worded_parts(read, block.words) if in_parts else _worded(read, block.words, block.otherwise)
    return through(read, parse_steps(block.then))


def _source(block: Block) -> Reader:
    if block.each is not None:
        return _each(block)
    if block.object is not None:
        return object_reader(block.object)
    if block.map is not None:
        return _entries(compile_path(block.map), block.table)
    if block.rest is not None:
        return _rest(block.rest, block.table)
    if block.format is not None:
        return _formatted(block.format)
    if block.read is None:
        return lambda raw, tables: block.const
    readers = _readers(block.read)
    return first_of(readers) if block.combine is None else _combined(readers, block.combine)


def _readers(paths: Paths) -> list[Reader]:
    return [reader(line) for line in ([paths] if isinstance(paths, str) else paths)]


def object_reader(parts: Mapping[str, Paths]) -> Reader:
    """Our parts from their paths; None where every part is missing."""
    readers = {name: first_of(_readers(paths)) for name, paths in parts.items()}

    def read(raw: Any, tables: Tables) -> Any:
        found = {name: one(raw, tables) for name, one in readers.items()}
        return found if any(value is not None for value in found.values()) else None

    return read


def _each(block: Block) -> Reader:
    elements, counts = compile_path(block.each or ""), belongs(block.where)
    part, table = object_reader(block.object or {"value": ""}), block.table

    def read(raw: Any, tables: Tables) -> Any:
        found = elements(raw)
        listed = found if isinstance(found, list) else [] if found is None else [found]
        kept = [made for made in (part(one, tables) for one in listed if counts(one)) if made is not None]
        return _translated(kept, table, tables)

    return read


def belongs(only: Only | None) -> Callable[[Any], bool]:
    """Whether a raw record, or an element of a list, is one of those meant; what cannot be read counts as missing."""
    if only is None:
        return lambda raw: True
    look, wanted, refused = reader(only.path), only.any_of, only.none_of or []

    def tell(raw: Any) -> bool:
        try:
            found = look(raw, {})
        except Unreadable:
            found = None
        return found in wanted if wanted is not None else found not in refused

    return tell


def _translated(parts: list[dict[str, Any]], table: str | None, tables: Tables) -> list[dict[str, Any]]:
    """To each part what the table says of its key; an id that the table does not know stays as it is."""
    if table is None:
        return parts
    known = tables.get(table, {})
    return [_with_meaning(part, known) for part in parts]


def _with_meaning(part: dict[str, Any], table: Mapping[str, Any]) -> dict[str, Any]:
    meaning = table.get(str(part.get("key", part.get("id", part.get("value")))))
    if meaning is None:
        return part
    return {**part, **(meaning if isinstance(meaning, dict) else {"name": meaning})}


def _entries(at: Callable[[Any], Any], table: str | None) -> Reader:
    def read(raw: Any, tables: Tables) -> Any:
        found = at(raw)
        pairs = found.items() if isinstance(found, dict) else ()
        return _translated([{"key": key, "value": value} for key, value in pairs], table, tables)

    return read


def _rest(pattern: str, table: str | None) -> Reader:
    def read(raw: Any, tables: Tables) -> Any:
        pairs = raw.items() if isinstance(raw, dict) else ()
        fitting = [{"key": key, "value": value} for key, value in pairs if fnmatchcase(key, pattern)]
        return _translated(fitting, table, tables)

    return read


def _formatted(template: str) -> Reader:
    paths = {path: compile_path(path) for path in SLOT.findall(template)}

    def read(raw: Any, tables: Tables) -> Any:
        found = {path: get(raw) for path, get in paths.items()}
        if any(value is None or value == "" for value in found.values()):
            return None
        return SLOT.sub(lambda slot: str(found[slot.group(1)]), template)

    return read


def _combined(readers: Sequence[Reader], how: str) -> Reader:
    def read(raw: Any, tables: Tables) -> Any:
        found = [value for value in (one(raw, tables) for one in readers) if value is not None]
        if how == "any":
            return any(found) if found else None
        return [one for value in found for one in (value if isinstance(value, list) else [value])]

    return read


def word(value: Any) -> str:
    """A value as `words` compares it: JSON's truth values by their names, texts in any case."""
    return ("true" if value else "false") if isinstance(value, bool) else str(value).strip().lower()


def _worded(before: Reader, words: Mapping[str, str], otherwise: str | None) -> Reader:
    known = {theirs.lower(): ours for theirs, ours in words.items()}

    def one(value: Any) -> Any:
        return value if isinstance(value, dict) else known.get(word(value), value if otherwise is None else otherwise)

    def read(raw: Any, tables: Tables) -> Any:
        value = before(raw, tables)
        if value is None:
            return None
        return [one(element) for element in value] if isinstance(value, list) else one(value)

    return read


def _worded_parts(before: Reader, words: Mapping[str, str]) -> Reader:
    known = {theirs.lower(): ours for theirs, ours in words.items()}

    def read(raw: Any, tables: Tables) -> Any:
        parts = before(raw, tables)
        return parts and {name: known.get(word(said), said) for name, said in parts.items()}

    return read
