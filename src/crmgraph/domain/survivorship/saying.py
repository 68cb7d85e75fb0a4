"""What the records say of a field, as the rules see it: in order of trust, empty values left out."""

from collections.abc import Iterable, Mapping, MutableSequence, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from crmgraph.domain.errors import BadReply
from crmgraph.domain.model import FIELDS, FieldType
from crmgraph.domain.naming import PARTS
from crmgraph.domain.profiles import order
from crmgraph.domain.records import Record, Ref
from crmgraph.domain.survivorship.readings import NAMED, Reading, agreed, reading
from crmgraph.domain.survivorship.witnesses import mailboxes
from crmgraph.domain.uniting import UNITED

SINGLE = frozenset(FieldType) - UNITED - {FieldType.CONSENT, FieldType.JSON}
"""The types of which one record's value, where nobody else has a say, survives as it is."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that could not say its value of a field, and why."""

    ref: Ref
    field: str
    error: BadReply


Problems = MutableSequence[Unreadable]


class Said(Struct, frozen=True, gc=False):
    """One record's value of a field; `told_from` names the field it was told from, where it is another one."""

    record: Record
    value: Any
    told_from: str = ""

    @property
    def ref(self) -> Ref:
        return self.record.ref


class Case(Struct, frozen=True, gc=False):
    """One field of one person: all records in order of trust, for rules that call other values to witness."""

    field: str
    type: FieldType
    records: Sequence[Record]
    regions: Mapping[str, str]
    problems: Problems


def in_order(records: Sequence[Record]) -> Sequence[Record]:
    """Records by the order in which their sources first appear, then by key."""
    if len(records) == 1 or len({record.ref.source for record in records}) == len(records):
        return records
    rank = _rank(record.ref.source for record in records)
    return sorted(records, key=lambda record: (rank[record.ref.source], order(record.ref)))


def preferring(sources: tuple[str, ...], held: Sequence[Said]) -> Sequence[Said]:
    """What is held, with what these sources hold first."""
    if not sources:
        return held
    rank = _rank((*sources, *(one.ref.source for one in held)))
    return sorted(held, key=lambda one: rank[one.ref.source])


def unanimous(field: str, records: Sequence[Record]) -> Said | None:
    """The one value of a single type that all who have one agree on; None where they do not, where nobody has one and
    where something has to be looked at more closely.
    """
    kind = records[0].kind
    if FIELDS[kind][field].type not in SINGLE:
        return None
    try:
        if field in PARTS and kind in NAMED:
            return _same_name(field, records)
        return _same_value(field, records)
    except BadReply:  # It is told when the value is looked at more closely.
        return None


def _same_value(field: str, records: Sequence[Record]) -> Said | None:
    found: Said | None = None
    for record in records:
        value = record.get(field)
        if value is None or is_empty(value):
            continue
        if found is not None and found.value != value:
            return None
        found = found or Said(record, value)
    return found


def _same_name(field: str, records: Sequence[Record]) -> Said | None:
    """The part of a name that all records read alike."""
    unread: list[Unreadable] = []
    first = read_name(records[0], unread)
    for record in records[1:]:
        other = read_name(record, unread)
        if other is not first and (other.given != first.given or other.family != first.family):
            return None
    part = first.given if field == PARTS[0] else first.family
    return Said(records[0], part) if part and not unread else None


def held(case: Case) -> list[Said]:
    """Every record's value, empty ones left out; parts of a person's name are told from whichever field holds them."""
    if case.field in PARTS and case.records[0].kind in NAMED:
        return _parts(case)
    said = (Said(record, read(record, case.field, case.problems)) for record in case.records)
    return [one for one in said if not is_empty(one.value)]


def read(record: Record, field: str, problems: Problems) -> Any:
    """The record's value; one that cannot be read costs this record's say in this field, and is told."""
    try:
        return record.get(field)
    except BadReply as error:
        problems.append(Unreadable(record.ref, field, error))
        return None


def is_empty(value: Any) -> bool:
    return value is None or value == () or (isinstance(value, str) and not value.strip())


def changed(record: Record, problems: Problems) -> datetime:
    """When the CRM says the record was changed; one that does not say counts as never, not as when we fetched it."""
    said = read(record, "updatedAt", problems) or read(record, "createdAt", problems)
    return said if isinstance(said, datetime) else _NEVER


def made(record: Record, problems: Problems) -> datetime:
    """When the CRM says the record was made; one that does not say counts as the last."""
    said = read(record, "createdAt", problems) or read(record, "updatedAt", problems)
    return said if isinstance(said, datetime) else _LAST


_NEVER, _LAST = (one.replace(tzinfo=UTC) for one in (datetime.min, datetime.max))


def _rank(sources: Iterable[str]) -> dict[str, int]:
    return {source: place for place, source in enumerate(dict.fromkeys(sources))}


def _parts(case: Case) -> list[Said]:
    which = PARTS.index(case.field)
    names = [read_name(record, case.problems) for record in case.records]
    readings = agreed(names, lambda given, family: mailboxes(case.records).order(given, family))
    return [
        Said(record, part, "" if part == _own(record, case.field) else one.origin)
        for record, one in zip(case.records, readings, strict=True)
        if (part := (one.given, one.family)[which])
    ]


def read_name(record: Record, problems: Problems) -> Reading:
    """The record's name, taken apart."""
    given, family = (_text(read(record, part, problems)) for part in PARTS)
    full = "" if given and family else _text(read(record, "fullName", problems))
    return reading(given, family, full)


def _own(record: Record, field: str) -> str:
    return _text(record.peek(field))


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""
