"""Why a value survived and why the others did not, in words for people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec import Struct

from crmgraph.domain.records import Ref
from crmgraph.domain.survivorship.choosing import CHOICES
from crmgraph.domain.survivorship.consenting import strictest
from crmgraph.domain.survivorship.filters import INVALID, TOO_OLD, passing
from crmgraph.domain.survivorship.listing import together
from crmgraph.domain.survivorship.rules import FieldRule, Rule
from crmgraph.domain.survivorship.saying import Case, Said
from crmgraph.domain.survivorship.spelling import are_variants


class Loser(Struct, frozen=True, gc=False):
    """A value that did not survive, the record that holds it, and why."""

    value: Any
    origin: Ref
    why: str


@dataclass(frozen=True, slots=True)
class Step:
    """What one rule looked at, and what it left."""

    rule: FieldRule
    looked_at: Sequence[Said]
    left: Sequence[Said]


_SAID = {Rule.UNION: together, Rule.MOST_RESTRICTIVE: strictest, **CHOICES}

_LOST: Mapping[Rule, str] = {
    Rule.MOST_TRUSTED: "its source is less trusted",
    Rule.MOST_RECENT: "its record was changed earlier",
    Rule.OLDEST: "its record was made later",
    Rule.MOST_FREQUENT: "fewer records hold it",
    Rule.LONGEST: "it is shorter",
    Rule.SPELLING_STABLE: "another value, which fewer records hold",
    Rule.SPELLING_CHANGING: "another value, whose records were changed earlier",
    Rule.MIN: "it is larger",
    Rule.MAX: "it is smaller",
    Rule.MOST_RESTRICTIVE: "it permits more",
    Rule.PINNED: "another value is pinned",
}
_VARIANT = "another spelling of it"
_SPELLING = (Rule.SPELLING_STABLE, Rule.SPELLING_CHANGING)


def explain(rule: Rule) -> str:
    """What the rule does, as users read it: its first sentence."""
    if rule is Rule.PINNED:
        return "What somebody pinned."
    return " ".join((_SAID[rule].__doc__ or "").split())


def losers(held: Sequence[Said], winner: Any, rule: Rule, steps: Sequence[Step], case: Case) -> tuple[Loser, ...]:
    """The values that differ from the winner's own, each with why it lost, in order of trust."""
    lost = (one for one in held if one.value != winner)
    return tuple(Loser(one.value, one.ref, _why(one, winner, rule, steps, case)) for one in lost)


def _why(one: Said, winner: Any, rule: Rule, steps: Sequence[Step], case: Case) -> str:
    if not steps:
        return _LOST[rule]
    for step in steps:
        if not any(one.ref == other.ref for other in step.looked_at):
            return (
                INVALID
                if step.rule.valid and not passing([one], FieldRule(step.rule.rule, valid=True), case)
                else TOO_OLD
            )
        if not any(one.ref == other.ref for other in step.left):
            is_variant = step.rule.rule in _SPELLING and are_variants(one.value, winner, case.field)
            return _VARIANT if is_variant else _LOST[step.rule.rule]
    return _LOST[Rule.MOST_TRUSTED]
