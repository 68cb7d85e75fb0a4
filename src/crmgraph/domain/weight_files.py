"""Weights as the text of a data file: read with all its mistakes, and written with a head that says what they are."""

import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from crmgraph.domain.errors import InputError
from crmgraph.domain.weights import Weight, Weights, shipped

FURTHEST = 30.0
"""Bits that no weight has."""


def weights_in(text: str, name: str) -> Weights:
    """The weights that a file says; of what it does not say, the shipped ones. Raises InputError with all mistakes."""
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        raise InputError(f"{name} is not TOML: {wrong}.") from None
    if mistakes := list(_mistakes(told)):
        raise InputError("\n".join(f"{name}: {one}" for one in mistakes))
    usual = shipped()
    head = told.pop("prior", {})
    said = {(rule, level): one for rule, levels in told.items() for level, one in levels.items()}
    return Weights(
        float(head.get("bits", usual.prior)),
        int(head.get("population", usual.population)),
        float(head.get("crowding", usual.crowding)),
        {level: _weight(said.get(level, {}), one) for level, one in usual.of.items()},
    )


def as_text(weights: Weights, head: str) -> str:
    """The file that says these weights, under the lines of a head."""
    lines = [f"# {line}".rstrip() for line in head.splitlines()]
    prior = {"bits": weights.prior, "population": weights.population, "crowding": weights.crowding}
    lines += ["", "[prior]", *(f"{name} = {_number(value)}" for name, value in prior.items())]
    rule = ""
    for (named, level), one in weights.of.items():
        if named != rule:
            lines += ["", f"[{named}]"]
            rule = named
        rarity = f", rarity = {one.rarity:.2f}" if one.rarity else ""
        lines.append(f'{level} = {{ bits = {_number(one.bits)}{rarity}, says = "{one.says}" }}')
    return "\n".join(lines) + "\n"


def _weight(said: Mapping[str, Any], usual: Weight) -> Weight:
    return Weight(
        float(said.get("bits", usual.bits)), float(said.get("rarity", usual.rarity)), said.get("says", usual.says)
    )


def _number(value: float) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def _mistakes(told: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong, a sentence each."""
    usual = shipped().of
    rules = {rule for rule, _ in usual}
    for rule, levels in told.items():
        if rule == "prior":
            yield from _wrong_prior(levels)
        elif rule not in rules:
            yield f"There is no rule `{rule}`{_near(rule, rules)}"
        elif not isinstance(levels, dict):
            yield f"`{rule}` must be a table of what the rule finds."
        else:
            known = {level for named, level in usual if named == rule}
            for level, one in levels.items():
                if level not in known:
                    yield f"The rule `{rule}` finds no `{level}`{_near(level, known)}"
                else:
                    yield from _wrong_weight(f"`{rule}.{level}`", one)


def _wrong_prior(told: Any) -> Iterator[str]:
    if not isinstance(told, dict):
        yield "`prior` must be a table of bits, population and crowding."
        return
    for name, value in told.items():
        if name not in ("bits", "population", "crowding"):
            yield f"`prior` has no `{name}`; it has bits, population and crowding."
        elif not _is_number(value):
            yield f"`prior.{name}` must be a number."
        elif name == "population" and value < 1:
            yield "`prior.population` must be a number of records, 1 at least."


def _wrong_weight(where: str, told: Any) -> Iterator[str]:
    if not isinstance(told, dict):
        yield f"{where} must be a table such as {{ bits = 3.0 }}."
        return
    for name, value in told.items():
        if name not in ("bits", "rarity", "says"):
            yield f"{where} has no `{name}`; it has bits, rarity and says."
        elif name == "says" and not isinstance(value, str):
            yield f"`says` of {where} must be a text."
        elif name != "says" and not (_is_number(value) and abs(value) <= FURTHEST):
            yield f"`{name}` of {where} must be a number of bits, {-FURTHEST:g} to {FURTHEST:g}."


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value


def _near(name: str, known: set[str]) -> str:
    near = get_close_matches(name, sorted(known), 1)
    return f"; did you mean `{near[0]}`?" if near else f"; there are {', '.join(sorted(known))}."
