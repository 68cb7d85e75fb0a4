"""The way back of a lens: a field's value put where its mapping reads it from.

A putter changes `body` and gives what of the value has no room there; `before` is the record as the CRM has it ({} for
a new one), so that what a value does not speak of stays as it was. Where the mapping does not tell the way back there
is no putter: the field is read-only.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from fnmatch import fnmatchcase
from typing import Any

from crmgraph.connectors.likeness import LIKENESS, same_text
from crmgraph.connectors.lines import Line, parse_line, through, told
from crmgraph.connectors.paths import compile_path, put_path
from crmgraph.connectors.places import at_place, is_place
from crmgraph.connectors.refusals import some_of
from crmgraph.connectors.spec_fields import Block
from crmgraph.connectors.spec_words import Paths
from crmgraph.connectors.spreading import beside, spread
from crmgraph.connectors.transforms import Unreadable
from crmgraph.connectors.values import as_json, as_parts, as_plain
from crmgraph.domain.errors import InputError
from crmgraph.domain.model import Field, FieldType
from crmgraph.domain.records import Tables

Putter = Callable[[dict[str, Any], Any, Any, Tables], tuple[Any, ...]]
Put = Callable[[dict[str, Any], Any, Any, Tables], None]

_LISTS = (FieldType.EMAILS, FieldType.PHONES, FieldType.TAGS, FieldType.LINKS, FieldType.LINK)
_OF_ONE = (FieldType.EMAILS, FieldType.PHONES)
_OF_PARTS = (FieldType.ADDRESSES, FieldType.CUSTOM, FieldType.CONSENT)
_TRUTH: Mapping[str, Any] = {"true": True, "false": False}


def putter_of(block: Block, field: Field) -> Putter | None:
    """The way back of a field, None where its mapping does not tell it."""
    if block.write == "none":
        return None
    if isinstance(block.write, str):
        back = Block(read=block.write, words=block.words)
    else:
        back = block.write or block
    put, room = _put_of(back, field), block.limit or back.limit or _room(back, field)
    if put is None:
        return None
    put = beside(put, back.beside, field) if back.beside else put
    return _limited(put, room, single=(block.limit or back.limit) == 1 and back.each is None)


def _room(block: Block, field: Field) -> int | None:
    """How many things the place of a list holds, where its shape tells: one path one thing, an object one of them."""
    if block.object is not None and block.each is None:
        return 1
    single = isinstance(block.read, str) and not parse_line(block.read).starred
    return 1 if single and field.type in _OF_ONE else None


def _limited(put: Put, room: int | None, single: bool) -> Putter:
    """Put as many as there is room for; with `single`, the one itself and no list."""

    def limited(body: dict[str, Any], value: Any, before: Any, tables: Tables) -> tuple[Any, ...]:
        several = isinstance(value, tuple) and room is not None
        kept = value[:room] if several else value
        put(body, kept[0] if several and single and kept else kept, before, tables)
        return value[room:] if several else ()

    return limited


def _put_of(block: Block, field: Field) -> Put | None:
    if block.spread is not None:
        return spread(block.spread)
    if block.then or block.combine or block.otherwise is not None:
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


def _line(block: Block, field: Field) -> Put | None:
    line, back = parse_line(str(block.read)), _inverted(block.words or {})
    if field.type is FieldType.TEXT and is_place(line) and not block.words:
        return at_place(line.path)
    if back is None or not _goes_back(line) or field.type in _OF_PARTS:
        return None
    if line.starred:
        return _starred(line, field)

    def put(body: dict[str, Any], value: Any, before: Any, tables: Tables) -> None:
        plain = as_plain(value, field.type)
        plain = _unworded(plain, back, field) if block.words and isinstance(plain, str) else plain
        put_path(body, line.path, _written(plain, line, tables))

    return put


def _inverted(words: Mapping[str, str]) -> Mapping[str, Any] | None:
    """Our word → the CRM's, None where two of the CRM's mean the same to us."""
    back = {ours: _TRUTH.get(theirs.lower(), theirs) for theirs, ours in words.items()}
    return back if len(back) == len(words) else None


def _unworded(word: str, back: Mapping[str, Any], field: Field) -> Any:
    """The CRM's word for ours; raises InputError where it has none for a word of an enumeration."""
    if word not in back and field.values is not None:
        raise InputError(f"`{field.name}` cannot be {word} here; the CRM knows {', '.join(back)}.")
    return back.get(word, word)


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


def constant(text: str, tables: Tables) -> Any:
    """A word as the transforms after it write it: `Task | table types`."""
    line = parse_line(text)
    return _written(line.path, line, tables)


def _unmeant(value: Any, table: Mapping[str, Any]) -> Any:
    """The id of what a vocabulary says, or of each in a list; raises InputError for what it does not say."""
    if isinstance(value, list):
        return [_unmeant(one, table) for one in value]
    for ident, meaning in table.items():
        if any(_same(value, said) for said in _said(meaning)):
            return ident
    known = some_of(str(next(iter(_said(meaning)), "")) for meaning in table.values())
    raise InputError(f"`{value}` is none of the values that the CRM knows there; it knows {known}.")


def _said(meaning: Any) -> tuple[Any, ...]:
    """What a meaning goes by: itself, or its key and its name."""
    if not isinstance(meaning, dict):
        return (meaning,)
    return tuple(meaning[part] for part in ("key", "name") if meaning.get(part) is not None)


def _same(said: Any, known: Any) -> bool:
    both = isinstance(said, str) and isinstance(known, str)
    return bool(said.casefold() == known.casefold() if both else said == known)


def _starred(line: Line, field: Field) -> Put | None:
    """`emails.*.email`: a list of objects of which one key is ours; the others of an element that stays are kept."""
    home, _, inner = line.path.partition("*")
    home, inner = home.rstrip("."), inner.lstrip(".")
    if field.type not in _LISTS or not home:
        return None
    at, within = compile_path(home), compile_path(inner)
    ours = through(lambda raw, tables: within(raw), line.steps)

    def elements_of(before: Any, tables: Tables) -> Iterator[tuple[Any, Any]]:
        """What each element is to us, and the element; those that are read otherwise than written are not kept."""
        for one in at(before) or []:
            with suppress(Unreadable):
                yield ours(one, tables), one

    def put(body: dict[str, Any], value: Any, before: Any, tables: Tables) -> None:
        elements = list(elements_of(before, tables))
        there = [(str(said), one) for said, one in elements if said is not None]
        unread = [one for said, one in elements if said is None]
        texts = [_alone(as_plain(one, field.type)) for one in _singly(value)]
        made = [_respelt(_alike(there, str(one), field), inner, _written(one, line, tables)) for one in texts]
        put_path(body, home, [*made, *unread])

    return put


def _singly(value: Any) -> list[Any]:
    """The things of a list, each as a list of one; a thing that is in no list, by itself."""
    listed = isinstance(value, tuple)
    return [(one,) for one in value] if listed else [] if value is None else [value]


def _alone(plain: Any) -> Any:
    return plain[0] if isinstance(plain, list) else plain


def _alike(there: Sequence[tuple[str, Any]], said: str, field: Field) -> Any:
    """The element that says the same, best in the very spelling; None for a new one."""
    same = LIKENESS.get(field.type, same_text)
    exact = next((one for known, one in there if known == said), None)
    return exact if exact is not None else next((one for known, one in there if same(known, said)), None)


def _respelt(element: Any, path: str, value: Any) -> Any:
    """The element, or a new one, with the value as it is spelt now; what else it holds stays."""
    if not path:
        return element if isinstance(element, dict) else value
    made: dict[str, Any] = deepcopy(element) if isinstance(element, dict) else {}
    put_path(made, path, value)
    return made


def _object(parts: Mapping[str, Paths], field: Field) -> Put | None:
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


def _each(block: Block, field: Field) -> Put | None:
    lines = _part_lines(block.object or {})
    home = parse_line(block.each or "")
    if lines is None or home.steps or not home.path or home.starred or not _goes_back(home):
        return None
    if block.where is not None or block.key not in {line.path for line in lines.values()}:
        return None
    return _put_each(home.path, str(block.key), lines, block.table, field)


def _put_each(home: str, key: str, lines: Mapping[str, Line], table: str | None, field: Field) -> Put:
    at, known_by = compile_path(home), compile_path(key)

    def put(body: dict[str, Any], value: Any, before: Any, tables: Tables) -> None:
        there = [(str(known_by(one)), one) for one in at(before) or []]
        made: list[dict[str, Any]] = []
        for part in as_parts(value, field.type):
            fresh = _put_parts({}, _with_id(part, table, tables), lines, {}, tables)
            old = _alike(there, str(known_by(fresh)), field) or {}
            spoken = _spoken(lines, part, field)
            element = _put_parts(_without(old, spoken), _with_id(part, table, tables), spoken, old, tables)
            if field.type is FieldType.CUSTOM and part["value"] is None:
                put_path(element, lines["value"].path, None)
            made.append(element)
        put_path(body, home, made)

    return put


def _spoken(lines: Mapping[str, Line], part: Mapping[str, Any], field: Field) -> Mapping[str, Line]:
    """The parts that are told; of an address or a number that is known, what is left out stays as it is."""
    if field.type not in _OF_ONE:
        return lines
    return {name: line for name, line in lines.items() if part.get(name) is not None}


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


def _map(path: str, table: str | None) -> Put | None:
    if not _goes_back(parse_line(path)):
        return None
    at = compile_path(path)

    def put(body: dict[str, Any], value: Any, before: Any, tables: Tables) -> None:
        given = _by_key(value, table, tables)
        gone = {key: None for key in at(before) or {} if key not in given}
        put_path(body, path, {**given, **gone})

    return put


def _rest(pattern: str, table: str | None) -> Put:
    def put(body: dict[str, Any], value: Any, before: Any, tables: Tables) -> None:
        given = _by_key(value, table, tables)
        if wrong := [key for key in given if not fnmatchcase(key, pattern)]:
            raise InputError(f"`{wrong[0]}` is no key of a custom field here; they are written like `{pattern}`.")
        body.update({key: None for key in before if fnmatchcase(key, pattern)} | given)

    return put


def _by_key(value: Any, table: str | None, tables: Tables) -> dict[str, Any]:
    parts: Sequence[Mapping[str, Any]] = [_with_id(part, table, tables) for part in as_parts(value, FieldType.CUSTOM)]
    return {str(part["key"]): part["value"] for part in parts}
