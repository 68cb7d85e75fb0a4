"""What one page of a list is asked, what it may cost, and what it holds."""

from dataclasses import dataclass, field
from enum import StrEnum

from crmgraph.domain.filtering import Filter, conditions
from crmgraph.domain.model import Kind
from crmgraph.domain.profiles import NEEDED
from crmgraph.service.cursors import Cursor
from crmgraph.service.identity import Person


class OnMissing(StrEnum):
    """What a list does when a source fails: go on without it for now, or stop there."""

    PARTIAL = "PARTIAL"
    STOP = "STOP"


@dataclass(frozen=True, slots=True)
class Asked:
    """One page of a list, as it is asked for."""

    kind: Kind
    first: int
    after: str | None = None
    search: str | None = None
    filter: Filter | None = None
    order: tuple[str, bool] | None = None
    sources: tuple[str, ...] | None = None
    on_missing: OnMissing = OnMissing.PARTIAL
    fields: frozenset[str] = frozenset()
    also: tuple[Kind, ...] = ()
    activity_kinds: frozenset[str] | None = None

    @property
    def kinds(self) -> tuple[Kind, ...]:
        return (self.kind, *self.also)

    @property
    def needed(self) -> frozenset[str]:
        """The fields asked for, and those that the list itself looks at: identity's, the filter's and the order's."""
        identity = NEEDED if self.kind is Kind.CONTACT else frozenset[str]()
        filtered = {one.field.partition(".")[0] for one in conditions(self.filter)} if self.filter else set()
        ordered = {self.order[0]} if self.order else set()
        return self.fields | identity | filtered | ordered | {"createdAt", "updatedAt"}


@dataclass(frozen=True, slots=True)
class Budget:
    """What one page of an answer may cost each source: calls, and records that are read for the gateway's own
    filter.
    """

    calls: int = 10
    records: int = 1000


@dataclass(slots=True)
class Listed:
    """One page: persons of contacts, single records of other kinds; `cursors` stand behind each of them."""

    items: list[Person] = field(default_factory=list)
    cursors: list[Cursor] = field(default_factory=list)
    end: Cursor | None = None
    has_next: bool = False
    total: int | None = None
