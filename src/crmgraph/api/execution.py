"""One operation from its text to its answer: executed, its errors put into words, its calls counted."""

import asyncio
import re
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from math import inf
from typing import Any

import strawberry
import structlog
from graphql import ExecutionResult, FieldNode, GraphQLError, OperationDefinitionNode, OperationType
from graphql.execution.values import get_variable_values

from crmgraph.api.accounting import account
from crmgraph.api.compiled import Compiled
from crmgraph.api.context import Context
from crmgraph.api.documents import Document, Documents
from crmgraph.api.explaining import explained
from crmgraph.api.freshness import allowed
from crmgraph.api.limits import Charge, Chosen, Prices
from crmgraph.api.manner import FREELY, Manner
from crmgraph.api.outcome import Outcome
from crmgraph.api.sharing import Answers, written_out
from crmgraph.api.steps import Steps
from crmgraph.api.views import SourcesOf, Views, nobodys_own
from crmgraph.api.wording import problem, refused, told, without_suggestions
from crmgraph.api.written import objects_in
from crmgraph.domain.errors import Forbidden, InputError
from crmgraph.service.auditing import Entry
from crmgraph.service.callers import Caller
from crmgraph.service.entrance import Enter, wide_open
from crmgraph.service.errands import Urgency
from crmgraph.service.limits import Limits, Mode
from crmgraph.service.problems import all_problems
from crmgraph.service.reading import Gateway, Reading
from crmgraph.service.writing.stores import Stores

_NO_QUESTION = "The question is empty; write a GraphQL document, like { sources { name } }."

_READS_ONLY = "Only queries may be asked this way; a mutation needs POST."

_MUTATES = re.compile(r"(?:[\s,\ufeff]|#[^\n\r]*[\n\r])*mutation\b")
"""How a document begins that, as far as one can see without parsing it, is a mutation."""

_NO_SCHEMA = "This server does not tell its schema; leave `__schema` and `__type` out."

LIMITS = Limits()
"""What is allowed where nobody says otherwise."""

_log = structlog.get_logger("crmgraph.api")


def _untold(entry: Entry) -> None:
    """Where nobody keeps an audit log."""


class Execution:
    """Executes operations of one schema over one gateway."""

    def __init__(
        self,
        schema: strawberry.Schema,
        gateway: Gateway,
        stores: Stores,
        make_id: Callable[[], str] | None = None,
        sources_of: SourcesOf = nobodys_own,
        limits: Limits = LIMITS,
        enter: Enter = wide_open,
        denied: Callable[[Entry], None] = _untold,
    ) -> None:
        self.schema = schema
        self.documents = Documents(schema)
        self.gateway = gateway
        self.stores = stores
        self.limits = limits
        self._denied = denied
        self._prices = Prices(schema, gateway)
        self._aside = ThreadPoolExecutor(1, "schema")
        self._answers = Answers(gateway)
        self._views = Views(gateway, sources_of)
        self._enter = enter
        self._make_id = make_id or (lambda: secrets.token_hex(4))

    async def execute(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        operation_name: str | None = None,
        *,
        deadline: float | None = None,
        manner: Manner = FREELY,
    ) -> Outcome:
        """Answer one operation within `deadline` seconds, the operator's own at the most; raises Overloaded when there
        is no room for it within half of them.

        Queries that are equal and asked at once in the same manner share one outcome, and one place. Who may not
        introspect is not told the schema, nor which of its names a mistaken one resembles.
        """
        sort = self.documents.operation_type(query, operation_name)
        is_mutation = sort is OperationType.MUTATION or (sort is None and _MUTATES.match(query))
        urgency = Urgency.WRITE if is_mutation else min(manner.urgency, manner.caller.role.urgency)
        seconds = min(self.gateway.deadline, deadline or inf)

        async def work_out() -> Outcome:
            async with self._enter(urgency, seconds / 2) as waited:
                reading = self._views.of(manner.caller).read(seconds - waited, urgency=urgency)
                return await self.answer(reading, query, variables, operation_name, manner)

        given = written_out(variables or {}) if sort is OperationType.QUERY else None
        if given is None:
            return await work_out()
        return await self._answers.answer((query, given, operation_name, deadline, manner), work_out)

    def explain(
        self, query: str, variables: Mapping[str, Any] | None = None, operation_name: str | None = None
    ) -> dict[str, Any]:
        """The most calls that an operation may cost each source, without a call; raises InputError."""
        document = self.documents.get(query, replace(self.limits, mode=Mode.OFF))
        if document.mistakes:
            raise InputError(" ".join(one.message for one in document.mistakes))
        operation = document.operation(operation_name)
        schema = self.schema._schema
        given = get_variable_values(schema, operation.variable_definitions or (), dict(variables or {}))
        if isinstance(given, list):
            raise InputError(" ".join(one.message for one in given))
        return explained(self.schema, self.gateway, Steps(schema, operation, document.fragments, given))

    async def answer(
        self,
        reading: Reading,
        query: str,
        variables: Mapping[str, Any] | None = None,
        operation_name: str | None = None,
        manner: Manner = FREELY,
    ) -> Outcome:
        """Answer one operation from an open reading, whose session is closed with it."""
        try:
            outcome = await self._answered(reading, query, variables or {}, operation_name, manner)
        except InputError as wrong:  # It was found before anything was executed.
            outcome = refused(wrong)
        finally:
            await reading.session.close()
        return outcome if outcome.executed or manner.may_introspect else without_suggestions(outcome)

    async def _answered(
        self,
        reading: Reading,
        query: str,
        variables: Mapping[str, Any],
        operation_name: str | None,
        manner: Manner,
    ) -> Outcome:
        if not query.strip():
            raise InputError(_NO_QUESTION)
        document = self.documents.get(query, self.limits)
        operation = None if document.node is None else document.operation(operation_name)
        if operation is not None and manner.reads_only and operation.operation is not OperationType.QUERY:
            return refused(InputError(_READS_ONLY), needs_post=True)
        if document.written.introspects and not manner.may_introspect:
            raise InputError(_NO_SCHEMA)
        if document.mistakes or operation is None:
            return self._not_executed(document.mistakes)
        self._refuse_unless_allowed(document, operation, manner.caller)
        return await self._asked(document, operation, reading, variables, manner.caller)

    def _refuse_unless_allowed(self, document: Document, operation: OperationDefinitionNode, caller: Caller) -> None:
        """Raise Forbidden, and tell the audit log, where a caller may not ask this."""
        try:
            self.documents.refuse_unless_allowed(document, operation, caller.role)
        except Forbidden as wrong:
            self._denied(Entry(caller.name, _doing(operation), wrong.code))
            raise

    async def _asked(
        self,
        document: Document,
        operation: OperationDefinitionNode,
        reading: Reading,
        variables: Mapping[str, Any],
        caller: Caller,
    ) -> Outcome:
        """Execute what may be asked, within the limits; raises OverLimits."""
        # A mutation may bring as many rows as its body holds; a question has no use for so many conditions.
        asks = operation.operation is OperationType.QUERY
        inputs = document.written.inputs + objects_in(variables) if asks else 0
        self.limits.refuse({"inputs": inputs})
        executor = self.documents.executor(document, operation, variables, Context(reading, self.stores, caller))
        if isinstance(executor, list):
            return self._not_executed(executor)
        chosen = Chosen(document, operation, executor.variable_values, inputs)
        charge = self._prices.charge(chosen, reading, self.limits)
        if "freshness" in document.text:
            steps = Steps(self.schema._schema, operation, document.fragments, executor.variable_values)
            reading.session.freshness = allowed(steps)
        return self._outcome(await self._executed(executor, document, operation), reading, charge)

    async def _executed(
        self, executor: Compiled, document: Document, operation: OperationDefinitionNode
    ) -> ExecutionResult:
        result: Any
        if document.asks_for_the_schema(operation):
            # It takes long and asks nobody, so it runs where it holds up no other request.
            result = await asyncio.get_running_loop().run_in_executor(self._aside, executor.execute_operation)
        else:
            result = executor.execute_operation()
        result = await result if isinstance(result, Awaitable) else result
        assert isinstance(result, ExecutionResult)
        return result

    def _not_executed(self, mistakes: Iterable[GraphQLError]) -> Outcome:
        return Outcome(None, tuple(told(error, self._make_id) for error in mistakes), None, False)

    def _outcome(self, result: ExecutionResult, reading: Reading, charge: Charge | None) -> Outcome:
        errors = tuple(told(error, self._make_id) for error in result.errors or ())
        if _is_request_error(result):
            return Outcome(None, errors, None, False)
        problems = all_problems(list(reading.session.meters.values()))
        known = {(error["extensions"].get("source"), error["message"]) for error in errors}
        errors += tuple(problem(one) for one in problems if (one.source, one.message) not in known)
        return Outcome(result.data, errors, {"crmgraph": account(reading, charge)}, True)


def _doing(operation: OperationDefinitionNode) -> str:
    """What an operation does, for the audit log: the mutation's name, or that it only asks."""
    first = next(iter(operation.selection_set.selections), None)
    is_change = operation.operation is OperationType.MUTATION and isinstance(first, FieldNode)
    return first.name.value if is_change else operation.operation.value  # type: ignore[union-attr]  # As just seen.


def _is_request_error(result: ExecutionResult) -> bool:
    """Whether nothing was executed: graphql-core tells a variable it cannot coerce as an error without a path."""
    return result.data is None and bool(result.errors) and all(not error.path for error in result.errors or ())
