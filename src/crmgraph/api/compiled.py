"""graphql-core's executor, with what root fields give made by compiled selections.

Root fields and their arguments are graphql-core's, and so is everything that goes wrong: where a compiled selection
raises, it makes the same value once more, by the book, so that errors, their paths and what is null because of them are
its own. Reading twice does no harm, for the session remembers what it was answered.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from graphql import GraphQLOutputType
from graphql.execution.collect_fields import FieldDetailsList
from graphql.execution.values import get_argument_values
from graphql.pyutils import Path, gather_with_cancel
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.schema.schema_converter import get_arguments
from strawberry.types import Info

from crmgraph.api.plans import Completion, Plans, Selected, Selection


class Arguments(dict[int, Mapping[str, Any]]):
    """What the numbered fields of a plan are told in one execution, each found out when it is first needed."""

    def __init__(self, executor: "Compiled") -> None:
        self._executor = executor

    def __missing__(self, number: int) -> Mapping[str, Any]:
        one = self._executor.plans.numbered[number]
        executor, first = self._executor, one.details[0]
        given = get_argument_values(
            one.definition, first.node, executor.variable_values, first.fragment_variable_values
        )
        converter = executor.schema._strawberry_schema.schema_converter  # type: ignore[attr-defined]  # As it has it.
        _, told = get_arguments(
            field=one.own,
            source=None,
            info=self._info(one),
            kwargs=given,
            config=converter.config,
            scalar_registry=converter.scalar_registry,
        )
        self[number] = told
        return told

    def _info(self, one: Selected) -> Info[Any, Any]:
        """What a field's resolver may ask about the operation; its path is that of no one source."""
        path = Path(None, one.key, one.parent.name)
        raw = self._executor.build_resolve_info(one.definition, [each.node for each in one.details], one.parent, path)
        return Info(_raw_info=raw, _field=one.own)


class Compiled(StrawberryGraphQLCoreExecutionContext):
    """Executes one operation."""

    def compile_with(self, plans: Plans) -> None:
        """Take the document's plans, which outlive this execution."""
        self.plans = plans
        self.arguments = Arguments(self)
        self.walked: set[str | int] = set()
        """The root fields whose values graphql-core makes itself."""

    def complete_value(
        self,
        return_type: GraphQLOutputType,
        field_details_list: FieldDetailsList,
        info: Any,
        path: Path,
        result: Any,
        position_context: Any,
    ) -> Any:
        if path.prev is None and path.key not in self.walked:
            completion = self.plans.root(return_type, field_details_list, self)
            if completion is not None:
                return self._root(completion, (return_type, field_details_list, info, path, result, position_context))
        return super().complete_value(return_type, field_details_list, info, path, result, position_context)

    def _root(self, completion: Completion, asked: tuple[Any, ...]) -> Any:
        if completion.finish is None:
            return self._late_root(completion, asked)
        *_, result, _ = asked
        with suppress(Exception):  # graphql-core tells what is wrong.
            return completion.finish(result, self.arguments)
        return self._by_the_book(asked)

    async def _late_root(self, completion: Completion, asked: tuple[Any, ...]) -> Any:
        *_, result, _ = asked
        with suppress(Exception):  # As above.
            (made,) = await self._deepened(completion, [result])
            return made
        walked = self._by_the_book(asked)
        return await walked if isinstance(walked, Awaitable) else walked

    def _by_the_book(self, asked: tuple[Any, ...]) -> Any:
        *_, path, _, _ = asked
        self.walked.add(path.key)
        return super().complete_value(*asked)

    async def _rows(self, selection: Selection, sources: Sequence[Any]) -> list[dict[str, Any]]:
        """The answer's parts of several sources of one type."""
        rows = [selection.project(one, self.arguments) for one in sources]
        await _together([self._late(one, sources, rows) for one in selection.late])
        return rows

    async def _late(self, one: Selected, sources: Sequence[Any], rows: Sequence[dict[str, Any]]) -> None:
        """Put one field into all rows."""
        values = await self._resolved(one, sources) if one.waits else [row[one.key] for row in rows]
        finish = one.completion.finish
        if finish is not None:
            made: Sequence[Any] = [finish(value, self.arguments) for value in values]
        else:
            made = await self._deepened(one.completion, values)
        for row, part in zip(rows, made, strict=True):
            row[one.key] = part

    async def _resolved(self, one: Selected, sources: Sequence[Any]) -> Sequence[Any]:
        """What a field that waits gives for each source; for all of them at once, where it can."""
        told = {} if one.number is None else self.arguments[one.number]
        if one.many is not None:
            return await one.many(sources, **told)
        resolver = one.own.base_resolver
        assert resolver is not None
        ask: Callable[..., Any] = resolver.wrapped_func  # type: ignore[assignment]  # Strawberry bound it.
        return await _together([ask(source, **told) for source in sources])

    async def _deepened(self, completion: Completion, values: Sequence[Any]) -> list[Any]:
        """Values below which more is asked for, made: those of all values together, type by type."""
        made: list[Any] = [_empty(completion, value) for value in values]
        places: dict[str, list[tuple[list[Any], int, Any]]] = {}
        for at, value in enumerate(values):
            if value is None:
                continue
            held, parts = (value, made[at]) if completion.several else ([value], made)
            for position, one in enumerate(held):
                if one is not None or not completion.items_may_lack:
                    place = position if completion.several else at
                    places.setdefault(self.plans.type_among(completion.nested, one), []).append((parts, place, one))
        await _together([self._placed(completion.nested[name], held) for name, held in places.items()])
        return made

    async def _placed(self, selection: Selection, held: Sequence[tuple[list[Any], int, Any]]) -> None:
        made = await self._rows(selection, [one for *_, one in held])
        for (parts, place, _), part in zip(held, made, strict=True):
            parts[place] = part


def _empty(completion: Completion, value: Any) -> Any:
    """The place for what becomes of a value; raises where none may be missing, and where a list is none."""
    if value is None and not completion.may_lack:
        raise TypeError("A value that may not be null is missing.")
    if value is None or not completion.several:
        return None
    if not isinstance(value, list | tuple):
        raise TypeError("What should be a list is none.")
    return [None] * len(value)


async def _together(waiting: Sequence[Awaitable[Any]]) -> Sequence[Any]:
    """The outcomes of all; the first failure ends the others."""
    return [await waiting[0]] if len(waiting) == 1 else await gather_with_cancel(*waiting)
