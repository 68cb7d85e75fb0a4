"""The way back of a lens: a field's value put where its mapping reads it from.

A putter changes `body`; `before` is the record as the CRM has it ({} for a new one), so that what a value does not
speak of stays as it was. Where the mapping does not tell the way back there is no putter: the field is read-only.
"""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from fnmatch import fnmatchcase
from typing import Any

from crmgraph.connectors.lines import Line, parse_line, told
from crmgraph.connectors.paths import compile_path, put_path
from crmgraph.connectors.spec_fields import Block
from crmgraph.connectors.spec_words import Paths
from crmgraph.connectors.values import as_json, as_parts, as_plain
from crmgraph.domain.errors import InputError
from crmgraph.domain.model import Field, FieldType
from crmgraph.domain.records import Tables

Putter = Callable[[dict[str, Any], Any, Any, Tables], None]

_LISTS = (FieldType.EMAILS, FieldType.PHONES, FieldType.TAGS, FieldType.LINKS)
_OF_PARTS = (FieldType.ADDRESSES, FieldType.CUSTOM, FieldType.CONSENT, FieldType.OPTIONS)
_TRUTH: Mapping[str, Any] = {"true": True, "false": False}


def putter_of(block: Block, field: Field) -> Putter | None:
    """The way back of a field, None where its mapping does not tell it."""
    if block.write == "none" or block.then or block.combine or block.otherwise is not None:
        return None
    if block.each is not None:
        return _each(block, field) if block.key and block.object and not block.words else None
    if block.object is not None:
        return None if block.words else _object(block.object, field)
    if block.map is not None:
        return _map(block.map, block.table)
    if block.rest is not None:
        return _rest(block.rest, block.table)
    return _line(block, field) if isinstance(block.read, str) else None


def _line(block: Block, field: Field) -> Putter | None:
    line, back = parse_line(str(block.read)), _inverted(block.words or {})
    if back is None or not _goes_back(line) or field.type in _OF_PARTS:
        return None
    if line.starred:
        return _starred(line, field)

    def put(body: dict[str, Any], value: Any, before: Any, tables: Tables) -> None:
        plain = as_plain(value, field.type)
        plain = back.get(plain, plain) if isinstance(plain, str) else plain
        put_path(body, line.path, _written(plain, line, tables))

    return put


def _inverted(words: Mapping[str, str]) -> Mapping[str, Any] | None:
    """Our word → the CRM's, None where two of the CRM's mean the same to us."""
    back = {ours: _TRUTH.get(theirs.lower(), theirs) for theirs, ours in words.items()}
    return back if len(back) == len(words) else None


def _goes_back(line: Line) -> bool:
    """Whether a value can be put at the line's path: through objects only, by transforms that all know their way."""
    steps = line.path.split(".")
    known = all(step.write is not None or step.takes == "table" for step, _ in line.steps)
    return known and all(steps) and not any(step.isdigit() for step in steps) and steps.count("*") <= 1


def _written(value: Any, line: Line, tables: Tables) -> Any:
    for step, argument in reversed(line.steps):
        if value is not None and step.takes == "table":
            value = _unmeant(value, tables.get(argument, {}))
        elif value is not None and step.write is not None:
            value = step.write(value, told(step, argument, tables))
    return as_json(value)


def _unmeant(value: Any, table: Mapping[str, Any]) -> Any:
    """The id of what a vocabulary says, or of each in a list; raises InputError for what it does not say."""
    if isinstance(value, list):
        return [_unmeant(one, table) for one in value]
    for ident, meaning in table.items():
        if value in (meaning, meaning.get("key") if isinstance(meaning, dict) else None):
            return ident
    raise InputError(f"`{value}` is none of the values that the CRM knows there.")


def _starred(line: Line, field: Field) -> Putter | None:
    """`emails.*.email`: a list of objects of which one key is ours; the others of an element that stays are kept."""
    home, _, inner = line.path.partition("*")
    home, inner = home.rstrip("."), inner.lstrip(".")
    if field.type not in _LISTS or not home:
        return None
    at, within = compile_path(home), compile_path(inner)

    def put(body: dict[str, Any], value: Any, before: Any, tables: Tables) -> None:
        there = {str(within(one)): one for one in at(before) or []}
        texts = [_written(as_plain((one,), field.type), line, tables) for one in value or ()]
        flat = [one[0] if isinstance(one, list) and one else one for one in texts]
        put_path(body, home, [there.get(str(one), _new(inner, one)) for one in flat])

    return put


def _new(path: str, value: Any) -> Any:
    if not path:
        return value
    made: dict[str, Any] = {}
    put_path(made, path, value)
    return made


def _object(parts: Mapping[str, Paths], field: Field) -> Putter | None:
    lines = _part_lines(parts)
    if lines is None:
        return None

    def put(body: dict[str, Any], value: Any, before: Any, tables: Tables) -> None:
        several = as_parts(value, field.type)
        _put_parts(body, several[0] if several else {}, lines, before, tables)

    return put


def _part_lines(parts: Mapping[str, Paths]) -> Mapping[str, Line] | None:
    """The line of each part; None where a part stands in several places, or its line does not go back."""
    if not all(isinstance(path, str) for path in parts.values()):
        return None
    lines = {name: parse_line(str(path)) for name, path in parts.items()}
    fit = all(_goes_back(line) and not line.starred for line in lines.values())
    return lines if fit else None


def _put_parts(
    target: dict[str, Any], part: Mapping[str, Any], lines: Mapping[str, Line], before: Any, tables: Tables
) -> dict[str, Any]:
    """Put each part at its path; one that is missing is put as null where something stands or stood."""
    filled: set[str] = set()
    for name, line in lines.items():
        value = _written(part.get(name), line, tables)
        at = compile_path(line.path)
        if value is not None:
            put_path(target, line.path, value)
            filled.add(line.path)
        elif line.path not in filled and (at(target) is not None or at(before) is not None):
            put_path(target, line.path, None)
    return target


def _each(block: Block, field: Field) -> Putter | None:
    lines = _part_lines(block.object or {})
    home = parse_line(block.each or "")
    if lines is None or home.steps or not home.path or home.starred or not _goes_back(home):
        return None
    if block.where is not None or block.key not in {line.path for line in lines.values()}:
        return None
    return _put_each(home.path, str(block.key), lines, block.table, field)


def _put_each(home: str, key: str, lines: Mapping[str, Line], table: str | None, field: Field) -> Putter:
    at, known_by = compile_path(home), compile_path(key)

    def put(body: dict[str, Any], value: Any, before: Any, tables: Tables) -> None:
        there = {str(known_by(one)): one for one in at(before) or []}
        made: list[dict[str, Any]] = []
        for part in as_parts(value, field.type):
            fresh = _put_parts({}, _with_id(part, table, tables), lines, {}, tables)
            old = there.get(str(known_by(fresh)), {})
            others = _without(old, lines)
            made.append(_put_parts(others, _with_id(part, table, tables), lines, old, tables))
        put_path(body, home, made)

    return put


def _without(element: Any, lines: Mapping[str, Line]) -> dict[str, Any]:
    """What of an element our parts do not speak of."""
    ours = {line.path.split(".")[0] for line in lines.values() if "." not in line.path}
    return {key: deepcopy(value) for key, value in element.items() if key not in ours}


def _with_id(part: Mapping[str, Any], table: str | None, tables: Tables) -> Mapping[str, Any]:
    """The part under the CRM's own id, where a vocabulary had replaced it by a key."""
    if table is None:
        return part
    known = tables.get(table, {})
    keys = {meaning["key"]: ident for ident, meaning in known.items() if isinstance(meaning, dict) and "key" in meaning}
    return {**part, "key": keys.get(part.get("key"), part.get("key"))}


def _map(path: str, table: str | None) -> Putter | None:
    if not _goes_back(parse_line(path)):
        return None
    at = compile_path(path)

    def put(body: dict[str, Any], value: Any, before: Any, tables: Tables) -> None:
        given = _by_key(value, table, tables)
        gone = {key: None for key in at(before) or {} if key not in given}
        put_path(body, path, {**given, **gone})

    return put


def _rest(pattern: str, table: str | None) -> Putter:
    def put(body: dict[str, Any], value: Any, before: Any, tables: Tables) -> None:
        given = _by_key(value, table, tables)
        if wrong := [key for key in given if not fnmatchcase(key, pattern)]:
            raise InputError(f"`{wrong[0]}` is no key of a custom field here; they are written like `{pattern}`.")
        body.update({key: None for key in before if fnmatchcase(key, pattern)} | given)

    return put


def _by_key(value: Any, table: str | None, tables: Tables) -> dict[str, Any]:
    parts: Sequence[Mapping[str, Any]] = [_with_id(part, table, tables) for part in as_parts(value, FieldType.CUSTOM)]
    return {str(part["key"]): part["value"] for part in parts}
