"""What is said of a read that was tried, and the small words for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from crmgraph.domain.errors import CrmGraphError
from crmgraph.domain.model import Email, Phone
from crmgraph.domain.records import Record


class Mark(StrEnum):
    """How a read went. SKIPPED: it could not be tried, the message says why."""

    OK = "ok"
    FAILED = "FAIL"
    SKIPPED = "-"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One read: what was read how, and what came of it. `code` is our error's, where there is one."""

    mark: Mark
    resource: str
    read: str
    call: str
    message: str
    code: str | None = None

    @property
    def upstream(self) -> bool:
        """Whether the CRM itself failed or refused us, so that the definition cannot be judged."""
        return self.code in ("UNAVAILABLE", "THROTTLED", "DENIED")


class Wrong(CrmGraphError):
    """A reply that is well formed and says something else than the definition."""

    code = "MISMATCH"


@dataclass(slots=True)
class Known:
    """What a resource has shown so far: raw records that belong to it, each under its record."""

    records: list[Record] = field(default_factory=list)

    @property
    def first(self) -> Record | None:
        return self.records[0] if self.records else None


def single(value: Any) -> Any:
    """The value that a filter compares with: the first of several, an e-mail's or phone's own text."""
    if isinstance(value, list | tuple):
        value = value[0] if value else None
    if isinstance(value, Email | Phone):
        return value.value
    return getattr(value, "name", None) or getattr(value, "id", value)


def entries(table: Mapping[str, Any]) -> str:
    """How many entries a vocabulary has."""
    return f"{len(table)} entr{'y' if len(table) == 1 else 'ies'}"


def many(count: int, what: str) -> str:
    """A count with its word."""
    return f"{count} {what}{'' if count == 1 else 's'}"
