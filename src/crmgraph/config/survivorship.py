"""The words of the section `survivorship`: one rule or several for a field, checked against what the field holds."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from crmgraph.config.section import Section
from crmgraph.config.words import KnownSource
from crmgraph.connectors.trees import Keys, Mistake, Node, Scalar, Sequence
from crmgraph.domain.model import FIELDS, Kind
from crmgraph.domain.survivorship.rules import FieldRule, Rule, misfit

_DURATION = re.compile(r"([1-9]\d{0,5})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def _duration(text: str) -> str:
    if not _DURATION.fullmatch(text):
        raise ValueError("`not_older_than` is a number and a unit (s, m, h or d), for example `90d`.")
    return text


RuleWord = Literal[
    "most_trusted",
    "most_recent",
    "oldest",
    "most_frequent",
    "longest",
    "spelling_stable",
    "spelling_changing",
    "min",
    "max",
    "union",
    "aggregate",
    "most_restrictive",
]


class RuleSection(Section):
    """A rule with an order of trust of its own, or one that does not look at every value."""

    rule: RuleWord = Field(description="How the value is chosen; `aggregate` is another word for `union`.")
    sources: list[KnownSource] = Field(
        default=[], description="The sources in order of trust for this field; others follow."
    )
    not_empty: Literal[True] = Field(
        default=True, description="Empty values never survive; it may be said, not undone."
    )
    valid: bool = Field(
        default=False,
        description="Whether only values that can be right count: e-mails and phones that parse, no placeholders.",
    )
    not_older_than: Annotated[str, AfterValidator(_duration)] | None = Field(
        default=None, description="Only records count that were changed within this time before they were read: `90d`."
    )


FieldRules = RuleWord | RuleSection | Annotated[list[RuleWord | RuleSection], Field(min_length=1)]
"""One rule, or several that are tried in order: each goes on with what the one before could not tell apart."""


def field_rules(written: FieldRules) -> tuple[FieldRule, ...]:
    """A field's rules as the domain knows them."""
    return tuple(map(_rule, written if isinstance(written, list) else [written]))


def _rule(written: str | RuleSection) -> FieldRule:
    if isinstance(written, str):
        return FieldRule(_named(written))
    within = None if written.not_older_than is None else _time(written.not_older_than)
    return FieldRule(_named(written.rule), tuple(written.sources), written.valid, within)


def _named(word: str) -> Rule:
    return Rule.UNION if word == "aggregate" else Rule(word)


def _time(text: str) -> timedelta:
    match = _DURATION.fullmatch(text)
    return timedelta(**{_UNITS[match[2]]: int(match[1])}) if match else timedelta()


def misfits(section: Node | None) -> Iterator[Mistake]:
    """The mistakes of rules that are well written but cannot choose a value of their field."""
    for name, node in section.nodes.items() if isinstance(section, Keys) else ():
        field = FIELDS[Kind.CONTACT].get(name)
        for written in node.nodes if isinstance(node, Sequence) else (node,):
            rule = written.nodes.get("rule") if isinstance(written, Keys) else written
            if field is None or not isinstance(rule, Scalar) or rule.data not in _WORDS:
                continue
            valid = written.nodes.get("valid") if isinstance(written, Keys) else None
            is_valid = isinstance(valid, Scalar) and valid.data is True
            if said := misfit(field, FieldRule(_named(rule.data), valid=is_valid)):
                yield rule.place.mistake(said)


_WORDS = frozenset({"aggregate", *Rule} - {Rule.PINNED})
