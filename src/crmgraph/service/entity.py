"""The thing itself: golden values over the records judged to be one, each computed when it is first read."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from crmgraph.domain.assigning import PersonId
from crmgraph.domain.comparing import is_null
from crmgraph.domain.errors import BadReply
from crmgraph.domain.model import FIELDS, Custom, FieldType, Kind
from crmgraph.domain.naming import NAMES, display_name, half_name, whole_name
from crmgraph.domain.records import Record, Ref
from crmgraph.domain.survivorship.explaining import Loser, explain
from crmgraph.domain.survivorship.full_names import full_name, name_value
from crmgraph.domain.survivorship.golden import Golden, golden, survivor
from crmgraph.domain.survivorship.pinning import NO_PINS, Pins
from crmgraph.domain.survivorship.rules import Rule, Rules
from crmgraph.domain.survivorship.saying import SINGLE, Unreadable
from crmgraph.domain.uniting import UNITED, Merged, united_alone
from crmgraph.service.custom import CustomFields, Typed, decode
from crmgraph.service.identity import Person
from crmgraph.service.ids import encode, encode_key
from crmgraph.service.problems import problem_of
from crmgraph.service.session import Session
from crmgraph.service.sights import EVERYTHING, Sight

T = TypeVar("T")


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
    sight: Sight = EVERYTHING
    pins: Callable[[Person], Pins] | None = None
    """What people pinned of a person's fields; None where nothing is kept of it."""
    regions: Mapping[str, str] = field(init=False)
    """Per source where its phone numbers without a country code belong."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "regions", dict.fromkeys(self.session.sources, self.region))


_TOLD = frozenset({"customFields"})
"""The fields whose value is made from more than the records' own."""


_NOTHING: Mapping[str, Any] = {}

PLAIN: Mapping[Kind, frozenset[str]] = {
    kind: frozenset(
        name for name, field in fields.items() if field.type in SINGLE and not (name in NAMES and "fullName" in fields)
    )
    for kind, fields in FIELDS.items()
}
"""The fields that, of one record are what the record says."""

_LONE: Mapping[Kind, Mapping[str, FieldType]] = {
    kind: {
        name: field.type
        for name, field in fields.items()
        if name in PLAIN[kind] or name == "fullName" or (field.type in UNITED and name not in _TOLD)
    }
    for kind, fields in FIELDS.items()
}
"""These, the whole name, and the lists, which are united all the same."""


class Entity:
    """One thing of any kind, over one or more live records (most trusted first); `fields` are those that will surely be
    read.
    """

    __slots__ = (
        "_customs",
        "_golden",
        "_id",
        "_lone",
        "_values",
        "_view",
        "kind",
        "person",
        "pins",
        "plain",
        "records",
    )

    def __init__(self, person: Person, view: View, fields: Collection[str] = ()) -> None:
        self.person = person
        self.records: Sequence[Record] = person.records
        self.kind = person.records[0].kind
        self._view = view
        self._id: str | None = None
        self._values: dict[str, Any] = {}
        self._golden: dict[str, Golden | None] = {}
        self._customs: list[CustomValue] | None = None
        self.pins: Pins = NO_PINS if view.pins is None else view.pins(person)
        is_alone = len(person.records) == 1 and not self.pins
        self._lone = _LONE[self.kind] if is_alone else _NOTHING
        said = [one.at_hand(fields) for one in person.records]
        self.plain: Mapping[str, Any] = said[0] if is_alone else _NOTHING
        """Of the fields in `PLAIN`, the values that are at hand already."""

    @property
    def id(self) -> str:
        """The global id: the one that stays, where it was told, else the one by the first record."""
        if self._id is None:
            self._id = self.key
        return self._id

    @property
    def key(self) -> str:
        """The global id by the first record, which leads to the thing too, whatever else is known of it."""
        return encode(self.kind, self.person.refs[0])

    def stays(self, ident: PersonId) -> None:
        """Have this person's id that stays told."""
        self._id = encode_key(self.kind, ident)

    def golden(self, field: str) -> Golden | None:
        """The surviving value with its origin and the losers."""
        if field not in self._golden:
            self._golden[field] = self._noted(field, self._found)
        return self._golden[field]

    def _noted(self, field: str, find: Callable[[str, list[Unreadable]], T]) -> T:
        """What is found; a record that cannot say its own is a problem of its source."""
        unreadable: list[Unreadable] = []
        found = find(field, unreadable)
        for one in unreadable:
            self._view.session.note(one.ref.source, problem_of(one.error))
        return found

    def _found(self, field: str, unreadable: list[Unreadable]) -> Golden | None:
        if field == "customFields":
            return self._custom_golden()
        if field == "fullName":
            return full_name(self.records, self._rules, unreadable, self.pins)
        regions = self._view.regions
        return golden(field, self.records, self._rules, regions=regions, problems=unreadable, pins=self.pins)

    @property
    def _rules(self) -> Rules:
        return self._view.rules.get(self.kind, {})

    def value(self, field: str) -> Any:
        """The surviving value, None where no record has one."""
        values = self._values
        if field in values:
            return values[field]
        type = self._lone.get(field)
        try:
            value = self._noted(field, self._value) if type is None else self._said(field, type)
        except BadReply:  # It is told this way.
            value = self._noted(field, self._value)
        values[field] = value
        return value

    def _said(self, field: str, type: FieldType) -> Any:
        """What the one record says, which survives."""
        record = self.records[0]
        if field == "fullName":
            return whole_name(record) or half_name(record)
        said = record.get(field)
        if type in SINGLE or said is None:
            return said
        return united_alone(type, record.ref, said, self._view.regions.get(record.ref.source, "")) or None

    def _value(self, field: str, unreadable: list[Unreadable]) -> Any:
        """As `golden`, without finding out what the others said where that takes time."""
        if field in _TOLD:
            found = self.golden(field)
            return None if found is None else found.value
        if field == "fullName":
            return name_value(self.records, self._rules, unreadable, self.value, self.pins)
        regions = self._view.regions
        one = survivor(field, self.records, self._rules, regions=regions, problems=unreadable, pins=self.pins)
        return None if one is None else one.value

    def merged(self, field: str) -> tuple[Merged, ...]:
        """A united list's elements, each with the records that hold it."""
        value = self.value(field)
        return value if value is not None else ()

    def origin(self, field: str) -> str:
        """The source that a field's surviving value came from, the first one's where there is none."""
        if len(self.records) == 1:
            return self.records[0].ref.source
        found = self.golden(field)
        return (self.records[0].ref if found is None or found.origin is None else found.origin).source

    @property
    def record(self) -> Record:
        """The most trusted record."""
        return self.records[0]

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
        if self._customs is None:
            self._customs = [self._custom_value(key, held) for key, held in self._held_customs().items()]
        return [one for one in self._customs if keys is None or one.key in keys]

    def _held_customs(self) -> dict[str, list[tuple[Custom, Ref]]]:
        """What the records say under each logical key, in the field's own order of sources."""
        choice = self._rules.get("customFields")
        first = {source: place for place, source in enumerate(choice[0].sources if choice else ())}
        found: dict[str, list[tuple[Custom, Ref]]] = {}
        for record in sorted(self.records, key=lambda one: first.get(one.ref.source, len(first))):
            for custom in self._customs_of(record):
                key = self._view.custom.key_of(record.ref.source, custom.key)
                found.setdefault(key, []).append((custom, record.ref))
        return found

    def _customs_of(self, record: Record) -> Sequence[Custom]:
        try:
            return record.get("customFields") or ()
        except BadReply as error:  # It costs this record's say, and is told.
            self._view.session.note(record.ref.source, problem_of(error))
            return ()

    def _custom_value(self, key: str, held: Sequence[tuple[Custom, Ref]]) -> CustomValue:
        """The first value that is one; where all are empty, the first."""
        said = [one for one in held if not is_null(one[0].value)]
        custom, origin = (said or held)[0]
        typed = self._view.custom.typed(origin.source, custom)
        others = ((other.value, ref) for other, ref in said[1:])
        losers = tuple(one for one in others if decode(one[0], typed.type).meaning != typed.meaning)
        return CustomValue(key, self._view.custom.label_of(key, custom.label), typed, origin, losers)

    def _custom_golden(self) -> Golden | None:
        """What the custom fields show, as one value."""
        shown = self.custom_values()
        if not shown:
            return None
        losers = tuple(
            Loser(Custom(one.key, value), ref, "its source is less trusted")
            for one in shown
            for value, ref in one.losers
        )
        value = tuple(Custom(one.key, one.typed.raw) for one in shown)
        return Golden(value, shown[0].origin, Rule.UNION, explain(Rule.UNION), losers)

    def gaps(self) -> list[Gap]:
        """Each field that no record fills, with each record's reason."""
        return [
            Gap(name, record.ref.source, self._reason(record, name))
            for name in FIELDS[self.kind]
            if self.golden(name) is None
            for record in self.records
        ] + self._missing_sources()

    def _reason(self, record: Record, field: str) -> GapReason:
        if self._view.sight.hides(self.kind, field):
            return GapReason.HIDDEN
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
