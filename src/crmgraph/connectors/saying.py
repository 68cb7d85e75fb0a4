"""One condition in a CRM's words: its name, its operator and the value as the CRM takes it, or nothing at all.

Our comparisons are wider than any CRM's: an e-mail is a mailbox, a tag a meaning, a text has no case. A condition is
therefore only said where the CRM's own comparison cannot leave a record out that ours would let through.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Any

from crmgraph.connectors.lines import parse_steps, put_through
from crmgraph.connectors.spec_filters import FilterField, FilterSpec
from crmgraph.connectors.templates import fill
from crmgraph.connectors.transforms import Unreadable
from crmgraph.connectors.values import as_json
from crmgraph.domain.filtering import CUSTOM_PREFIX, Condition, Filter, Not, Op, Or
from crmgraph.domain.normalize import email_key, text_key
from crmgraph.domain.records import Tables

KeyOf = Callable[[str], str | None]
"""A custom field's logical key → the CRM's own, None where it has none."""

NOTHING: Tables = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Spelt:
    """A value as the CRM itself calls it, found in its vocabulary."""

    value: Any


# A strict bound leaves out the whole unit it names, so it is set one further away.
_WIDER = {"gt": -2, "gte": -1, "lt": 2, "lte": 1}


@dataclass(frozen=True, slots=True)
class Words:
    """What a list's filter can say; `lookup` asks for keys as they are spelt instead of all that means the same."""

    spec: FilterSpec
    key_of: KeyOf
    tables: Tables
    lookup: bool = False

    def field(self, name: str) -> tuple[FilterField | None, str | None]:
        """How a field is filtered, and the CRM's own key of a custom one."""
        known = self.spec.fields.get(name_of(name))
        if not name.startswith(CUSTOM_PREFIX):
            return (known, None) if name != name_of(CUSTOM_PREFIX) else (None, None)
        key = self.key_of(name.removeprefix(CUSTOM_PREFIX))
        return (known, key) if known is not None and key is not None and self._is_put(known, key) else (None, None)

    def _is_put(self, known: FilterField, key: str) -> bool:
        """Whether a custom field is one that the CRM filters by: it refuses the whole search for any other."""
        if known.table is None:
            return True
        meaning = self.tables.get(known.table, {}).get(key)
        kind = meaning.get("type") if isinstance(meaning, Mapping) else None
        return meaning is not None and (known.types is None or kind in known.types)

    def spread(self, one: Condition) -> Filter:
        """A condition as any of several: of the values it lists, and of what the CRM calls each of them."""
        field, _ = self.field(one.field)
        vocabulary = None if field is None or one.field.startswith(CUSTOM_PREFIX) else field.table or field.spellings
        if field is None or (one.op is Op.IN and Op.IN in field.ops and vocabulary is None):
            return one
        if one.op is Op.IN:
            return Or(tuple(self.spread(Condition(one.field, Op.EQ, value)) for value in one.value))
        same = one.op is Op.EQ or (one.op is Op.CONTAINS and one.field == "tags")
        theirs = self._theirs(field, one.value) if vocabulary is not None and same else []
        return Or(tuple(Condition(one.field, one.op, Spelt(value)) for value in theirs)) if theirs else one

    def _theirs(self, field: FilterField, value: Any) -> list[Any]:
        """What the CRM calls a value, by its vocabulary; nothing where that is not at hand, or does not know it."""
        table = self.tables.get(field.table or field.spellings or "")
        if table is None:
            return []
        ours = text_key(str(value))
        found = [ident for ident, meaning in table.items() if text_key(_name(meaning)) == ours]
        return found if field.table else list(dict.fromkeys([*found, str(value)]))


def name_of(field: str) -> str:
    """The name under which a definition filters a field: all custom ones have the same."""
    return field.partition(".")[0]


def _name(meaning: Any) -> str:
    return str(meaning.get("name") or meaning.get("key") or "") if isinstance(meaning, Mapping) else str(meaning)


def say(words: Words, wanted: Filter) -> dict[str, Any] | None:
    """One condition, or the negation of one, in the CRM's words; None where it cannot be said."""
    inner = wanted.item if isinstance(wanted, Not) else wanted
    if not isinstance(inner, Condition):
        return None
    field, key = words.field(inner.field)
    op = _operator(inner, isinstance(wanted, Not))
    word = None if field is None else _word(words, field, op)
    if field is None or word is None or not _compares_alike(words, field, inner, op):
        return None
    value = None if inner.op is Op.IS_NULL else _value(field, op, inner.value)
    if inner.op is not Op.IS_NULL and not _fits(words.spec, value):
        return None
    slots = {"name": fill(field.name, {"key": key}), "value": value, "key": key}
    return dict(fill(words.spec.condition, {**slots, "op": word}) if isinstance(word, str) else fill(word, slots))


def _operator(inner: Condition, negated: bool) -> str:
    if inner.op is Op.IS_NULL:
        return "isNull" if bool(inner.value) is not negated else "not.isNull"
    return f"not.{inner.op}" if negated else str(inner.op)


def _word(words: Words, field: FilterField, op: str) -> Any:
    if words.lookup and op == "eq" and "find" in field.ops:
        return field.ops["find"]
    return field.ops.get(op)


def _compares_alike(words: Words, field: FilterField, inner: Condition, op: str) -> bool:
    """Whether the CRM's comparison lets through all that ours does.

    A negation does where its positive is the narrower one. Phones are compared as typed, and a custom field by a type
    of the CRM's own, so that of those only texts are alike.
    """
    if words.lookup or inner.op is Op.IS_NULL:
        return True
    custom = inner.field.startswith(CUSTOM_PREFIX)
    if isinstance(inner.value, Spelt) or (not custom and (field.table or field.spellings)):
        return isinstance(inner.value, Spelt)
    if op.startswith("not."):
        return field.widen is None and not custom and inner.field != "phones"
    return all(
        _one_alike(inner, value) for value in (inner.value if isinstance(inner.value, tuple) else (inner.value,))
    )


def _one_alike(inner: Condition, value: Any) -> bool:
    if inner.field == "phones":
        return False
    if not isinstance(value, str):
        return not inner.field.startswith(CUSTOM_PREFIX)
    if inner.field == "emails" and inner.op in (Op.EQ, Op.IN):
        return _is_spelt_one_way(value)
    # A letter such as ß, which we take for ss, is a letter of its own to most.
    return value.casefold() == value.lower()


def _is_spelt_one_way(address: str) -> bool:
    """Whether an address is its mailbox's only spelling but for case: its provider folds neither dots nor tags."""
    key = email_key(address)
    if key is None or key != address.casefold() or not key.isascii() or "xn--" in key:
        return False
    probe = f"a.b+c@{key.rpartition('@')[2]}"
    return email_key(probe) == probe


def _value(field: FilterField, op: str, value: Any) -> Any:
    """The value as the CRM takes it, None where it cannot be written."""
    try:
        if isinstance(value, Spelt):
            return value.value
        if isinstance(value, datetime):
            value = value.astimezone(UTC)
        if field.widen is not None and isinstance(value, date):
            value = value + _WIDER.get(op, 0) * timedelta(**{f"{field.widen}s": 1})
        return as_json(put_through(value, parse_steps(field.format), NOTHING))
    except (OverflowError, Unreadable):
        return None


def _fits(spec: FilterSpec, value: Any) -> bool:
    """Whether a call can carry the value."""
    texts = [str(one) for one in (value if isinstance(value, list) else [value])]
    if value is None or not all(text.strip() for text in texts):
        return False
    too_long = spec.longest is not None and any(len(one) > spec.longest for one in texts)
    return not too_long and not any(char in one for one in texts for char in spec.forbid)
