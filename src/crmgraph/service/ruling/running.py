"""A rule run from where it stands: person by person, each remembered before the next is begun."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from crmgraph.domain.errors import CrmGraphError, SourceError, Throttled
from crmgraph.domain.model import Kind
from crmgraph.domain.records import Record, Ref
from crmgraph.service.auditing import Entry
from crmgraph.service.cross_rules import CrossRule
from crmgraph.service.reading import Reading
from crmgraph.service.rule_memory import Mark
from crmgraph.service.ruling.pushing import pushed
from crmgraph.service.ruling.reports import OPEN, RuleOutcome, RuleRun, RunState, Treated
from crmgraph.service.ruling.scanning import scanned
from crmgraph.service.ruling.treating import treated
from crmgraph.service.ruling.writing import MUTATION, RuleWriter
from crmgraph.service.writing.stores import Stores

T = TypeVar("T")
Sleep = Callable[[float], Awaitable[None]]

PAUSE = 5.0
"""Seconds that are waited for a source that asks for a pause and does not say how long."""

OVERLAP = timedelta(minutes=5)
"""How far a run looks back behind the one before: a CRM's clock is not ours, and its lists lag behind its records."""

PATIENCE = 10.0
"""Seconds that a person waits for another run that is at them."""


class RuleRunning:
    """One run of a rule."""

    def __init__(
        self,
        reading: Reading,
        stores: Stores,
        rule: CrossRule,
        caller: str,
        dry: bool = False,
        sleep: Sleep | None = None,
    ) -> None:
        """With `sleep`, a source that asks for a pause is given it; without, the run ends there."""
        reading.ask_anew()
        self._sleep = sleep
        self._reading = reading
        self._stores = stores
        self._rule = rule
        self._dry = dry
        self._caller = caller
        self._writer = RuleWriter(reading, stores, rule, caller, dry)
        self._done: list[Treated] = []

    async def run(self, limit: int, since: datetime | None = None) -> RuleRun:
        """Go through `limit` people at the most, all or those changed after `since`; without it, on from the run
        before. A source that fails ends the run where it stands; what is done is remembered. Raises StoreUnavailable.
        """
        await self._note("BEGUN")
        run = await self._run(limit, since)
        await self._note(run.state)
        return run

    async def _note(self, outcome: str) -> None:
        """Say in the audit log that the rule is run; its writes are told by themselves."""
        if not self._dry:
            entry = Entry(self._caller, MUTATION, outcome, self._rule.target, "rule", None, self._rule.name)
            await self._stores.audit.note(entry)

    async def _run(self, limit: int, since: datetime | None) -> RuleRun:
        mark = await self._mark()
        if since is not None:
            mark = replace(mark, since=since, standing=None)
        open_writes = await self._writer.open_writes()
        seen = 0
        while True:
            try:
                scan = partial(scanned, self._reading, self._rule, mark.since, mark.standing, limit - seen)
                page = await self._paced(partial(self._begun, scan))
                for record in page.records:
                    await self._one(record, open_writes)
            except SourceError as error:
                return self._told(RunState.STOPPED, self._where(error))
            seen += len(page.records)
            clean = not any(one.outcome in OPEN for one in self._done)
            mark = replace(mark, standing=page.standing, clean=mark.clean and clean)
            if page.standing is None:
                await self._keep(self._ended(mark), since)
                return self._told(RunState.COMPLETE)
            await self._keep(mark, since)
            if seen >= limit:
                return self._told(RunState.MORE)

    async def _paced(self, work: Callable[[], Awaitable[T]]) -> T:
        """The result of work that may be begun again, once a source's allowance is there again; raises SourceError."""
        while True:
            try:
                return await work()
            except Throttled as error:
                if self._sleep is None:
                    raise
                await self._sleep(error.retry_after or PAUSE)
                self._reading.session.meters[error.source].lost = None

    async def _mark(self) -> Mark:
        """Where to go on: at the start for a rule that means something else now."""
        now = self._reading.gateway.clock.now()
        known = await self._stores.rules.mark(self._rule.name)
        if known is None or known.digest != self._rule.digest:
            known = Mark(self._rule.digest)
        return known if known.standing is not None else replace(known, began=now, clean=True)

    def _ended(self, mark: Mark) -> Mark:
        """What is remembered of a run that came to its end. Whom it left open is looked at again; and a person does not
        change when a task of theirs does, so what is pushed is always looked for at all.
        """
        assert mark.began is not None
        moves = mark.clean and not self._rule.push
        return Mark(mark.digest, mark.began - OVERLAP if moves else mark.since)

    async def _keep(self, mark: Mark, since: datetime | None) -> None:
        if not self._dry and since is None:
            await self._stores.rules.keep_mark(self._rule.name, mark)

    async def _one(self, record: Record, open_writes: frozenset[Ref]) -> None:
        """Treat one person under a hold of their own; raises SourceError when the run ends."""
        try:
            async with self._stores.locks.hold(f"rule {self._rule.name}", record.ref.id, PATIENCE):
                await self._treat(record, open_writes)
        except SourceError as error:
            self._done.append(Treated(Kind.CONTACT, record.ref, None, RuleOutcome.FAILED, reason=error.message))
            if self._reading.session.meters[error.source].lost is not None:
                raise
        except CrmGraphError as error:
            self._done.append(Treated(Kind.CONTACT, record.ref, None, RuleOutcome.FAILED, reason=error.message))

    async def _treat(self, record: Record, open_writes: frozenset[Ref]) -> None:
        """The person, and what is pushed along; each begun with a time of its own."""
        done, there = await self._paced(partial(self._begun, partial(treated, self._writer, record, open_writes)))
        self._done.append(done)
        if there is None:
            return
        for kind in self._rule.push:
            push = partial(pushed, self._writer, kind, record, there, open_writes, self._done)
            await self._paced(partial(self._begun, push))

    async def _begun(self, work: Callable[[], Awaitable[T]]) -> T:
        await self._reading.renew(())
        return await work()

    def _where(self, error: SourceError) -> str:
        last = self._done[-1].of if self._done else None
        after = "" if last is None else f" It had come to {last.source} {last.resource} {last.id}."
        return f"{error.message}{after} What was done stands; run it again to go on."

    def _told(self, state: RunState, reason: str | None = None) -> RuleRun:
        return RuleRun(self._rule.name, state, tuple(self._done), reason, self._dry)
