"""What there is to do where one record shall say what another says: the difference since it was last told.

For each field there are four sets: what is wanted, what was said when it was last told, and what the target says now.
What was said before is not said again, whether or not the target kept it: so a CRM that keeps only one e-mail, or
spells tags its own way, comes to rest. What the target has of its own stays, unless the field holds one value.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crmgraph.domain.model import Custom, Kind
from crmgraph.service.cross_rules import CUSTOM, LISTS, type_of
from crmgraph.service.rule_memory import Digests
from crmgraph.service.ruling.saying import Said


@dataclass(slots=True)
class Differences:
    """What is to be written: values by field, custom fields under their logical keys; tags to be put on and off."""

    values: dict[str, Any] = field(default_factory=dict)
    add: list[str] = field(default_factory=list)
    remove: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.values or self.add or self.remove)


def digests(said: Said) -> dict[str, frozenset[str]]:
    """What was said without its values."""
    return {name: frozenset(values) for name, values in said.items()}


def differences(kind: Kind, wanted: Said, fresh: Said, now: Said, before: Digests, brought: Digests) -> Differences:
    """What is to be written. `fresh` is what of `wanted` is no echo, `before` what was said when it was last told,
    `brought` what had come to stand in the target by it.
    """
    found = Differences()
    for name, values in wanted.items():
        was, held = before.get(name, frozenset()), now.get(name, {})
        new = {key: value for key, value in fresh.get(name, {}).items() if key not in was and key not in held}
        gone = (was - values.keys()) & held.keys()
        if name == "tags":
            found.add += [value.name for value in new.values()]
            found.remove += [held[key].name for key in sorted(gone)]
        elif type_of(kind, name) in LISTS and (new or gone):
            found.values[name] = tuple(value for key, value in held.items() if key not in gone) + tuple(new.values())
        elif type_of(kind, name) not in LISTS:
            _one(found, name, values, new, was, held, brought.get(name, frozenset()))
    return found


def _one(
    found: Differences,
    name: str,
    values: Mapping[str, Any],
    new: Mapping[str, Any],
    was: frozenset[str],
    held: Mapping[str, Any],
    brought: frozenset[str],
) -> None:
    """A field of one value: the new one; none any more where what was told before is gone and still stands there."""
    cleared = not values and was and held and held.keys() <= was | brought
    if new or cleared:
        put(found.values, name, next(iter(new.values()), None))


def put(values: dict[str, Any], name: str, value: Any) -> None:
    """Set a field, a custom one among the others."""
    if name.startswith(CUSTOM):
        values["customFields"] = (*values.get("customFields", ()), Custom(name.removeprefix(CUSTOM), value))
    else:
        values[name] = value


def whole(kind: Kind, wanted: Said) -> dict[str, Any]:
    """The values of a record that is yet to be made."""
    values: dict[str, Any] = {}
    for name, said in wanted.items():
        if said and type_of(kind, name) in LISTS:
            values[name] = tuple(said.values())
        elif said:
            put(values, name, next(iter(said.values())))
    return values


def came(before: Digests, after: Digests, known: Digests, wanted: Digests) -> dict[str, frozenset[str]]:
    """What stands in the target by a rule: what appeared with its write, what it had brought before and is still there,
    and what it wants and is there.
    """
    none = frozenset[str]()
    return {
        name: (said - before.get(name, none)) | (said & (known.get(name, none) | wanted.get(name, none)))
        for name, said in after.items()
    }
