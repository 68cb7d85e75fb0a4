"""The thing itself: golden values over the records judged to be one, each computed when it is first read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from crmgraph.domain.model import FIELDS, Custom, Kind
from crmgraph.domain.names import split_name
from crmgraph.domain.records import Record, Ref
from crmgraph.domain.survivorship import Golden, Merged, Rules, Unreadable, display_name, golden
from crmgraph.service.custom import CustomFields, Typed
from crmgraph.service.identity import Person
from crmgraph.service.ids import encode
from crmgraph.service.problems import problem_of
from crmgraph.service.session import Session


class GapReason(StrEnum):
    """Why a field is null: EMPTY in the CRM, UNSUPPORTED by it, HIDDEN from this caller, or reading it FAILED."""

    EMPTY = "EMPTY"
    UNSUPPORTED = "UNSUPPORTED"
    HIDDEN = "HIDDEN"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class Gap:
    """A field that one source did not fill, and why."""

    field: str
    source: str
    reason: GapReason


@dataclass(frozen=True, slots=True)
class CustomValue:
    """A custom field's surviving value under its logical key, and what the other records say."""

    key: str
    label: str | None
    typed: Typed
    origin: Ref
    losers: tuple[tuple[Any, Ref], ...] = ()


@dataclass(frozen=True, slots=True)
class View:
    """What entities of one session are read with."""

    session: Session
    rules: Mapping[Kind, Rules]
    region: str
    custom: CustomFields


class Entity:
    """One thing of any kind, over one or more live records (most trusted first)."""

    __slots__ = ("_golden", "_view", "id", "kind", "person", "records")

    def __init__(self, person: Person, view: View) -> None:
        self.person = person
        self.records: Sequence[Record] = person.records
        self.kind = person.records[0].kind
        self.id = encode(self.kind, person.refs[0])
        self._view = view
        self._golden: dict[str, Golden | None] = {}

    def golden(self, field: str) -> Golden | None:
        """The surviving value with its origin; a record that cannot say its own is a problem of its source."""
        if field not in self._golden:
            unreadable: list[Unreadable] = []
            regions = dict.fromkeys(self._view.session.sources, self._view.region)
            rules = self._view.rules.get(self.kind, {})
            found = golden(field, self.records, rules, regions=regions, problems=unreadable)
            self._golden[field] = self._whole_name(found) if field == "fullName" else found
            for one in unreadable:
                self._view.session.note(one.ref.source, problem_of(one.error))
        return self._golden[field]

    def _whole_name(self, said: Golden | None) -> Golden | None:
        """The whole name: what a record says, unless a more trusted one has its parts; a mix would be nobody's name."""
        given, family = self.golden("givenName"), self.golden("familyName")
        parts = [part for part in (given, family) if part is not None]
        if not parts or (said is not None and self._place(said) <= min(map(self._place, parts))):
            return said
        losers = () if said is None else ((said.value, said.origin), *said.losers)
        name = " ".join(part.value for part in parts)
        return Golden(name, parts[0].origin, "parts", tuple(one for one in losers if one[0] != name))

    def _place(self, found: Golden) -> int:
        """The place among the records of the one that a value came from."""
        return [record.ref for record in self.records].index(found.origin)

    def value(self, field: str) -> Any:
        """The surviving value, None where no record has one."""
        found = self.golden(field)
        return None if found is None else found.value

    def merged(self, field: str) -> tuple[Merged, ...]:
        """A united list's elements, each with the records that hold it."""
        value = self.value(field)
        return value if value is not None else ()

    def origin(self, field: str) -> str:
        """The source that a field's surviving value came from, the first one's where there is none."""
        found = self.golden(field)
        return (self.records[0].ref if found is None else found.origin).source

    @property
    def record(self) -> Record:
        """The most trusted record."""
        return self.records[0]

    def given_name(self) -> str | None:
        """The first name, taken from the whole name where no record has it apart."""
        return self.value("givenName") or self._part(0)

    def family_name(self) -> str | None:
        """The last name, taken from the whole name where no record has it apart."""
        return self.value("familyName") or self._part(1)

    def _part(self, which: int) -> str | None:
        if self.value("givenName") or self.value("familyName") or not self.value("fullName"):
            return None
        return split_name(self.value("fullName"))[which] or None

    def display_name(self) -> str | None:
        """What to call a person."""
        return display_name(
            self.value("fullName"),
            None,
            None,
            [one.value.value for one in self.merged("emails")],
            [one.value.value for one in self.merged("phones")],
        )

    def custom_values(self, keys: Sequence[str] | None = None) -> list[CustomValue]:
        """The custom fields by logical key, in order of trust; of differing values the most trusted survives."""
        found: dict[str, list[tuple[Custom, Ref]]] = {}
        for record in self.records:
            for custom in self._customs(record):
                key = self._view.custom.key_of(record.ref.source, custom.key)
                found.setdefault(key, []).append((custom, record.ref))
        return [self._custom_value(key, held) for key, held in found.items() if keys is None or key in keys]

    def _customs(self, record: Record) -> Sequence[Custom]:
        alone = golden("customFields", [record], {})
        return [one.value for one in alone.value] if alone is not None else []

    def _custom_value(self, key: str, held: Sequence[tuple[Custom, Ref]]) -> CustomValue:
        custom, origin = held[0]
        typed = self._view.custom.typed(origin.source, custom)
        losers = tuple((other.value, ref) for other, ref in held[1:] if other.value != custom.value)
        return CustomValue(key, self._view.custom.label_of(key, custom.label), typed, origin, losers)

    def gaps(self) -> list[Gap]:
        """Each field that no record fills, with each record's reason."""
        return [
            Gap(name, record.ref.source, self._reason(record, name))
            for name in FIELDS[self.kind]
            if self.golden(name) is None
            for record in self.records
        ] + self._missing_sources()

    def _reason(self, record: Record, field: str) -> GapReason:
        if not record.maps(field):
            return GapReason.UNSUPPORTED
        return GapReason.EMPTY if golden(field, [record], {}) is None and _is_read(record, field) else GapReason.FAILED

    def _missing_sources(self) -> list[Gap]:
        """A source that failed may have known more of everything."""
        failed = [name for name, meter in self._view.session.meters.items() if meter.lost is not None]
        return [Gap("*", name, GapReason.FAILED) for name in failed if name not in {r.ref.source for r in self.records}]


def _is_read(record: Record, field: str) -> bool:
    unreadable: list[Unreadable] = []
    golden(field, [record], {}, problems=unreadable)
    return not unreadable and field not in record.unread
