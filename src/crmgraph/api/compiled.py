"""graphql-core's executor, its objects and lists made by compiled selections.

Root fields, and everything that goes wrong, are graphql-core's: where a compiled selection raises, the same part is
executed again by the book, so that errors, their paths and what becomes null because of them are the same. Reading twice
does no harm, for the session remembers what it was answered.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

from graphql import GraphQLError, GraphQLList, GraphQLNonNull, GraphQLObjectType, is_object_type
from graphql.execution.collect_fields import FieldDetailsList
from graphql.execution.values import get_argument_values
from graphql.pyutils import Path
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.schema.schema_converter import get_arguments
from strawberry.types import Info

from crmgraph.api.plans import Plans, Selected, Selection

Where = Callable[[int], Path | None]
"""The path in the answer to the source at a place."""


class Arguments(dict[int, Mapping[str, Any]]):
    """What the numbered fields of a plan are told in one execution, each found out when it is first needed."""

    def __init__(self, executor: "Compiled") -> None:
        self._executor = executor
        self._infos: dict[int, Info[Any, Any]] = {}

    def __missing__(self, number: int) -> Mapping[str, Any]:
        one = self._executor.plans.numbered[number]
        executor, node = self._executor, one.details[0].node
        given = get_argument_values(one.definition, node, executor.variable_values, one.details[0].fragment_variable_values)
        converter = executor.schema._strawberry_schema.schema_converter  # type: ignore[attr-defined]
        _, told = get_arguments(
            field=one.own,
            source=None,
            info=self.info(one),
            kwargs=given,
            config=converter.config,
            scalar_registry=converter.scalar_registry,
        )
        self[number] = told
        return told

    def info(self, one: Selected) -> Info[Any, Any]:
        """What a field's resolver may ask about the operation; its path is that of no one source."""
        path = Path(None, one.key, one.parent.name)
        raw = self._executor.build_resolve_info(one.definition, [each.node for each in one.details], one.parent, path)
        return Info(_raw_info=raw, _field=one.own)


class Compiled(StrawberryGraphQLCoreExecutionContext):
    """Executes one operation."""

    plans: Plans

    def compile_with(self, plans: Plans) -> None:
        """Take the document's plans, which outlive this execution."""
        self.plans = plans
        self.arguments = Arguments(self)

    def complete_object_value(
        self,
        return_type: GraphQLObjectType,
        field_details_list: FieldDetailsList,
        info: Any,
        path: Path,
        result: Any,
        position_context: Any,
    ) -> Any:
        selection = self.plans.of(return_type, field_details_list, self)
        if selection is not None and selection.late:
            return self._one(selection, field_details_list, info, path, result)
        if selection is not None:
            try:
                return selection.project(result, self.arguments)
            except Exception:  # By the book, which tells what is wrong.
                selection = None
        return super().complete_object_value(
            return_type, field_details_list, info, path, result, position_context
        )

    def complete_list_value(
        self,
        return_type: GraphQLList[Any],
        field_details_list: FieldDetailsList,
        info: Any,
        path: Path,
        result: Any,
        position_context: Any,
    ) -> Any:
        item: Any = return_type.of_type
        inner = item.of_type if isinstance(item, GraphQLNonNull) else item
        selection = self.plans.of(inner, field_details_list, self) if is_object_type(inner) else None
        by_the_book = super().complete_list_value
        if selection is None or not isinstance(result, list) or not all(_is_object(one) for one in result):
            return by_the_book(return_type, field_details_list, info, path, result, position_context)
        if selection.late:
            return self._list(selection, return_type, field_details_list, info, path, result)
        try:
            return [selection.project(one, self.arguments) for one in result]
        except Exception:  # As above.
            return by_the_book(return_type, field_details_list, info, path, result, position_context)

    async def _one(
        self, selection: Selection, details: FieldDetailsList, info: Any, path: Path, result: Any
    ) -> dict[str, Any]:
        (row,) = await self._rows(selection, details, info, [result], lambda _: path)
        if isinstance(row, GraphQLError):
            raise row
        return row

    async def _list(
        self, selection: Selection, type: GraphQLList[Any], details: FieldDetailsList, info: Any, path: Path, found: Any
    ) -> list[Any]:
        rows = await self._rows(selection, details, info, found, lambda at: Path(path, at, None))
        if any(isinstance(one, GraphQLError) for one in rows):
            return await _settled(super().complete_list_value(type, details, info, path, found, None))
        return rows

    async def _rows(
        self, selection: Selection, details: FieldDetailsList, info: Any, sources: Sequence[Any], where: Where
    ) -> list[Any]:
        """The parts of several sources of one type; an error in place of one that is null because of it."""
        rows = [self._projected(selection, one) for one in sources]
        places = [at for at, row in enumerate(rows) if row is not None]
        late = [self._late(one, sources, rows, places, where) for one in selection.late]
        await (late[0] if len(late) == 1 else asyncio.gather(*late))
        for at, row in enumerate(rows):
            if row is None:
                rows[at] = await self._row_by_the_book(selection, details, info, sources[at], where(at))
        return rows

    def _projected(self, selection: Selection, source: Any) -> Any:
        try:
            return selection.project(source, self.arguments)
        except Exception:  # Executed by the book when all others are made.
            return None

    async def _row_by_the_book(
        self, selection: Selection, details: FieldDetailsList, info: Any, source: Any, path: Path | None
    ) -> Any:
        try:
            made = super().complete_object_value(selection.type, details, info, path, source, None)  # type: ignore[arg-type]
            return await _settled(made)
        except GraphQLError as error:
            return error
        except Exception as error:
            from graphql.error import located_error

            return located_error(error, [one.node for one in details], None if path is None else path.as_list())

    async def _late(
        self, one: Selected, sources: Sequence[Any], rows: list[Any], places: Sequence[int], where: Where
    ) -> None:
        """Add one field to those rows that are there."""
        if one.waits:
            values = await self._resolved(one, [sources[at] for at in places])
        else:
            values = [rows[at][one.key] for at in places]
        unfinished = (
            self._finish(one, values, rows, places)
            if one.finish is not None
            else await self._deepened(one, values, rows, places, where)
        )
        for place in unfinished:
            at = places[place]
            await self._field_by_the_book(one, values[place], rows, at, where(at))

    async def _resolved(self, one: Selected, sources: Sequence[Any]) -> Sequence[Any]:
        """One value, or one exception, for each source."""
        try:
            told = {} if one.number is None else self.arguments[one.number]
            if one.many is not None:
                return await one.many(sources, **told)
            resolver = one.own.base_resolver
            assert resolver is not None
            waiting = [resolver.wrapped_func(source, **told) for source in sources]
        except Exception as error:
            return [error] * len(sources)
        return await asyncio.gather(*waiting, return_exceptions=True)

    def _finish(self, one: Selected, values: Sequence[Any], rows: list[Any], places: Sequence[int]) -> list[int]:
        """Complete values that need no more calls; tells the places of those that must be done by the book."""
        assert one.finish is not None
        unfinished = []
        for place, value in enumerate(values):
            try:
                rows[places[place]][one.key] = one.finish(value, self.arguments)
            except Exception:  # As in `_projected`.
                unfinished.append(place)
        return unfinished

    async def _deepened(
        self, one: Selected, values: Sequence[Any], rows: list[Any], places: Sequence[int], where: Where
    ) -> Iterable[int]:
        """Complete values below which there are more calls: those of all rows together, type by type."""
        children: dict[str, list[tuple[int, int | None, Any]]] = {}
        unfinished: set[int] = set()
        for place, value in enumerate(values):
            row = rows[places[place]]
            if value is None and not isinstance(one.definition.type, GraphQLNonNull):
                row[one.key] = None
            elif one.several and isinstance(value, list | tuple) and all(_is_object(each) for each in value):
                row[one.key] = [None] * len(value)
                for position, each in enumerate(value):
                    children.setdefault(self._type_of(one, each), []).append((place, position, each))
            elif not one.several and _is_object(value):
                children.setdefault(self._type_of(one, value), []).append((place, None, value))
            else:
                unfinished.add(place)
        info = self.arguments.info(one)._raw_info if children else None
        await asyncio.gather(
            *(self._below(one, name, held, rows, places, where, unfinished, info) for name, held in children.items())
        )
        return sorted(unfinished)

    def _type_of(self, one: Selected, value: Any) -> str:
        if len(one.nested) == 1:
            return next(iter(one.nested))
        return self.plans.type_of(value)

    async def _below(
        self,
        one: Selected,
        name: str,
        held: Sequence[tuple[int, int | None, Any]],
        rows: list[Any],
        places: Sequence[int],
        where: Where,
        unfinished: set[int],
        info: Any,
    ) -> None:
        """Make the children of one type and put them where they belong."""

        def path(at: int) -> Path:
            place, position, _ = held[at]
            field = Path(where(places[place]), one.key, one.parent.name)
            return field if position is None else Path(field, position, None)

        made = await self._rows(one.nested[name], one.details, info, [value for *_, value in held], path)
        for (place, position, _), part in zip(held, made, strict=True):
            row = rows[places[place]]
            if isinstance(part, GraphQLError):
                unfinished.add(place)
            elif position is None:
                row[one.key] = part
            else:
                row[one.key][position] = part

    async def _field_by_the_book(
        self, one: Selected, value: Any, rows: list[Any], at: int, path: Path | None
    ) -> None:
        own = Path(path, one.key, one.parent.name)
        info = self.build_resolve_info(one.definition, [each.node for each in one.details], one.parent, own)
        try:
            made = super().complete_value(one.definition.type, one.details, info, own, value, None)
            rows[at][one.key] = await _settled(made)
        except Exception as error:
            try:
                self.handle_field_error(error, one.definition.type, one.details, own)
                rows[at][one.key] = None
            except GraphQLError as located:
                rows[at] = located


def _is_object(value: Any) -> bool:
    return value is not None and not isinstance(value, BaseException) and not isinstance(value, Awaitable)


async def _settled(value: Any) -> Any:
    return await value if isinstance(value, Awaitable) else value
