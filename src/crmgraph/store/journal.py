"""The journal in the database: every line of it is durable when its method returns."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from crmgraph.service.holds import Hold
from crmgraph.service.intents import (
    OPEN,
    IllegalStep,
    Intent,
    IntentId,
    LostIntent,
    Outcome,
    Plan,
    StepState,
    before,
)
from crmgraph.store import audit_rows
from crmgraph.store.database import Database
from crmgraph.store.intent_rows import of_intent, of_steps, read_intents
from crmgraph.store.lock_rows import prolong
from crmgraph.store.tables import idempotency, intents, steps
from crmgraph.store.worker import Worker


class DatabaseJournal:
    """The writes of one worker, and those that dead workers left behind."""

    def __init__(self, database: Database, worker: Worker) -> None:
        self._database = database
        self._worker = worker

    async def open(self, plan: Plan) -> IntentId:
        """Write a plan down; with a key, raises LostIntent when the key is not this worker's."""
        if not plan.steps:
            raise IllegalStep("An intent has at least one step.")
        id, now = self._worker.random(16).hex(), self._worker.now()

        async def work(connection: AsyncConnection) -> None:
            row = of_intent(id, plan, now, self._worker.id, self._worker.until())
            await connection.execute(insert(intents).values(row))
            await connection.execute(insert(steps), of_steps(id, plan, now))
            if plan.key is not None:
                await self._tie(connection, plan.caller, plan.key, id)

        await self._database.write(work, lambda _: self.release(id, now))
        return id

    async def sending(self, intent: IntentId, step: int, hold: Hold | None = None, clue: bytes | None = None) -> int:
        """Say that a step's first byte is about to go out; returns which attempt it is, from 1.

        `clue`, where given, replaces the planned one. Raises LostIntent, LostHold when `hold` has run out, IllegalStep.
        """

        async def work(connection: AsyncConnection) -> int:
            await self._own(connection, intent)
            if hold is not None:
                await prolong(connection, hold, self._worker)
            changes: dict[str, object] = {"state": StepState.SENDING, "attempts": steps.c.attempts + 1}
            if clue is not None:
                changes["clue"] = clue
            await self._enter(connection, intent, step, changes)
            attempts = select(steps.c.attempts).where(_is(intent, step))
            return int((await connection.execute(attempts)).scalar_one())

        return await self._database.write(work)

    async def settled(self, intent: IntentId, step: int, outcome: Outcome) -> None:
        """Say how a step ended; raises LostIntent, IllegalStep."""
        if outcome.state in OPEN:
            raise IllegalStep(f"A step is not settled by {outcome.state}.")

        async def work(connection: AsyncConnection) -> None:
            await self._own(connection, intent)
            await self._end(connection, intent, step, outcome, OPEN)

        await self._database.write(work)

    async def resolve(self, intent: IntentId, step: int, outcome: Outcome) -> None:
        """Say what became of an UNKNOWN step, whoever found it out; raises IllegalStep."""

        async def work(connection: AsyncConnection) -> None:
            await self._end(connection, intent, step, outcome, frozenset({StepState.UNKNOWN}))

        await self._database.write(work)

    async def release(self, intent: IntentId, at: datetime) -> None:
        """Leave an open intent to whoever claims it from `at` on, this worker included."""

        async def work(connection: AsyncConnection) -> None:
            mine = and_(intents.c.id == intent, intents.c.holder == self._worker.id)
            await connection.execute(update(intents).where(mine).values(holder=None, lease_until=at))

        await self._database.write(work)

    async def unsettled(self) -> Sequence[Intent]:
        """The open intents that nobody works on, the oldest first."""
        return await self._database.read(lambda connection: read_intents(connection, self._abandoned()))

    async def claim(self, intent: IntentId) -> Intent | None:
        """Take an intent over, as it stands now; None when it is settled, held or taken by somebody else."""

        async def work(connection: AsyncConnection) -> Intent | None:
            free = and_(intents.c.id == intent, self._abandoned())
            taking = update(intents).where(free).values(holder=self._worker.id, lease_until=self._worker.until())
            if (await connection.execute(taking)).rowcount != 1:
                return None
            return (await read_intents(connection, intents.c.id == intent))[0]

        return await self._database.write(work, lambda _: self.release(intent, self._worker.now()))

    async def read(self, intent: IntentId) -> Intent | None:
        """One intent as it stands."""
        found = await self._database.read(lambda connection: read_intents(connection, intents.c.id == intent))
        return found[0] if found else None

    async def pending(self) -> Sequence[Intent]:
        """The intents with a step of unknown outcome, and those that nobody works on: what a person should see."""
        unknown = intents.c.id.in_(select(steps.c.intent).where(steps.c.state == StepState.UNKNOWN))
        unheld = or_(intents.c.holder.is_(None), intents.c.lease_until <= self._worker.now())
        left = and_(intents.c.settled_at.is_(None), unheld)
        return await self._database.read(lambda connection: read_intents(connection, or_(unknown, left)))

    def _abandoned(self) -> ColumnElement[bool]:
        """Open, out of its lease, and not ours: what we hold ourselves is still being worked on, however slowly."""
        return and_(
            intents.c.settled_at.is_(None),
            intents.c.lease_until <= self._worker.now(),
            or_(intents.c.holder.is_(None), intents.c.holder != self._worker.id),
        )

    async def _own(self, connection: AsyncConnection, intent: IntentId) -> None:
        """Prolong the worker's lease, so that nobody claims the intent while it is being sent."""
        mine = and_(intents.c.id == intent, intents.c.holder == self._worker.id)
        prolonged = update(intents).where(mine).values(lease_until=self._worker.until())
        if (await connection.execute(prolonged)).rowcount != 1:
            raise LostIntent(f"The intent {intent} is not this worker's any more.")

    async def _tie(self, connection: AsyncConnection, caller: str, key: str, intent: IntentId) -> None:
        """Lead the key to the intent, in the transaction in which the intent begins to exist."""
        begun = and_(
            idempotency.c.caller == caller,
            idempotency.c.key == key,
            idempotency.c.holder == self._worker.id,
            idempotency.c.intent.is_(None),
            idempotency.c.payload.is_(None),
        )
        tied = update(idempotency).where(begun).values(intent=intent, lease_until=self._worker.until())
        if (await connection.execute(tied)).rowcount != 1:
            raise LostIntent("The idempotency key was not begun by this worker, or is not its any more.")

    async def _end(
        self, connection: AsyncConnection, intent: IntentId, step: int, outcome: Outcome, allowed: frozenset[StepState]
    ) -> None:
        changes: dict[str, object] = {"state": outcome.state, "reason": outcome.reason, "told": outcome.told}
        if outcome.record is not None:
            changes["record"] = outcome.record
        await self._enter(connection, intent, step, changes, allowed)
        still_open = exists().where(and_(steps.c.intent == intent, steps.c.state.in_(OPEN)))
        last = and_(intents.c.id == intent, ~still_open)
        await connection.execute(update(intents).where(last).values(settled_at=self._worker.now(), holder=None))
        await audit_rows.append_step(connection, self._worker.now(), intent, step, outcome)

    async def _enter(
        self,
        connection: AsyncConnection,
        intent: IntentId,
        step: int,
        changes: dict[str, object],
        allowed: frozenset[StepState] = OPEN,
    ) -> None:
        """Change a step whose state the new one may follow; the condition and the change are one statement."""
        state = StepState(str(changes["state"]))
        legal = and_(_is(intent, step), steps.c.state.in_(before(state) & allowed))
        changed = update(steps).where(legal).values(**changes, changed_at=self._worker.now())
        if (await connection.execute(changed)).rowcount != 1:
            raise IllegalStep(f"Step {step} of the intent {intent} is missing, or {state} cannot follow its state.")


def _is(intent: IntentId, step: int) -> ColumnElement[bool]:
    return and_(steps.c.intent == intent, steps.c.number == step)
