"""Intents as rows, and rows as intents."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from crmgraph.service.intents import Intent, IntentId, Plan, PlannedStep, Step, StepState
from crmgraph.store.tables import intents, steps


def of_intent(id: IntentId, plan: Plan, now: datetime, holder: str, lease_until: datetime) -> dict[str, Any]:
    """The row of a plan that begins now."""
    return {
        "id": id,
        "caller": plan.caller,
        "mutation": plan.mutation,
        "input": plan.input,
        "key": plan.key,
        "created_at": now,
        "holder": holder,
        "lease_until": lease_until,
    }


def of_steps(id: IntentId, plan: Plan, now: datetime) -> list[dict[str, Any]]:
    """The rows of its steps, none of them sent."""
    return [
        {
            "intent": id,
            "number": number,
            "source": one.source,
            "resource": one.resource,
            "action": one.action,
            "target": one.record,
            "clue": one.clue,
            "state": StepState.PLANNED,
            "attempts": 0,
            "record": one.record,
            "changed_at": now,
        }
        for number, one in enumerate(plan.steps)
    ]


async def read_intents(connection: AsyncConnection, where: ColumnElement[bool]) -> Sequence[Intent]:
    """The intents that meet the condition with their steps, the oldest first, as one state of the database."""
    wanted = (
        select(intents, steps)
        .join_from(intents, steps, steps.c.intent == intents.c.id)
        .where(where)
        .order_by(intents.c.created_at, intents.c.id, steps.c.number)
    )
    rows: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in await connection.execute(wanted):
        rows[row._mapping[intents.c.id]].append(row)
    return [_intent(id, group) for id, group in rows.items()]


def _intent(id: IntentId, rows: Sequence[Row[Any]]) -> Intent:
    first = rows[0]._mapping
    return Intent(
        id=id,
        caller=first[intents.c.caller],
        mutation=first[intents.c.mutation],
        input=first[intents.c.input],
        key=first[intents.c.key],
        created_at=first[intents.c.created_at],
        settled_at=first[intents.c.settled_at],
        steps=tuple(_step(row) for row in rows),
    )


def _step(row: Row[Any]) -> Step:
    of = row._mapping
    plan = PlannedStep(
        source=of[steps.c.source],
        resource=of[steps.c.resource],
        action=of[steps.c.action],
        record=of[steps.c.target],
        clue=of[steps.c.clue],
    )
    return Step(
        number=of[steps.c.number],
        plan=plan,
        state=StepState(of[steps.c.state]),
        attempts=of[steps.c.attempts],
        record=of[steps.c.record],
        reason=of[steps.c.reason],
        told=of[steps.c.told],
        changed_at=of[steps.c.changed_at],
    )
