"""The whole name that survives: it has the parts that survived, so that the two forms never contradict each other."""

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from crmgraph.domain.errors import BadReply
from crmgraph.domain.folding import fold
from crmgraph.domain.naming import PARTS, half_name, told_from, whole_name
from crmgraph.domain.records import Record
from crmgraph.domain.survivorship.explaining import Loser
from crmgraph.domain.survivorship.golden import Golden, golden
from crmgraph.domain.survivorship.pinning import NO_PINS, Pins
from crmgraph.domain.survivorship.readings import reading
from crmgraph.domain.survivorship.rules import Rules
from crmgraph.domain.survivorship.saying import Problems, Unreadable, in_order

BY_PARTS = "parts"
"""The rule of a whole name that follows its parts."""

_WHY = "The whole name of a record that has the parts that survived, else these put together."

Parts = tuple[str, str]


def full_name(records: Sequence[Record], rules: Rules, problems: Problems, pins: Pins = NO_PINS) -> Golden | None:
    """The whole name of a person, by the parts that survived (records of one kind, most trusted first).

    Of one record, and where the field is pinned or has a rule of its own, the whole names themselves compete, and half
    a name wins only where nobody knows more. The rule tells a name that is put together.
    """
    if not _follows_parts(records, rules, pins):
        return _by_own_rule(records, rules, problems, pins)
    given, family = (golden(part, records, rules, problems=problems, pins=pins) for part in PARTS)
    if given is None and family is None:
        return _by_own_rule(records, rules, problems, pins)
    parts = (given.value if given else "", family.value if family else "")
    wholes = _wholes(records)
    fitting = next((one for one in wholes if _has(one[1], parts)), None)
    if fitting is not None:
        origin, name = fitting
        others = tuple(record.ref for record, whole in wholes if whole == name and record is not origin)
        return Golden(name, origin.ref, _rule(BY_PARTS, origin, name), _WHY, _losers(wholes, name), others)
    found = family or given
    told = " and ".join(part for part, value in zip(PARTS, parts, strict=True) if value)
    name = " ".join(filter(None, parts))
    return found and Golden(name, found.origin, f"{BY_PARTS}, derived from {told}", _WHY, _losers(wholes, name))


def name_value(
    records: Sequence[Record], rules: Rules, problems: Problems, part: Callable[[str], str | None], pins: Pins = NO_PINS
) -> str | None:
    """As `full_name`, without finding out what the others said; `part` gives what survived of a part."""
    if not pins and (same := _same(records)):
        return same
    if _follows_parts(records, rules, pins):
        given, family = (part(name) or "" for name in PARTS)
        if given or family:
            wholes = (whole for _, whole in _wholes(records))
            fitting = (whole for whole in wholes if _has(whole, (given, family)))
            return next(fitting, None) or f"{given} {family}".strip()
    found = _by_own_rule(records, rules, problems, pins)
    return None if found is None else str(found.value)


def _same(records: Sequence[Record]) -> str | None:
    """The whole name that every record holds, of one record also half a name; None where that has to be looked into."""
    try:
        first = whole_name(records[0])
        if len(records) == 1:
            return first or half_name(records[0])
        is_theirs = first and all(whole_name(one) == first and half_name(one) in (None, first) for one in records)
        return first if is_theirs else None
    except BadReply:  # What one of its fields cannot say, another may.
        return None


def _follows_parts(records: Sequence[Record], rules: Rules, pins: Pins) -> bool:
    if "fullName" in pins:
        return False
    return any(part in pins for part in PARTS) or (len(records) > 1 and "fullName" not in rules)


def _by_own_rule(records: Sequence[Record], rules: Rules, problems: Problems, pins: Pins) -> Golden | None:
    for read in (whole_name, half_name):
        unreadable: list[Unreadable] = []
        found = golden("fullName", [_seen(one, read) for one in records], rules, problems=unreadable, pins=pins)
        if found is not None:
            break
    problems.extend(unreadable)
    origin = None if found is None else next((one for one in records if one.ref == found.origin), None)
    return found if found is None or origin is None else replace(found, rule=_rule(found.rule, origin, found.value))


def _seen(record: Record, read: Callable[[Record], str | None]) -> Record:
    """The record as it is ranked: its name, and when it was changed."""
    getters = {
        "fullName": lambda raw, tables: read(record),
        "updatedAt": lambda raw, tables: record.get("updatedAt"),
        "createdAt": lambda raw, tables: record.get("createdAt"),
    }
    return Record(record.ref, record.kind, record.raw, getters, {}, record.fetched_at)


def _rule(rule: str, origin: Record, name: str) -> str:
    told = told_from(origin, name)
    return f"{rule}, derived from {told}" if told else rule


def _wholes(records: Sequence[Record]) -> list[tuple[Record, str]]:
    """The whole names that records hold, most trusted first; what cannot be read was told when the parts were."""
    found = ((record, _peek(record)) for record in in_order(records))
    return [(record, whole) for record, whole in found if whole]


def _peek(record: Record) -> str | None:
    try:
        return whole_name(record) or half_name(record)
    except BadReply:  # Another record has the name, or its parts.
        return None


def _has(whole: str, parts: Parts) -> bool:
    """Whether a whole name is written given name first, and has exactly these parts."""
    read = reading("", "", whole)
    return "," not in whole and (read.given, read.family) == parts


def _losers(wholes: Sequence[tuple[Record, str]], name: str) -> tuple[Loser, ...]:
    why = ("another name than its parts, which survived", "another spelling of it")
    return tuple(Loser(whole, record.ref, why[fold(whole) == fold(name)]) for record, whole in wholes if whole != name)
