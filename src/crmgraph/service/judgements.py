"""What people decide about identity, kept for ever and told to every worker."""

from collections.abc import Collection, Sequence
from typing import Protocol

from crmgraph.domain.judgements import Judged, Judgement, Saying
from crmgraph.domain.records import Ref


class Judgements(Protocol):
    """The judgements of people. They are remembered: to ask costs nothing while nobody judges, and what is said is
    heard by other workers as soon as any notice. Each raises StoreUnavailable.
    """

    async def say(self, saying: Saying, by: str, why: str | None = None) -> Judgement:
        """Keep a judgement; durable when it returns. Raises InputError for an undoing of nothing.

        One that contradicts others is kept all the same and holds, being the newest: `standing` tells.
        """

    async def say_all(self, sayings: Sequence[Saying], by: str, why: str | None = None) -> Sequence[Judgement]:
        """As `say`, of several at once: all of them are kept, or none."""

    async def all(self) -> Sequence[Judgement]:
        """Everything that was ever said, the oldest first, undone or not."""

    async def standing(self) -> Judged:
        """What stands now."""

    async def of(self, refs: Collection[Ref]) -> Sequence[Judgement]:
        """The judgements that concern one of these records and were not undone, the newest first."""

    async def history(self, ref: Ref) -> Sequence[Judgement]:
        """Everything that was ever said about a record, undoings included, the oldest first."""
