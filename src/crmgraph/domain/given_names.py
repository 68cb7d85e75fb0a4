"""Which given names are one name: short forms, pet names and variants, from an English list and from ours."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from nicknames import NickNamer


@dataclass(frozen=True, slots=True)
class _Lists:
    """Full names by short form, all established names, and the pairs that only look like one name."""

    full_names: dict[str, frozenset[str]]
    established: frozenset[str]
    parted: frozenset[frozenset[str]]


def established(name: str) -> bool:
    """Whether `name` (folded, one word) is a known given name, so that resembling another one is no typing error."""
    return name in _lists().established


def same_name(one: str, other: str) -> str | None:
    """The full name that both (folded, one word each) stand for, or None when no list joins them."""
    lists = _lists()
    if frozenset((one, other)) in lists.parted:
        return None
    ours = lists.full_names.get(one, frozenset()) | {one}
    theirs = lists.full_names.get(other, frozenset()) | {other}
    return min(ours & theirs, default=None)


@lru_cache(1)
def _lists() -> _Lists:
    """Both lists, read when the first two names are compared."""
    lines = (files("crmgraph.domain") / "given_names.txt").read_text("utf-8").splitlines()
    rows = [line.split() for line in lines if line and not line.startswith("#")]
    parted = frozenset(frozenset(row[1:]) for row in rows if row[0] == "!")
    ours = [(row[0], row[1:]) for row in rows if row[0] != "!"]
    return _index([*NickNamer().nickname_lookup.items(), *ours], parted)


def _index(groups: Iterable[tuple[str, Iterable[str]]], parted: frozenset[frozenset[str]]) -> _Lists:
    full_names: defaultdict[str, set[str]] = defaultdict(set)
    established: set[str] = set()
    for full, shorts in groups:
        established.add(full)
        for short in shorts:
            full_names[short].add(full)
            established.add(short)
    return _Lists({short: frozenset(full) for short, full in full_names.items()}, frozenset(established), parted)
