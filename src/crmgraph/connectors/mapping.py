"""Lenses: each field of a definition compiled once to a getter and, where its mapping tells the way back, a putter."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, Literal

from crmgraph.connectors.blocks import SLOT, belongs, block_reader
from crmgraph.connectors.lines import Reader, named, parse_line, parse_steps, reader
from crmgraph.connectors.paths import compile_path, put_path
from crmgraph.connectors.putting import Putter, putter_of
from crmgraph.connectors.spec_fields import Block
from crmgraph.connectors.spec_words import Paths
from crmgraph.connectors.transforms import Unreadable
from crmgraph.connectors.usual import Form, form_of
from crmgraph.connectors.values import maker_of
from crmgraph.domain.errors import BadReply
from crmgraph.domain.model import Field
from crmgraph.domain.records import Getter, Tables

__all__ = ["Lens", "Putter", "Reader", "belongs", "compile_field", "lines_of", "reader", "tables_of"]


@dataclass(frozen=True, slots=True)
class Lens:
    """One field of one resource: how it is read and put back, the vocabularies it looks into, the keys it is read from.

    `put(body, value, before, tables)` gives what has no room and is None where the field is read-only; `on` is the
    only write that takes it, `apart` says that it is written otherwise than read. `reads` are the CRM's own top-level
    keys, None where the whole record is looked through. `tables` are the vocabularies for reading it, `back` those that
    writing it takes besides. `form` is its usual form, by which it is read together with others.
    """

    get: Getter
    put: Putter | None
    tables: frozenset[str]
    reads: frozenset[str] | None
    on: Literal["create", "update"] | None = None
    apart: bool = False
    back: frozenset[str] = frozenset()
    form: Form | None = None


def compile_field(source_field: Field, spec: Paths | Block, where: str) -> Lens:
    """The lens of one field; `where` names it in errors ("contact with a `birthDate`")."""
    block = block_of(spec)
    get, put = whole_getter(block, source_field, where), putter_of(block, source_field)
    tables, apart = frozenset(tables_of(block)), block.write is not None
    back = frozenset(_tables_back(block)) - tables
    careful, form = put and _careful(put, get, block), form_of(source_field, block, get)
    return Lens(get, careful, tables, _top_keys(block), block.on, apart, back, form)


def whole_getter(block: Block, field: Field, where: str) -> Getter:
    """The reading half of a field, for every form that a value may have; raises BadReply for what is of none."""
    inner, make = block_reader(block, field), maker_of(field)

    def get(raw: Any, tables: Tables) -> Any:
        try:
            value = inner(raw, tables)
            return None if value is None or value == "" or value == [] else make(value)
        except Unreadable as wrong:
            source = str(tables.get("settings", {}).get("source", "?"))
            raise BadReply(source, f"{source} answered a {where} that holds {wrong}.") from None

    return get


def block_of(spec: Paths | Block) -> Block:
    """A field's block; a line or several alone are what it reads."""
    return spec if isinstance(spec, Block) else Block(read=spec)


def _careful(put: Putter, get: Getter, block: Block) -> Putter:
    """The same putter, but a value that the record has already is put as the CRM spells it."""
    homes = list(_homes(block))

    def careful(body: dict[str, Any], value: Any, before: Any, tables: Tables) -> tuple[Any, ...]:
        if get(before, tables) != value:
            return put(body, value, before, tables)
        for home in homes:
            there = compile_path(home)(before)
            if there is not None:
                put_path(body, home, there)
        return ()

    return careful


def _homes(block: Block) -> Iterable[str]:
    """The paths under which a field's value lies as a whole, where it does and is written there."""
    if block.rest is None and block.write is None:
        for line in (block.read, block.each, block.map, *((block.object or {}).values() if block.each is None else ())):
            if isinstance(line, str):
                yield ".".join(
                    takewhile(lambda step: step != "*" and not step.isdigit(), parse_line(line).path.split("."))
                )


def tables_of(block: Block) -> list[str]:
    """The vocabularies that a field is read with."""
    steps = [step for line in lines_of(block) for step in parse_line(line).steps]
    return [*([block.table] if block.table else []), *named([*steps, *parse_steps(block.then)], "table")]


def _tables_back(block: Block) -> list[str]:
    """The vocabularies that a field is written with, where it is written otherwise than read."""
    if block.write in (None, "none"):
        return []
    return tables_of(block_of(block.write))


def lines_of(block: Block) -> list[str]:
    """Every mapping line of a block."""
    given = (block.read, *(block.object or {}).values())
    return [line for paths in given for line in ([paths] if isinstance(paths, str) else paths or [])]


def _top_keys(block: Block) -> frozenset[str] | None:
    """The CRM's own top-level keys that a field is read from: what sparse fields must ask for."""
    if block.rest is not None:
        return None
    paths = [block.each] if block.each is not None else [*lines_of(block), *([block.map] if block.map else [])]
    tops = {parse_line(path).path.split(".")[0] for path in [*paths, *SLOT.findall(block.format or "")]}
    return None if "" in tops or "*" in tops else frozenset(tops)
