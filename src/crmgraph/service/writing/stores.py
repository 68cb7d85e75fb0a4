"""What writing needs beside the sources: our own state, and work that nobody's leaving ends."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

from crmgraph.service.auditing import Log
from crmgraph.service.events import Events
from crmgraph.service.judgements import Judgements
from crmgraph.service.keys import Keys
from crmgraph.service.notices import Notices
from crmgraph.service.persons import PersonIds
from crmgraph.service.ports import Audit, Idempotency, Imports, Journal, Locks
from crmgraph.service.rule_memory import RuleMemory

T = TypeVar("T")


class Running:
    """Work that goes on to its end although whoever waited for it has gone."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    async def finish(self, work: Coroutine[Any, Any, T]) -> T:
        """The work's result; a caller who is cancelled leaves it running."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        # A failure that its caller has seen, or will never see, needs no telling by the event loop.
        task.cancelled() or task.exception()

    async def settle(self) -> None:
        """Wait until nothing runs any more."""
        while self._tasks:
            await asyncio.wait(self._tasks)


@dataclass(frozen=True, slots=True)
class Stores:
    """Our own state as writing sees it."""

    journal: Journal
    idempotency: Idempotency
    locks: Locks
    notices: Notices
    imports: Imports
    rules: RuleMemory
    audit: Audit
    log: Log
    events: Events
    keys: Keys
    judgements: Judgements
    persons: PersonIds
    running: Running = field(default_factory=Running)
