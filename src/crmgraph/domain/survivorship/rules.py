"""The rules by which values survive: their names, what each fits, and which hold where nobody has spoken."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from crmgraph.domain.errors import ConfigError
from crmgraph.domain.model import FIELDS, Field, FieldType, Kind
from crmgraph.domain.uniting import UNITED


class Rule(StrEnum):
    """How the surviving value is chosen; `explaining.explain` tells each in a sentence."""

    PINNED = "pinned"  # Somebody said so; it needs no configuration and wins over any other rule.
    MOST_TRUSTED = "most_trusted"
    MOST_RECENT = "most_recent"
    OLDEST = "oldest"
    MOST_FREQUENT = "most_frequent"
    LONGEST = "longest"
    SPELLING_STABLE = "spelling_stable"
    SPELLING_CHANGING = "spelling_changing"
    MIN = "min"
    MAX = "max"
    UNION = "union"
    MOST_RESTRICTIVE = "most_restrictive"


@dataclass(frozen=True, slots=True)
class FieldRule:
    """One rule of a field, and whose values it looks at.

    `sources` come first, in this order, where the rule cannot tell values apart. With `valid` only values that can be
    right are looked at, with `not_older_than` only those of records changed within that time before they were fetched.
    """

    rule: Rule
    sources: tuple[str, ...] = ()
    valid: bool = False
    not_older_than: timedelta | None = None

    @property
    def is_filtered(self) -> bool:
        return self.valid or self.not_older_than is not None


Rules = Mapping[str, tuple[FieldRule, ...]]
"""Field name → its rules, tried in order; a field that is not named follows its type (`usual`)."""


def default_rule(type: FieldType) -> Rule:
    """The rule of a field nobody has spoken about: lists are united, consent is the strictest, the rest is trust."""
    if type in UNITED:
        return Rule.UNION
    return Rule.MOST_RESTRICTIVE if type is FieldType.CONSENT else Rule.MOST_TRUSTED


USUAL: Mapping[FieldType, tuple[FieldRule, ...]] = {type: (FieldRule(default_rule(type)),) for type in FieldType}

_STABLE = (FieldRule(Rule.SPELLING_STABLE, valid=True), FieldRule(Rule.MOST_TRUSTED))
_CHANGING = (FieldRule(Rule.SPELLING_CHANGING, valid=True), FieldRule(Rule.MOST_RECENT))

DEFAULTS: Rules = {
    "givenName": _STABLE,
    "familyName": _CHANGING,
    "company": _CHANGING,
    "companyName": _CHANGING,
    "jobTitle": _CHANGING,
    "updatedAt": (FieldRule(Rule.MAX),),
    "createdAt": (FieldRule(Rule.MIN),),
}
"""What won on labelled records: names are spelt as most records spell them, and work is where the newest say it is."""

_NEEDS: Mapping[Rule, tuple[frozenset[FieldType], str]] = {
    Rule.UNION: (UNITED, "`union` joins lists"),
    Rule.MOST_RESTRICTIVE: (frozenset({FieldType.CONSENT}), "`most_restrictive` is for consent"),
    Rule.LONGEST: (frozenset({FieldType.TEXT}), "`longest` counts the letters of a text"),
    Rule.SPELLING_STABLE: (frozenset({FieldType.TEXT, FieldType.LINK}), "`spelling_stable` compares texts"),
    Rule.SPELLING_CHANGING: (frozenset({FieldType.TEXT, FieldType.LINK}), "`spelling_changing` compares texts"),
    **{
        rule: (frozenset({FieldType.INSTANT, FieldType.DATE, FieldType.NUMBER}), f"`{rule}` compares times and numbers")
        for rule in (Rule.MIN, Rule.MAX)
    },
}

CHECKED = frozenset({FieldType.TEXT, FieldType.LINK, FieldType.EMAILS, FieldType.PHONES, FieldType.ADDRESSES})
"""The types of which a value can be seen to be wrong."""


def misfit(field: Field, choice: FieldRule) -> str | None:
    """Why `choice` cannot choose a value of `field`, as a sentence; None where it can."""
    fitting, said = _NEEDS.get(choice.rule, (None, ""))
    if fitting is not None and field.type not in fitting:
        return f"{said}, and `{field.name}` holds {_HOLDS.get(field.type, 'one value')}; write {_instead(field.type)}."
    if choice.valid and field.type not in CHECKED:
        return f"`valid` looks at texts, e-mails, phones and addresses, and `{field.name}` holds none; leave it out."
    return None


_HOLDS = {
    FieldType.CONSENT: "consent",
    FieldType.TEXT: "a text",
    FieldType.DATE: "a date",
    FieldType.INSTANT: "a time",
    **dict.fromkeys(UNITED, "a list"),
}


def _instead(type: FieldType) -> str:
    usual = default_rule(type)
    return "most_trusted or most_recent" if usual is Rule.MOST_TRUSTED else f"{usual} or most_trusted"


def rules_for(kind: Kind, given: Rules) -> Rules:
    """`given` over the defaults; raises ConfigError with a line for each field and rule that is wrong."""
    wrong = [
        f"survivorship.{kind}.{name}: {said}" for name, choices in given.items() for said in _wrong(kind, name, choices)
    ]
    if wrong:
        raise ConfigError("\n".join(wrong))
    return {**DEFAULTS, **given}


def _wrong(kind: Kind, name: str, choices: tuple[FieldRule, ...]) -> list[str]:
    field = FIELDS[kind].get(name)
    if field is None:
        return [f"a {kind} has no field {name}."]
    return [said for choice in choices if (said := misfit(field, choice)) is not None]
