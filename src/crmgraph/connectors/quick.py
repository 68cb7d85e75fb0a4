"""Getters for values of the usual form: what is otherwise is read the whole way, which knows every form and error.

Most values that a CRM gives are texts where texts are expected. Each getter here looks once and makes the value; at the
first thing that is different it gives what the whole way gives, so that both always agree.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from crmgraph.connectors.paths import PathGetter, compile_path, first_of
from crmgraph.connectors.spec_fields import Block
from crmgraph.connectors.transforms import Unreadable, parse_instant
from crmgraph.domain.model import Address, Custom, Email, Field, FieldType, Link, Phone, TagName
from crmgraph.domain.records import Getter, Tables

_REMEMBERED = 65_536

_FEW = 100
"""How many different values of a field that has words are remembered."""

Make = Callable[[Any], Any]
"""From what a path gives, never None, to the domain's value; raises Unusual."""


class Unusual(Exception):
    """A value that only the whole way reads."""


def quick(block: Block, field: Field, whole: Getter) -> Getter:
    """A getter that agrees with `whole`, and is quicker where the block and the values are of the usual form."""
    said = block.model_fields_set - {"write", "on", "limit", "key", "spread", "beside"}
    if said == {"read", "words"} or said == {"read", "words", "otherwise"}:
        at = _plain(block.read)
        return whole if at is None else _worded(at, whole)
    if field.values is not None:
        return whole
    if said == {"read"}:
        return _read(_plain(block.read), field.type, whole)
    if said == {"object"} or said == {"each", "object"}:
        return _made_of_parts(block, field.type, whole)
    return whole


def _plain(paths: Any) -> PathGetter | None:
    """What stands at a path, or first at several, where none of them has transforms."""
    lines = [paths] if isinstance(paths, str) else paths
    if any("|" in line for line in lines):
        return None
    return first_of([compile_path(line.strip()) for line in lines])


def _read(at: PathGetter | None, type: FieldType, whole: Getter) -> Getter:
    if at is None:
        return whole
    if type is FieldType.TEXT:
        return _text_at(at, whole)
    make = _LINES.get(type)
    return whole if make is None else _getter(at, make, whole)


def _text_at(at: PathGetter, whole: Getter) -> Getter:
    """As `_getter`, for the most frequent of all."""

    def get(raw: Any, tables: Tables) -> Any:
        value = at(raw)
        if value.__class__ is str:
            return value if value and not value.isspace() else None
        return None if value is None else whole(raw, tables)

    return get


def _getter(at: PathGetter, make: Make, whole: Getter) -> Getter:
    def get(raw: Any, tables: Tables) -> Any:
        value = at(raw)
        if value is None:
            return None
        try:
            return make(value)
        except Unusual:
            return whole(raw, tables)

    return get


def _worded(at: PathGetter, whole: Getter) -> Getter:
    """What the whole way made of each value is remembered: they are few."""
    known: dict[tuple[type, Any], Any] = {}

    def get(raw: Any, tables: Tables) -> Any:
        value = at(raw)
        if value.__class__ not in _SCALARS:
            return whole(raw, tables)
        key = (value.__class__, value)
        found = known.get(key)
        if found is None:
            found = whole(raw, tables)
            if len(known) < _FEW:
                known[key] = found
        return found

    return get


_SCALARS = (str, bool, int)


def _word(value: Any) -> str | None:
    """A text, None where it is empty."""
    if value is None:
        return None
    if value.__class__ is not str:
        raise Unusual
    return value if value and not value.isspace() else None


def _ident(value: Any) -> str | None:
    return str(value) if value.__class__ is int else _word(value)


@lru_cache(_REMEMBERED)
def instant(value: str) -> datetime | None:
    """A time as `parse_instant` reads it, None where it does not."""
    try:
        return parse_instant(value)
    except Unreadable:
        return None


def _moment(value: Any) -> Any:
    found = instant(value) if value.__class__ is str else None
    if found is None:
        raise Unusual
    return found


def _truth(value: Any) -> bool:
    if value.__class__ is not bool:
        raise Unusual
    return bool(value)


def _link(value: Any) -> Link | None:
    ident = _ident(value)
    return None if ident is None else Link(ident)


def _listed(make: Make) -> Make:
    """The values of a list of texts, or of one alone."""

    def several(value: Any) -> Any:
        if value.__class__ is str:
            return None if value.isspace() or not value else (make(value),)
        listed = value if value.__class__ is list else [value]
        return tuple([make(word) for one in listed if (word := _word(one)) is not None]) or None

    return several


_LINES: Mapping[FieldType, Make] = {
    FieldType.INSTANT: _moment,
    FieldType.BOOLEAN: _truth,
    FieldType.LINK: _link,
    FieldType.EMAILS: _listed(Email),
    FieldType.PHONES: _listed(Phone),
    FieldType.TAGS: _listed(TagName),
}
"""What a path alone gives."""


def _made_of_parts(block: Block, type: FieldType, whole: Getter) -> Getter:
    """The value of a block that has parts: of the record's own, or of each element's of a list."""
    element = _ELEMENTS.get(type)
    at = _plain(block.each) if block.each is not None else _itself
    parts = {name: _plain(paths) for name, paths in (block.object or {}).items()}
    if element is None or at is None or (block.each is not None and type in _ALONE):
        return whole
    plain = {name: part for name, part in parts.items() if part is not None}
    if len(plain) < len(parts):
        return whole
    make = element(plain)
    if type not in _ALONE:
        make = _one(make) if block.each is None else _each(make)
    return _getter(at, make, whole)


def _itself(raw: Any) -> Any:
    return raw


def _one(make: Make) -> Make:
    def alone(value: Any) -> Any:
        made = make(value)
        return None if made is None else (made,)

    return alone


def _each(make: Make) -> Make:
    def several(value: Any) -> Any:
        if value.__class__ is not list:
            raise Unusual
        return tuple([made for one in value if (made := make(one)) is not None]) or None

    return several


Parts = Mapping[str, PathGetter]


def _nothing(raw: Any) -> Any:
    return None


def _reachable(shape: type[Email] | type[Phone]) -> Callable[[Parts], Make]:
    def of(parts: Parts) -> Make:
        value, kind, primary = (parts.get(name, _nothing) for name in ("value", "kind", "primary"))

        def make(one: Any) -> Any:
            found = value(one)
            if found.__class__ is not str:
                raise Unusual
            sort = _word(kind(one))
            return shape(found, sort, bool(primary(one))) if found and not found.isspace() else None

        return make

    return of


def _address(parts: Parts) -> Make:
    names = ("street", "city", "region", "postal_code", "country", "kind")
    getters = [parts.get(name, _nothing) for name in names]

    def make(one: Any) -> Any:
        said = [_word(get(one)) for get in getters]
        return Address(*said) if any(said[:-1]) else None

    return make


def _pointer(parts: Parts) -> Make:
    ident, name = parts.get("id", _nothing), parts.get("name", _nothing)

    def make(one: Any) -> Any:
        found, called = _ident(ident(one)), _word(name(one))
        return Link(found, called) if found or called else None

    return make


def _custom(parts: Parts) -> Make:
    key, value, label, sort = (parts.get(name, _nothing) for name in ("key", "value", "label", "type"))

    def make(one: Any) -> Any:
        named, said = key(one), value(one)
        if named.__class__ is not str:
            raise Unusual
        return None if said in (None, "", []) else Custom(named, said, label(one), sort(one))

    return make


_ELEMENTS: Mapping[FieldType, Callable[[Parts], Make]] = {
    FieldType.EMAILS: _reachable(Email),
    FieldType.PHONES: _reachable(Phone),
    FieldType.ADDRESSES: _address,
    FieldType.LINK: _pointer,
    FieldType.LINKS: _pointer,
    FieldType.CUSTOM: _custom,
}

_ALONE = frozenset({FieldType.LINK})
"""The types that are one thing: their parts are the record's own."""
