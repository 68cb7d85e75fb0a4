"""Records that say what they are given."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from crmgraph.domain.model import Kind
from crmgraph.domain.records import Record, Ref

FETCHED = datetime(2026, 6, 1, tzinfo=UTC)


def at(day: int) -> datetime:
    """A day of January, months before anything is fetched."""
    return datetime(2026, 1, day, tzinfo=UTC)


def record(source: str, id: str = "1", **values: Any) -> Record:
    """A contact whose definition maps these fields and no others."""
    getters = {name: _getter(value) for name, value in values.items()}
    return Record(Ref(source, "contact", id), Kind.CONTACT, {}, getters, {}, FETCHED)


def _getter(value: Any) -> Callable[[Any, Any], Any]:
    return lambda raw, tables: value
