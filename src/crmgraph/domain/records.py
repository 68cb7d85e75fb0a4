"""One source's view of one thing: where it lives and what it says, each field mapped when it is first read."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from crmgraph.domain.errors import BadReply
from crmgraph.domain.model import Kind

Tables = Mapping[str, Mapping[str, Any]]
"""What a source's ids mean: table name → id → value."""

Getter = Callable[[Any, Tables], Any]
"""Reads one field from a raw record; None stands for absent or empty."""


class Ref(Struct, frozen=True, order=True, gc=False, cache_hash=True):
    """Where a record lives. `parent` is the id of the record it hangs on, where the CRM needs it to fetch this one
    again.

    `resource` is the definition's own name for it, which equals the kind unless a CRM keeps one kind in several places.
    """

    source: str
    resource: str
    id: str
    parent: str | None = None


Fill = Callable[[Any, dict[str, Any]], None]
"""Reads several fields from a raw record and puts those that are of the usual form among the values."""

Filler = Callable[[Collection[str]], Fill]
"""From the fields that are asked for to what reads them at once."""


class Record:
    """A CRM's JSON seen through its definition.

    `unread` names the fields that the endpoint it came from does not carry at all, so that a null can be told from "not
    asked". `fetched_at` is when the CRM said so.
    """

    __slots__ = ("_filled", "_filler", "_getters", "_tables", "_values", "fetched_at", "kind", "raw", "ref", "unread")

    def __init__(
        self,
        ref: Ref,
        kind: Kind,
        raw: Any,
        getters: Mapping[str, Getter],
        tables: Tables,
        fetched_at: datetime,
        unread: frozenset[str] = frozenset(),
        filler: Filler | None = None,
    ) -> None:
        self.ref = ref
        self.kind = kind
        self.raw = raw
        self.fetched_at = fetched_at
        self.unread = unread
        self._getters = getters
        self._tables = tables
        self._filler = filler
        self._filled: Collection[str] | None = None
        self._values: dict[str, Any] = {}

    def get(self, field: str) -> Any:
        """The value of `field` in the graph's words, or None where the CRM has none.

        Raises BadReply when the CRM holds something there that its definition does not describe.
        """
        values = self._values
        if field in values:
            return values[field]
        getter = self._getters.get(field)
        value = values[field] = None if getter is None else getter(self.raw, self._tables)
        return value

    def at_hand(self, fields: Collection[str]) -> Mapping[str, Any]:
        """What is read of the record so far, among it those of `fields` that are plain."""
        if self._filler is not None and self._filled != fields:
            self._filler(fields)(self.raw, self._values)
            self._filled = fields
        return self._values

    def peek(self, field: str) -> Any:
        """As `get`, but None too where the CRM holds something undescribed: for showing a record beside others."""
        try:
            return self.get(field)
        except BadReply:
            return None

    def maps(self, field: str) -> bool:
        """Whether the definition fills `field` at all."""
        return field in self._getters

    def fields(self) -> Iterable[str]:
        """The fields that the definition fills."""
        return self._getters.keys()

    def __repr__(self) -> str:
        return f"Record({self.ref.source}:{self.ref.resource}:{self.ref.id})"
