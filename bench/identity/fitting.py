"""Where `weights.toml` comes from: logistic regression over labelled pairs of several error models.

`python -m bench.identity.fitting --write` estimates the weights anew; the words and the bounds set by hand stay.
"""

import re
from collections.abc import Mapping, Sequence
from math import log
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from bench.identity.data import Data, generated
from bench.identity.parameters import VARIATIONS
from crmgraph.domain import weights
from crmgraph.domain.candidates import candidates
from crmgraph.domain.findings import Finding, findings
from crmgraph.domain.profiles import counted
from crmgraph.domain.rarity import Counted, Shipped
from crmgraph.domain.trial import profile

TOLD = Path(weights.__file__).with_name("weights.toml")
LINE = re.compile(r"^(?P<level>\w+) = \{ bits = (?P<bits>[-\d.]+)(?P<rarity>, rarity = [-\d.]+)?, says", re.MULTILINE)
HEAD = re.compile(r"^\[(\w+)\]$", re.MULTILINE)

BOUNDS = {("city", "different"): -5.0, ("country", "different"): -4.0, ("phone", "different"): -0.5}
"""Bits that nothing may speak against one person by more: people move, and some have several numbers."""

UNSEEN = ("street", "postal_code", "birth_date")
"""The rules that the generated records have no field for; their weights are set by hand."""

RIDGE = 2.0


def main(
    size: Annotated[int, typer.Option(help="Records of each seed.")] = 10_000,
    seeds: Annotated[int, typer.Option(help="How many seeds, from 1 on, in turn over the variations.")] = 14,
    write: Annotated[bool, typer.Option("--write", help="Write the weights into the data file.")] = False,
) -> None:
    """Print the weights that fit the labelled records best."""
    variations = list(VARIATIONS)
    several = [generated(size, seed, variations[(seed - 1) % len(variations)]) for seed in range(1, seeds + 1)]
    names, fitted = fit([row for data in several for row in labelled(data)])
    told = dict(zip(names, fitted, strict=True))
    for name, bits in told.items():
        print(f"{name[0]:12} {name[1]:12} {bits:7.2f}")
    if write:
        TOLD.write_text(written(TOLD.read_text("utf-8"), told), "utf-8")


Column = tuple[str, str]
Labelled = tuple[Mapping[Column, float], bool]


def labelled(data: Data) -> list[Labelled]:
    """The findings of all candidate pairs, each as columns, and whether the pair is one person."""
    profiles = [profile(row) for row in data.rows]
    rarity = Counted.of((held for one in profiles for held in counted(one)), Shipped())
    pairs = candidates(profiles).pairs
    return [
        (columns(findings(profiles[a], profiles[b]), rarity), data.truth[a] == data.truth[b]) for a, b in sorted(pairs)
    ]


def columns(found: Sequence[Finding], rarity: Counted) -> Mapping[Column, float]:
    """One column says that a finding is there; where its rarity counts, another says by how much more than usual."""
    told: dict[Column, float] = {("prior", "bits"): 1.0}
    for one in found:
        weight = weights.shipped().of[one.rule, one.level]
        told[one.rule, one.level] = 1.0
        if weight.rarity and one.kind:
            least, most = weights.SURPRISES
            surprise = -np.log2(rarity.share(one.kind, one.value))
            told[one.rule, f"{one.level}*"] = min(max(surprise, least), most) - weights.USUAL_SURPRISE
    return told


def fit(rows: Sequence[Labelled]) -> tuple[list[Column], Sequence[float]]:
    """The columns and their weights in bits, by Newton's method; those out of bounds are set, the rest fitted again."""
    names = sorted({name for told, _ in rows for name in told})
    place = {name: i for i, name in enumerate(names)}
    table = np.zeros((len(rows), len(names)))
    for row, (told, _) in zip(table, rows, strict=True):
        for name, value in told.items():
            row[place[name]] = value
    one_person = np.array([same for _, same in rows], float)
    bounds = {place[name]: bits * log(2) for name, bits in BOUNDS.items() if name in place}
    free = _newton(table, one_person, {})
    held = {i: least for i, least in bounds.items() if free[i] < least}
    return names, list(_newton(table, one_person, held) / log(2))


def _newton(table: np.ndarray, wanted: np.ndarray, held: Mapping[int, float]) -> np.ndarray:
    fitted = np.zeros(table.shape[1])
    for i, value in held.items():
        fitted[i] = value
    free = [i for i in range(table.shape[1]) if i not in held]
    part = table[:, free]
    for _ in range(30):
        odds = 1 / (1 + np.exp(-table @ fitted))
        slope = part.T @ (wanted - odds) - RIDGE * fitted[free]
        bend = (part * (odds * (1 - odds) + 1e-9)[:, None]).T @ part + RIDGE * np.eye(len(free))
        step = np.linalg.solve(bend, slope)
        fitted[free] += step
        if np.abs(step).max() < 1e-6:
            break
    return fitted


def written(text: str, told: Mapping[Column, float]) -> str:
    """The data file with these weights in the place of the old ones."""
    parts = HEAD.split(text)
    for at in range(1, len(parts), 2):
        rule = parts[at]
        parts[at] = f"[{rule}]"
        if rule == "prior":
            parts[at + 1] = re.sub(r"bits = [-\d.]+", f"bits = {told['prior', 'bits']:.1f}", parts[at + 1])
        elif rule not in UNSEEN:
            parts[at + 1] = LINE.sub(lambda line, rule=rule: _line(line, rule, told), parts[at + 1])
    return "".join(parts)


def _line(line: re.Match[str], rule: str, told: Mapping[Column, float]) -> str:
    level = line["level"]
    if (rule, level) not in told:
        return line[0]
    rarity = f", rarity = {told[rule, f'{level}*']:.2f}" if line["rarity"] and (rule, f"{level}*") in told else ""
    return f"{level} = {{ bits = {told[rule, level]:.1f}{rarity}, says"


if __name__ == "__main__":
    typer.run(main)
