"""What a rule remembers between its runs: which record became which, what was said then, and how far it has come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from crmgraph.domain.records import Ref

Digests = Mapping[str, frozenset[str]]
"""Field → the digests of what is said in it."""


@dataclass(frozen=True, slots=True)
class RuleLink:
    """A record of one source and the one of another that a rule keeps like it. `said` is what the first had to say when
    it was last told, by the fields of the second; `brought` is what came to stand in the second by it, whichever way
    that CRM spells it. Both are digests: nothing of a person can be read off them.
    """

    rule: str
    of: Ref
    to: Ref
    said: Digests = field(default_factory=dict)
    brought: Digests = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a rule of this `digest` has come: all that was changed before `since` is done; a run that `began` later
    and did not come to its end goes on at `standing`.
    """

    digest: str
    since: datetime | None = None
    began: datetime | None = None
    standing: Mapping[str, Any] | None = None
    clean: bool = True


class RuleMemory(Protocol):
    """The durable memory of rules. Each raises StoreUnavailable."""

    async def touching(self, record: Ref, other: str) -> Sequence[RuleLink]:
        """The links of every rule between a record and records of the source `other`, whichever way they go."""

    async def keep(self, link: RuleLink) -> None:
        """Remember a link in the place of what was known of its rule and record."""

    async def mark(self, rule: str) -> Mark | None:
        """How far a rule has come."""

    async def keep_mark(self, rule: str, mark: Mark) -> None:
        """Remember how far a rule has come."""
