"""Which given names are one name: short forms, pet names and variants, from an English list and from ours."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from nicknames import NickNamer

from crmgraph.domain.folding import squeezed
from crmgraph.domain.rarity import Shipped

_REMEMBERED = 65_536
_FORM_OVER_FULL = 2.0  # A form may be more common than the full name, as Kathy is, but not by more than this.


@dataclass(frozen=True, slots=True)
class _Lists:
    """Full names by form, all established names, and by name those that are not it although they look like it."""

    full_names: Mapping[str, frozenset[str]]
    established: frozenset[str]
    parted: Mapping[str, Set[str]]


def established(name: str) -> bool:
    """Whether `name` (folded, one word) is a known given name, so that resembling another one is no typing error."""
    return name in _lists().established


@lru_cache(_REMEMBERED)
def canonicals(name: str) -> tuple[str, ...]:
    """The full names that `name` (folded, one word) may stand for, itself first and the others in order."""
    return name, *sorted(_lists().full_names.get(name, frozenset()) - {name})


@lru_cache(_REMEMBERED)
def same_name(one: str, other: str) -> str | None:
    """The full name that both (folded, one word each) stand for, or None when no list joins them.

    Two forms meet in a full name only when it is a full name to both and not much rarer than either: William and Robert
    are not one because both may be called Bill, nor are Mary and Maria because of some Mariah.
    """
    if other in _lists().parted.get(one, ()):
        return None
    shared = set(canonicals(one)) & set(canonicals(other))
    if direct := shared & {one, other}:
        return min(direct)
    return min((full for full in shared if _joins(full, one) and _joins(full, other)), default=None)


def _joins(full: str, form: str) -> bool:
    return form not in canonicals(full) and _share(form) <= _FORM_OVER_FULL * _share(full)


def _share(name: str) -> float:
    return Shipped().share("given", squeezed(name))


@lru_cache(1)
def _lists() -> _Lists:
    """Both lists, read when the first two names are compared."""
    lines = (files("crmgraph.domain") / "given_names.txt").read_text("utf-8").splitlines()
    rows = [line.split() for line in lines if line and not line.startswith("#")]
    parted: defaultdict[str, set[str]] = defaultdict(set)
    for one, other in ((row[1], other) for row in rows if row[0] == "!" for other in row[2:]):
        parted[one].add(other)
        parted[other].add(one)
    ours = [(row[0], row[1:]) for row in rows if row[0] != "!"]
    return _index([*NickNamer().nickname_lookup.items(), *ours], parted)


def _index(groups: Iterable[tuple[str, Iterable[str]]], parted: Mapping[str, Set[str]]) -> _Lists:
    listed: defaultdict[str, set[str]] = defaultdict(set)
    established: set[str] = set()
    for full, forms in groups:
        established.add(full)
        established.update(forms)
        for form in set(forms) - parted.get(full, set()):
            listed[form].add(full)
    told = {form: frozenset(full for full in fulls if _is_full(full, form, listed)) for form, fulls in listed.items()}
    return _Lists(told, frozenset(established), parted)


def _is_full(full: str, form: str, full_names: Mapping[str, Set[str]]) -> bool:
    """Where a list calls each of two names a form of the other, the longer one is the full name."""
    return len(full) >= len(form) or form not in full_names.get(full, ())
