"""Batching, and that nobody takes another's answer away."""

import asyncio
from collections.abc import Sequence

import pytest
from graphql import GraphQLField, GraphQLInt, GraphQLNonNull, GraphQLObjectType, GraphQLSchema, execute, parse

from crmgraph.service.loaders import Loader


async def test_the_look_ups_of_one_tick_are_one_batch_and_are_remembered() -> None:
    asked: list[list[int]] = []

    async def batch(keys: Sequence[int]) -> list[int]:
        asked.append(list(keys))
        return [key * 2 for key in keys]

    loader = Loader(batch)
    assert await asyncio.gather(loader.load(1), loader.load(2), loader.load(1)) == [2, 4, 2]
    assert await loader.load(2) == 4
    assert asked == [[1, 2]]


async def test_a_waiter_that_is_cancelled_leaves_the_answer_to_the_others() -> None:
    gate = asyncio.Event()

    async def batch(keys: Sequence[int]) -> list[int]:
        await gate.wait()
        return list(keys)

    loader = Loader(batch)
    first, second = asyncio.create_task(loader.load(1)), asyncio.create_task(loader.load(1))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    gate.set()
    assert await second == 1
    assert first.cancelled()


async def test_one_failing_field_leaves_what_another_operation_waits_for() -> None:
    """One failing non-null field cancels its siblings; what they share with others must still be answered."""
    gate = asyncio.Event()

    async def batch(keys: Sequence[int]) -> list[int]:
        await gate.wait()
        return list(keys)

    async def fail(*_: object) -> int:
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        raise ValueError("This field fails.")

    loader = Loader(batch)
    fields = {
        "fails": GraphQLField(GraphQLNonNull(GraphQLInt), resolve=fail),
        "shared": GraphQLField(GraphQLInt, resolve=lambda *_: loader.load(7)),
    }
    inner = GraphQLObjectType("Inner", fields)
    query = GraphQLObjectType(
        "Query",
        {
            "inner": GraphQLField(inner, resolve=lambda *_: {}),
            "shared": GraphQLField(GraphQLInt, resolve=lambda *_: loader.load(7)),
        },
    )
    running = asyncio.ensure_future(execute(GraphQLSchema(query), parse("{ inner { fails shared } shared }")))  # type: ignore[arg-type]
    for _ in range(6):
        await asyncio.sleep(0)
    gate.set()
    result = await running
    assert result.data == {"inner": None, "shared": 7}
    assert [error.message for error in result.errors or ()] == ["This field fails."]


async def test_a_cancelled_answer_is_asked_for_again() -> None:
    asked = 0

    async def batch(keys: Sequence[int]) -> list[int]:
        nonlocal asked
        asked += 1
        if asked == 1:
            raise asyncio.CancelledError
        return list(keys)

    loader = Loader(batch)
    with pytest.raises(asyncio.CancelledError):
        await loader.load(1)
    assert await loader.load(1) == 1


async def test_a_failure_is_the_answer_of_its_key_alone() -> None:
    async def batch(keys: Sequence[int]) -> list[int | BaseException]:
        return [ValueError("No.") if key == 1 else key for key in keys]

    loader = Loader(batch)
    found = await asyncio.gather(loader.load(1), loader.load(2), return_exceptions=True)
    assert isinstance(found[0], ValueError)
    assert found[1] == 2


async def test_what_failed_as_a_whole_is_asked_for_again() -> None:
    asked = 0

    async def batch(keys: Sequence[int]) -> list[int]:
        nonlocal asked
        asked += 1
        if asked == 1:
            raise ValueError("Not now.")
        return list(keys)

    loader = Loader(batch)
    assert isinstance((await loader.load_all([1]))[0], ValueError)
    assert await loader.load_all([1]) == [1]
