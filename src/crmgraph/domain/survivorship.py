"""Which value survives when the records of one person differ, field by field, and what the others said.

Records come most trusted source first. Every choice is deterministic: ties go to the source order and then to the
smaller id, so two runs agree to the byte.
"""

from collections.abc import Iterable, Mapping, MutableSequence, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from crmgraph.domain.errors import BadReply, ConfigError
from crmgraph.domain.model import FIELDS, Consent, ConsentState, FieldType, Kind
from crmgraph.domain.profiles import order
from crmgraph.domain.records import Record, Ref
from crmgraph.domain.uniting import UNITED, united, united_alone
from crmgraph.domain.uniting import Merged as Merged


class Rule(StrEnum):
    """How the surviving value is chosen."""

    MOST_TRUSTED = "most_trusted"  # The first source in order that has a value.
    MOST_RECENT = "most_recent"  # The record that was changed last, as its CRM says.
    EARLIEST = "earliest"  # The smallest instant any record holds.
    UNION = "union"  # Everything, equal values once.
    MOST_RESTRICTIVE = "most_restrictive"  # Per channel, a refusal wins over a permission.


@dataclass(frozen=True, slots=True)
class FieldRule:
    """A field's rule; `sources` puts these sources first for this field, in this order."""

    rule: Rule
    sources: tuple[str, ...] = ()


Rules = Mapping[str, FieldRule]
"""Field name → rule; a field that is not named follows its type (`default_rule`)."""

DEFAULTS: Rules = {
    "company": FieldRule(Rule.MOST_RECENT),
    "companyName": FieldRule(Rule.MOST_RECENT),
    "jobTitle": FieldRule(Rule.MOST_RECENT),
    "updatedAt": FieldRule(Rule.MOST_RECENT),
    "createdAt": FieldRule(Rule.EARLIEST),
}


class Golden(Struct, frozen=True, gc=False):
    """The value that survived and the record it came from; a united value is a tuple of Merged.

    `losers` are the differing values with their records, in order of trust; `agreeing` are the other records that hold
    the very same value.
    """

    value: Any
    origin: Ref
    rule: str
    losers: tuple[tuple[Any, Ref], ...] = ()
    agreeing: tuple[Ref, ...] = ()


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that could not say its value of a field, and why."""

    ref: Ref
    field: str
    error: BadReply


def default_rule(type: FieldType) -> Rule:
    """The rule of a field nobody has spoken about: lists are united, consent is the strictest, the rest is trust."""
    if type in UNITED:
        return Rule.UNION
    return Rule.MOST_RESTRICTIVE if type is FieldType.CONSENT else Rule.MOST_TRUSTED


SINGLE = frozenset(FieldType) - UNITED - {FieldType.CONSENT, FieldType.JSON}
"""The types of which one record's value, where nobody else has a say, survives as it is."""

_USUAL = {type: FieldRule(default_rule(type)) for type in FieldType}


def rules_for(kind: Kind, given: Rules) -> Rules:
    """`given` over the defaults; raises ConfigError for an unknown field and for a rule its type cannot follow."""
    for name, choice in given.items():
        field = FIELDS[kind].get(name)
        if field is None:
            raise ConfigError(f"survivorship.{kind}.{name}: a {kind} has no field {name}.")
        if not _fits(choice.rule, field.type):
            usual = default_rule(field.type)
            raise ConfigError(
                f"survivorship.{kind}.{name}: {choice.rule} does not fit a field of type {field.type}; {usual} does."
            )
    return {**DEFAULTS, **given}


def golden(
    field: str,
    records: Sequence[Record],
    rules: Rules = DEFAULTS,
    *,
    regions: Mapping[str, str] | None = None,
    problems: MutableSequence[Unreadable] | None = None,
) -> Golden | None:
    """The surviving value of `field` over `records` (one kind, most trusted source first); None when nobody has one.

    `regions` says per source where phone numbers without a country code belong (ISO 3166). A record whose value cannot
    be read is left out and added to `problems`.
    """
    found = survivor(field, records, rules, regions=regions, problems=problems)
    if found is None:
        return None
    return Golden(found.value, found.origin, found.rule, found.losers(), found.agreeing())


class Survivor(Struct, frozen=True, gc=False):
    """The value that survived, the record it came from, and what every record holds, most trusted first.

    `said` is the value as its record holds it: a list survives as elements that know their records.
    """

    value: Any
    origin: Ref
    rule: Rule
    held: "_Held"
    said: Any

    def losers(self) -> tuple[tuple[Any, Ref], ...]:
        """The differing values with their records; a united value has none."""
        if self.rule is Rule.UNION:
            return ()
        return tuple((other, record.ref) for record, other in self.held if other != self.said)

    def agreeing(self) -> tuple[Ref, ...]:
        """The other records that hold the very same value."""
        same = (record.ref for record, other in self.held if other == self.said)
        return () if self.rule is Rule.UNION else tuple(ref for ref in same if ref != self.origin)


def survivor(
    field: str,
    records: Sequence[Record],
    rules: Rules = DEFAULTS,
    *,
    regions: Mapping[str, str] | None = None,
    problems: MutableSequence[Unreadable] | None = None,
) -> Survivor | None:
    """As `golden`, before anybody asks what the others said."""
    if not records:
        return None
    type = FIELDS[records[0].kind][field].type
    choice = rules.get(field) or _USUAL[type]
    found: MutableSequence[Unreadable] = [] if problems is None else problems
    held = _held(field, _ranked(records, choice.sources), found)
    if not held:
        return None
    if choice.rule is Rule.UNION:
        elements = united(type, held, regions or {})
        return Survivor(elements, elements[0].origins[0], choice.rule, held, elements) if elements else None
    if choice.rule is Rule.MOST_RESTRICTIVE:
        return _strictest(held)
    chosen = _chosen(choice.rule, held, found)
    if type not in UNITED:
        return chosen
    region = (regions or {}).get(chosen.origin.source, "")
    elements = united_alone(type, chosen.origin, chosen.said, region)
    return replace(chosen, value=elements) if elements else None


def display_name(
    full: str | None,
    given: str | None,
    family: str | None,
    emails: Iterable[str] = (),
    phones: Iterable[str] = (),
) -> str | None:
    """What to call somebody: the full name, else its parts, else the first e-mail, else the first phone."""
    parts = " ".join(part for part in (given, family) if part)
    return full or parts or next(iter(emails), None) or next(iter(phones), None)


_Held = list[tuple[Record, Any]]


def _fits(rule: Rule, type: FieldType) -> bool:
    if rule is Rule.UNION:
        return type in UNITED
    if rule is Rule.MOST_RESTRICTIVE:
        return type is FieldType.CONSENT
    return rule is not Rule.EARLIEST or type in (FieldType.INSTANT, FieldType.DATE)


def _ranked(records: Sequence[Record], first: tuple[str, ...]) -> list[Record]:
    """Records by the field's own source order, then the given one, then id."""
    if len(records) == 1:
        return list(records)
    named = dict.fromkeys((*first, *(record.ref.source for record in records)))
    rank = {source: place for place, source in enumerate(named)}
    return sorted(records, key=lambda record: (rank[record.ref.source], order(record.ref)))


def _held(field: str, records: Iterable[Record], problems: MutableSequence[Unreadable]) -> _Held:
    values = ((record, _read(record, field, problems)) for record in records)
    return [(record, value) for record, value in values if not _is_empty(value)]


def _read(record: Record, field: str, problems: MutableSequence[Unreadable]) -> Any:
    try:
        return record.get(field)
    except BadReply as error:  # One unreadable value costs this record's say in this field, and is told.
        problems.append(Unreadable(record.ref, field, error))
        return None


def _is_empty(value: Any) -> bool:
    return value is None or value == () or (isinstance(value, str) and not value.strip())


def _chosen(rule: Rule, held: _Held, problems: MutableSequence[Unreadable]) -> Survivor:
    winner = 0
    if rule is Rule.MOST_RECENT and len(held) > 1:
        winner = max(range(len(held)), key=lambda place: (_changed(held[place][0], problems), -place))
    elif rule is Rule.EARLIEST and len(held) > 1:
        winner = min(range(len(held)), key=lambda place: (held[place][1], place))
    record, value = held[winner]
    return Survivor(value, record.ref, rule, held, value)


def _changed(record: Record, problems: MutableSequence[Unreadable]) -> datetime:
    """When the CRM says the record was changed; one that does not say counts as never, not as when we fetched it."""
    said = _read(record, "updatedAt", problems) or _read(record, "createdAt", problems)
    return said if isinstance(said, datetime) else datetime.min.replace(tzinfo=UTC)


def _strictest(held: _Held) -> Survivor:
    consents = [value for _, value in held]
    worst = {name: _stricter(getattr(value, name) for value in consents) for name in Consent.__struct_fields__}
    if worst["any"] is ConsentState.BLOCKED:
        worst = dict.fromkeys(worst, ConsentState.BLOCKED)
    value = Consent(**worst)
    origin = max(range(len(held)), key=lambda place: (_refusals(consents[place]), -place))
    return Survivor(value, held[origin][0].ref, Rule.MOST_RESTRICTIVE, held, value)


def _stricter(states: Iterable[ConsentState]) -> ConsentState:
    """A refusal wins; a permission wins only over those that say nothing."""
    said = set(states)
    return next(
        (state for state in (ConsentState.BLOCKED, ConsentState.ALLOWED) if state in said), ConsentState.UNKNOWN
    )


def _refusals(consent: Consent) -> tuple[bool, int]:
    states = [getattr(consent, name) for name in Consent.__struct_fields__]
    return consent.any is ConsentState.BLOCKED, states.count(ConsentState.BLOCKED)
