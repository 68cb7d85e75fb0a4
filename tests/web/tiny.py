"""A graph as small as can be, and the ways the web tests talk to it."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import strawberry
from graphql import ExecutionResult, OperationType, get_operation_ast, parse, validate
from graphql import execute as executed
from strawberry.scalars import JSON

from crmgraph.web.app import create
from crmgraph.web.graph import Answer, Asked

Body = bytes | str


@strawberry.type
class Query:
    @strawberry.field(description="Greets whom you name.")
    def hello(self, name: str = "world") -> str:
        return f"Hello, {name}"

    @strawberry.field(description="Gives back what it is given.")
    def echo(self, value: JSON) -> JSON:
        return value

    @strawberry.field(description="Fails.")
    def broken(self) -> str | None:
        raise ValueError("It is broken.")


@strawberry.type
class Mutation:
    @strawberry.mutation(description="Does nothing.")
    def nothing(self) -> bool:
        return True


SCHEMA = strawberry.Schema(Query, Mutation)._schema


class TinyGraph:
    """graphql-core, answered as the web wants it; remembers how it was asked."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []

    async def execute(
        self,
        query: str,
        variables: Mapping[str, Any] | None,
        operation_name: str | None,
        extensions: Mapping[str, Any] | None,
        request: Asked,
    ) -> Answer:
        self.asked.append(request)
        try:
            document = parse(query)
        except Exception as error:
            return refused(error)
        if mistakes := validate(SCHEMA, document):
            return refused(*mistakes)
        operation = get_operation_ast(document, operation_name)
        if request.reads_only and operation and operation.operation is not OperationType.QUERY:
            return Answer(errors=({"message": "A mutation must be sent by POST."},), executed=False, needs_post=True)
        result = executed(SCHEMA, document, variable_values=variables, operation_name=operation_name)
        if not isinstance(result, ExecutionResult):
            result = await result
        return answered(result)


def answered(result: ExecutionResult) -> Answer:
    errors = tuple(dict(error.formatted) for error in result.errors or ())
    return Answer(result.data, errors, executed=result.data is not None or any("path" in each for each in errors))


def refused(*errors: Any) -> Answer:
    return Answer(errors=tuple(dict(error.formatted) for error in errors), executed=False)


class SlowGraph:
    """Answers never, and knows whether it was stopped."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.stopped = False

    async def execute(self, *_: Any) -> Answer:
        self.begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.stopped = True
            raise
        return Answer()


class Fixed:
    """Answers what it was told to, or raises it."""

    def __init__(self, answer: Answer | BaseException) -> None:
        self.answer = answer

    async def execute(self, *_: Any) -> Answer:
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


def always_ready() -> dict[str, Any]:
    return {"ready": True, "sources": {"sales": "OK"}}


def client(
    graph: Any = None, ready: Callable[[], Mapping[str, Any]] = always_ready, **options: Any
) -> httpx.AsyncClient:
    """A client of the application, in process; like most programs it sends no Accept header unless told to."""
    app = create(graph or TinyGraph(), ready, **options)
    made = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://crmgraph.test")
    del made.headers["accept"]
    return made
