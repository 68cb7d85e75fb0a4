"""Selections compiled: what is asked of one type, as one generated function and what must wait for more calls.

A selection is compiled once for a document and the truth of its conditions (`@skip`, `@include`), and then executed as
often as it is asked. What this cannot do is left to graphql-core, whose executor asks it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol

from graphql import (
    GraphQLField,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    is_abstract_type,
    is_leaf_type,
    is_object_type,
)
from graphql.execution.collect_fields import CollectedFields, FieldDetailsList
from strawberry import Schema
from strawberry.types.field import StrawberryField

from crmgraph.api.reads import Many, many_of, source_code
from crmgraph.api.source_text import Text

BACKREF = "strawberry-definition"
"""Under which Strawberry leaves its own field with a field of the schema."""

Project = Callable[[Any, Mapping[int, Mapping[str, Any]]], Any]
"""From a source and the arguments of the fields by their number to the answer's part; raises whatever goes wrong."""


class Collecting(Protocol):
    """What tells which fields are selected: graphql-core's executor."""

    def collect_subfields(
        self, return_type: GraphQLObjectType, field_details_list: FieldDetailsList
    ) -> CollectedFields: ...


class NotCompiled(Exception):
    """This selection holds something that only graphql-core executes."""


@dataclass(frozen=True, slots=True)
class Completion:
    """How a value becomes the answer's part: by `finish`, where nothing below it needs more calls.

    Otherwise by the selections in `nested`, by type. `several` says that the value is a list, `may_lack` and
    `items_may_lack` that it or its elements may be null.
    """

    finish: Project | None
    nested: "Mapping[str, Selection]"
    several: bool
    may_lack: bool
    items_may_lack: bool


@dataclass(frozen=True, slots=True)
class Selected:
    """A field that is told arguments or `info`, and then has a number, or that is added to what was projected."""

    key: str
    definition: GraphQLField
    own: StrawberryField
    details: FieldDetailsList
    parent: GraphQLObjectType
    number: int | None
    waits: bool
    many: Many | None
    completion: Completion


@dataclass(frozen=True, slots=True)
class Selection:
    """What is asked of one type: `project` makes the answer's part from a source, all but what `late` adds to it."""

    type: GraphQLObjectType
    project: Project
    late: Sequence[Selected]


class Plans:
    """The compiled selections of one document under fixed conditions."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema._schema
        self._roots: dict[tuple[Any, ...], Completion | None] = {}
        self._types: dict[type, str] = {}
        self.numbered: list[Selected] = []

    def root(self, type: GraphQLOutputType, details: FieldDetailsList, collecting: Collecting) -> Completion | None:
        """How a root field's value is made, None where graphql-core makes it."""
        key = tuple(id(one.node) for one in details)
        if key not in self._roots:
            try:
                self._roots[key] = self._completion(type, details, collecting)
            except NotCompiled:
                self._roots[key] = None
        return self._roots[key]

    @property
    def roots_compiled(self) -> bool:
        """Whether every root field that was asked so far could be compiled."""
        return all(one is not None for one in self._roots.values())

    def _completion(self, type: GraphQLOutputType, details: FieldDetailsList, collecting: Collecting) -> Completion:
        nested = self._nested(type, details, collecting)
        deep = any(one.late for one in nested.values())
        inner: Any = type.of_type if isinstance(type, GraphQLNonNull) else type
        several = isinstance(inner, GraphQLList)
        item = inner.of_type if several else None
        if deep and isinstance(item.of_type if isinstance(item, GraphQLNonNull) else item, GraphQLList):
            raise NotCompiled
        finish = None if deep else self._finish(type, nested)
        return Completion(finish, nested, several, inner is type, several and not isinstance(item, GraphQLNonNull))

    def _nested(
        self, type: GraphQLOutputType, details: FieldDetailsList, collecting: Collecting
    ) -> dict[str, Selection]:
        """The selections on what a field gives, by the type that it may be."""
        inner: Any = type
        while isinstance(inner, GraphQLNonNull | GraphQLList):
            inner = inner.of_type
        if is_leaf_type(inner):
            return {}
        possible = self._schema.get_possible_types(inner) if is_abstract_type(inner) else [inner]
        return {one.name: self._compiled(one, details, collecting) for one in possible}

    def _compiled(self, type: GraphQLObjectType, details: FieldDetailsList, collecting: Collecting) -> Selection:
        collected = collecting.collect_subfields(type, details)
        if type.name.startswith("__") or collected.new_defer_usages:
            raise NotCompiled
        text, late = Text(), list[Selected]()
        text.before(f"{text.name(refused)}(s) if isinstance(s, {text.name(BaseException)}) else None")
        for key, below in collected.grouped_field_set.items():
            name = below[0].node.name.value
            if name == "__typename":
                text.add(key, repr(type.name))
            elif name in type.fields:
                self._add(text, late, self._selected(key, type, below, collecting))
        return Selection(type, text.function(), late)

    def _selected(
        self, key: str, parent: GraphQLObjectType, details: FieldDetailsList, collecting: Collecting
    ) -> Selected:
        definition = parent.fields[details[0].node.name.value]
        own: StrawberryField | None = definition.extensions.get(BACKREF)
        if own is None or own.extensions or own.permission_classes:
            raise NotCompiled
        completion = self._completion(definition.type, details, collecting)
        number = len(self.numbered) if _is_told(own) else None
        one = Selected(key, definition, own, details, parent, number, own.is_async, many_of(own), completion)
        if number is not None:
            self.numbered.append(one)
        return one

    def _add(self, text: Text, late: list[Selected], one: Selected) -> None:
        """Have the object hold a field, or what it is made from later."""
        read = "None" if one.waits else source_code(one.own, text, one.number)
        finish = one.completion.finish
        if one.waits or finish is None:
            late.append(one)
            text.add(one.key, read)
        else:
            text.add(one.key, self._completed(one.definition.type, one.completion.nested, text, read))

    def _finish(self, type: GraphQLOutputType, nested: Mapping[str, Selection]) -> Project:
        """A function that completes one value of a type, generated when it is first needed: most are not."""
        made: list[Project] = []

        def finish(value: Any, arguments: Mapping[int, Mapping[str, Any]]) -> Any:
            if not made:
                text = Text()
                text.alone(self._completed(type, nested, text, "s"))
                made.append(text.function())
            return made[0](value, arguments)

        return finish

    def _completed(self, type: GraphQLOutputType, nested: Mapping[str, Selection], text: Text, read: str) -> str:
        """The expression that completes what `read` gives, as graphql-core would; it raises where that would not."""
        if isinstance(type, GraphQLNonNull):
            inner, missing = type.of_type, text.name(_missing)
        else:
            inner, missing = type, None
        value = text.variable()
        if is_leaf_type(inner):
            return _leaf(inner, text, value, read, missing)
        if isinstance(inner, GraphQLList):
            item = text.variable()
            each = self._completed(inner.of_type, nested, text, item)
            otherwise = f"{text.name(_no_list)}()"
            made = f"[{each} for {item} in {value}] if {value}.__class__ in {text.name(_LISTS)} else {otherwise}"
        elif is_object_type(inner):
            made = f"{text.name(nested[inner.name].project)}({value}, a)"
        else:
            made = f"{text.name(self._told_apart(nested))}({value}, a)"
        return f"({missing or 'None'}{'()' if missing else ''} if ({value} := {read}) is None else {made})"

    def _told_apart(self, nested: Mapping[str, Selection]) -> Project:
        def project(value: Any, arguments: Mapping[int, Mapping[str, Any]]) -> Any:
            return nested[self.type_among(nested, value)].project(value, arguments)

        return project

    def type_among(self, nested: Mapping[str, Selection], value: Any) -> str:
        """The name of an object's own type; objects of one class are of one type. Raises what is an error itself."""
        if isinstance(value, BaseException):
            raise value
        if len(nested) == 1:  # A generic class is of several types, but of one in one place.
            return next(iter(nested))
        known = self._types.get(value.__class__)
        if known is None:
            known = self._types[value.__class__] = value.__strawberry_definition__.name
        return known


_LISTS = frozenset({list, tuple})


def _is_told(own: StrawberryField) -> bool:
    """Whether a resolver is told arguments or `info`."""
    resolver = own.base_resolver
    return resolver is not None and bool(own.arguments or resolver.info_parameter)


def _is_list(type: GraphQLOutputType) -> bool:
    return isinstance(type.of_type if isinstance(type, GraphQLNonNull) else type, GraphQLList)


def refused(error: BaseException) -> None:
    """A thing that is an error in its place."""
    raise error


def _missing() -> Any:
    raise TypeError("A value that may not be null is missing.")


def _no_list() -> Any:
    raise TypeError("What should be a list is none.")


def _leaf(type: GraphQLLeafType, text: Text, value: str, read: str, missing: str | None) -> str:
    made = f"{text.name(_coerced(type))}({value})"
    as_it_is = {"String": f"{value}.__class__ is str", "ID": f"{value}.__class__ is str"}.get(type.name)
    if type.name == "Boolean":
        as_it_is = f"{value}.__class__ is bool"
    if type.name == "DateTime":
        made = f"({value}.isoformat() if {value}.__class__ is {text.name(datetime)} else {made})"
    if missing is not None:
        otherwise = f"{made} if {value} is not None else {missing}()"
        if as_it_is is None:
            return f"({made} if ({value} := {read}) is not None else {missing}())"
        return f"({value} if {as_it_is.replace(value, f'({value} := {read})', 1)} else {otherwise})"
    if as_it_is is None:
        return f"(None if ({value} := {read}) is None else {made})"
    return f"({value} if ({value} := {read}) is None or {as_it_is} else {made})"


@lru_cache(maxsize=256)
def _coerced(type: GraphQLLeafType) -> Callable[[Any], Any]:
    """A leaf's value as the answer holds it; raises where it has none."""
    coerce = type.coerce_output_value

    def coerced(value: Any) -> Any:
        if isinstance(value, BaseException):
            raise value
        found = coerce(value)
        return _missing() if found is None else found

    return coerced
