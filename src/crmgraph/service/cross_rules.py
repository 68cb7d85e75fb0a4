"""A rule between two sources, as the operator wrote it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crmgraph.domain.model import FIELDS, Field, FieldType, Kind

CUSTOM = "customFields."
"""What stands before a custom field's logical key where a field is named."""

LISTS = frozenset({FieldType.EMAILS, FieldType.PHONES, FieldType.ADDRESSES, FieldType.TAGS})
"""The types of which a record holds several, each of them said for itself."""

PUSHED: Mapping[str, Kind] = {"tasks": Kind.TASK, "notes": Kind.NOTE}
"""What can be pushed along with a person, by the word of the configuration."""


@dataclass(frozen=True, slots=True)
class CrossRule:
    """`fields` are pairs of a field of `source` and the one of `target` that is to say the same; `constants` what each
    record of the target says besides, by its fields; `push` what of a person goes along. `assignee` gets the tasks, by
    name or e-mail in the target; without it, whoever has the same e-mail there.
    """

    name: str
    source: str
    target: str
    fields: tuple[tuple[str, str], ...]
    constants: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    create: bool = True
    push: tuple[Kind, ...] = ()
    assignee: str | None = None

    @property
    def digest(self) -> str:
        """Another one for every other meaning of the rule."""
        ways = (self.create, self.push, self.assignee)
        said = repr((self.source, self.target, self.fields, sorted(self.constants.items()), ways))
        return hashlib.sha256(said.encode()).hexdigest()


def type_of(kind: Kind, name: str) -> FieldType | None:
    """The type of a field, `customFields.KEY` among them; None where there is no such field."""
    if name.startswith(CUSTOM) and "customFields" in FIELDS[kind]:
        return FieldType.CUSTOM
    known: Field | None = FIELDS[kind].get(name)
    return None if known is None else known.type


def top_of(name: str) -> str:
    """The field that a record is read by: `customFields` for each of its keys."""
    return name.partition(".")[0]


_WORDS = frozenset({FieldType.TEXT, FieldType.DATE, FieldType.CUSTOM})

_TURNS: Mapping[FieldType, frozenset[FieldType]] = {
    FieldType.TAGS: _WORDS | {FieldType.TAGS},
    FieldType.CUSTOM: _WORDS,
    FieldType.TEXT: _WORDS - {FieldType.DATE},
}
"""A target's type → the types that can be told as it; the others are told by their own type alone."""

COPIED = frozenset({*LISTS, *_WORDS, FieldType.CONSENT})
"""The types that mean the same in every source; links and times of a record's own do not."""


def turns(said: FieldType, wanted: FieldType) -> bool:
    """Whether what a field of one type says can be told by a field of another."""
    return said in _TURNS.get(wanted, frozenset({wanted}))
