"""Custom fields by logical key: one name for what each source calls its own way, decoded by its type."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date as Day
from decimal import Decimal
from typing import Any

from crmgraph.connectors.transforms import Unreadable, parse_boolean, parse_day, parse_number
from crmgraph.domain.model import Custom


@dataclass(frozen=True, slots=True)
class LogicalField:
    """A custom field as the operator names it: its type's word, its label and each source's own key."""

    key: str
    type: str
    label: str | None
    sources: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Typed:
    """A custom value read by its type; `raw` is the CRM's JSON, and the one of the others that fits the type is set."""

    type: str
    raw: Any
    text: str | None = None
    number: Decimal | None = None
    boolean: bool | None = None
    date: Day | None = None
    options: tuple[str, ...] | None = None

    @property
    def meaning(self) -> Any:
        """What two values of one type are compared by: what the type reads, whichever way the CRM spells it."""
        if self.options is not None:
            return sorted(self.options)
        read = next((one for one in (self.number, self.boolean, self.date) if one is not None), None)
        if read is not None or self.type == "RAW":
            return self.raw if read is None else read
        return self.raw if self.text is None else self.text


class CustomFields:
    """The operator's logical fields; a key that nobody named is its own logical key."""

    def __init__(self, fields: Mapping[str, LogicalField]) -> None:
        self.fields = fields
        self._logical = {(source, theirs): one.key for one in fields.values() for source, theirs in one.sources.items()}

    def of(self, sources: Collection[str]) -> "CustomFields":
        """The logical fields that any of these sources may have."""
        return CustomFields(
            {key: one for key, one in self.fields.items() if not one.sources.keys().isdisjoint(sources)}
        )

    def key_of(self, source: str, theirs: str) -> str:
        """The logical key of a source's own key."""
        return self._logical.get((source, theirs), theirs)

    def theirs(self, source: str, key: str) -> str | None:
        """A source's own key for a logical one; None where the operator says it has none."""
        known = self.fields.get(key)
        return known.sources.get(source) if known is not None else key

    def pusher(self, source: str, ids: Mapping[str, Any]) -> Callable[[str], str | None]:
        """Logical key → what the source's filter calls it: its id where its values are kept under ids."""
        by_key = {str(row.get("key")): ident for ident, row in ids.items() if isinstance(row, Mapping)}

        def find(key: str) -> str | None:
            theirs = self.theirs(source, key)
            return None if theirs is None else by_key.get(theirs, theirs)

        return find

    def type_of(self, key: str, said: str | None) -> str:
        """The type's word: what the operator says, else what the CRM says, else RAW."""
        known = self.fields.get(key)
        return (known.type if known is not None else said or "RAW").upper()

    def label_of(self, key: str, said: str | None) -> str | None:
        """The label for people."""
        known = self.fields.get(key)
        return (known.label if known is not None else None) or said

    def typed(self, source: str, custom: Custom) -> Typed:
        """A record's custom value, read by its type; what does not fit its type stays as it is."""
        key = self.key_of(source, custom.key)
        return decode(custom.value, self.type_of(key, custom.type))


def decode(raw: Any, kind: str) -> Typed:
    """Read a CRM's JSON as a type; text is always there for what can be shown in one line."""
    value = _label(raw)
    shown = _text(value)
    try:
        if kind in ("NUMBER", "MONEY"):
            return Typed(kind, raw, text=shown, number=parse_number(value))
        if kind == "BOOLEAN":
            return Typed(kind, raw, text=shown, boolean=parse_boolean(value[0] if _single(value) else value))
        if kind == "DATE":
            return Typed(kind, raw, text=shown, date=parse_day(value))
        if kind in ("OPTION", "OPTIONS"):
            chosen = value if isinstance(value, list) else [value]
            return Typed(kind, raw, text=shown, options=tuple(str(_label(one)) for one in chosen))
    except Unreadable:
        return Typed("RAW", raw, text=shown)
    return Typed(kind, raw, text=shown)


def _single(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 1


def _label(raw: Any) -> Any:
    """An option object as its name: `{id, name}` and its like."""
    if isinstance(raw, Mapping):
        return next((raw[part] for part in ("name", "label", "value") if raw.get(part) is not None), raw)
    return raw


def _text(value: Any) -> str | None:
    if isinstance(value, list):
        return ", ".join(str(_label(one)) for one in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if isinstance(value, Mapping) or value is None else str(value)
