"""Which value survives when the records of one person differ, and what the others said."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from crmgraph.domain.model import FIELDS
from crmgraph.domain.records import Record, Ref
from crmgraph.domain.survivorship.choosing import CHOICES
from crmgraph.domain.survivorship.consenting import strictest
from crmgraph.domain.survivorship.explaining import Loser, Step, explain, losers
from crmgraph.domain.survivorship.filters import passing
from crmgraph.domain.survivorship.listing import alone, together, with_first
from crmgraph.domain.survivorship.pinning import NO_PINS, Pin, Pins, pinned, told
from crmgraph.domain.survivorship.rules import DEFAULTS, USUAL, FieldRule, Rule, Rules
from crmgraph.domain.survivorship.saying import Case, Problems, Said, held, in_order, preferring, unanimous
from crmgraph.domain.uniting import UNITED


class Golden(Struct, frozen=True, gc=False):
    """The value that survived and the record it came from; a united value is a tuple of Merged.

    `rule` names the rule that chose it, and the field it was told from where that is another one; `reason` says what
    the rule does, or who pinned the value. `origin` is None where a value is pinned that no record holds. `losers` are
    the differing values, in order of trust; `agreeing` are the other records that hold the very same value.
    """

    value: Any
    origin: Ref | None
    rule: str
    reason: str
    losers: tuple[Loser, ...] = ()
    agreeing: tuple[Ref, ...] = ()


class Survivor(Struct, frozen=True, gc=False):
    """The value that survived, before anybody asks what the others said. `said` is the value as its record holds it, a
    list before its elements know their records, and None where several records made it.
    """

    value: Any
    origin: Ref | None
    rule: Rule
    said: Said | None = None
    steps: tuple[Step, ...] = ()


def golden(
    field: str,
    records: Sequence[Record],
    rules: Rules = DEFAULTS,
    *,
    regions: Mapping[str, str] | None = None,
    problems: Problems | None = None,
    pins: Pins = NO_PINS,
) -> Golden | None:
    """The surviving value of `field` over `records` (one kind, most trusted source first); None when nobody has one.

    `regions` says per source where phone numbers without a country code belong (ISO 3166). A record whose value cannot
    be read is left out and added to `problems`. What is pinned wins over every rule.
    """
    if not records:
        return None
    case = _case(field, records, regions, problems)
    said = held(case)
    found = _survivor(case, said, rules, pins)
    return None if found is None else _golden(found, said, case, pins.get(field))


def survivor(
    field: str,
    records: Sequence[Record],
    rules: Rules = DEFAULTS,
    *,
    regions: Mapping[str, str] | None = None,
    problems: Problems | None = None,
    pins: Pins = NO_PINS,
) -> Survivor | None:
    """As `golden`, before anybody asks what the others said."""
    if not records:
        return None
    choices = rules.get(field) or USUAL[FIELDS[records[0].kind][field].type]
    if not pins and not choices[-1].is_filtered and (found := unanimous(field, records)) is not None:
        return Survivor(found.value, found.ref, choices[0].rule, found)  # So no rule need be asked.
    case = _case(field, records, regions, problems)
    return _survivor(case, held(case), rules, pins)


def _case(field: str, records: Sequence[Record], regions: Mapping[str, str] | None, problems: Problems | None) -> Case:
    type = FIELDS[records[0].kind][field].type
    return Case(field, type, in_order(records), regions or {}, [] if problems is None else problems)


def _survivor(case: Case, said: Sequence[Said], rules: Rules, pins: Pins) -> Survivor | None:
    choices = rules.get(case.field) or USUAL[case.type]
    pin = pins.get(case.field)
    return (None if pin is None else _pinned(pin, said, case)) or _ruled(choices, said, case)


def _pinned(pin: Pin, said: Sequence[Said], case: Case) -> Survivor | None:
    found = pinned(pin, said)
    if found is None:
        return None
    value, origin = found
    holder = next((one for one in said if one.ref == origin), None)
    if case.type not in UNITED:
        return Survivor(value, origin, Rule.PINNED, holder)
    if pin.record is not None and holder is not None:
        return Survivor(alone(holder, case), origin, Rule.PINNED, holder)
    elements = with_first(pin, together(said, case), case)
    return Survivor(elements, next(iter(elements[0].origins), None), Rule.PINNED) if elements else None


def _ruled(choices: Sequence[FieldRule], said: Sequence[Said], case: Case) -> Survivor | None:
    """The rules one after the other: each goes on with what the one before could not tell apart."""
    steps: list[Step] = []
    left = said
    for choice in choices:
        looked_at = passing(preferring(choice.sources, left), choice, case)
        if not looked_at:
            continue
        if choice.rule in (Rule.UNION, Rule.MOST_RESTRICTIVE):
            return _made(choice.rule, looked_at, case)
        left = CHOICES[choice.rule](looked_at, case)
        steps.append(Step(choice, looked_at, left))
        if all(one.value == left[0].value for one in left):
            break
    return _first(left[0], steps, case) if steps else None


def _made(rule: Rule, held: Sequence[Said], case: Case) -> Survivor | None:
    """A value that is made from those of all records."""
    if rule is Rule.MOST_RESTRICTIVE:
        consent, origin = strictest(held)
        return Survivor(consent, origin.ref, rule)
    elements = together(held, case)
    return Survivor(elements, elements[0].origins[0], rule) if elements else None


def _first(one: Said, steps: Sequence[Step], case: Case) -> Survivor | None:
    narrowing = [step for step in steps if len(step.left) < len(step.looked_at)] or steps
    rule = narrowing[-1].rule.rule
    value = alone(one, case) if case.type in UNITED else one.value
    return Survivor(value, one.ref, rule, one, tuple(steps)) if value != () else None


def _golden(found: Survivor, held: Sequence[Said], case: Case, pin: Pin | None) -> Golden:
    own = found.value if found.said is None else found.said.value
    is_united = found.said is None and case.type in UNITED
    is_pinned = found.rule is Rule.PINNED
    return Golden(
        found.value,
        found.origin,
        _rule(found),
        told(pin) if is_pinned and pin is not None else explain(found.rule),
        () if is_united else losers(held, own, found.rule, found.steps, case),
        () if is_united else tuple(one.ref for one in held if one.value == own and one.ref != found.origin),
    )


def _rule(found: Survivor) -> str:
    told_from = "" if found.said is None or found.rule is Rule.PINNED else found.said.told_from
    return f"{found.rule}, derived from {told_from}" if told_from else str(found.rule)
