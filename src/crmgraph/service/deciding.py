"""What people decide about who is who: checked against what is there now, and kept all at once or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import msgspec

from crmgraph.domain.agreeing import Contradiction
from crmgraph.domain.errors import InputError
from crmgraph.domain.judgements import (
    Different,
    Judgement,
    Pin,
    Same,
    Saying,
    Undo,
    checked,
    holding,
    in_order,
    named,
    refs_of,
    standing,
)
from crmgraph.domain.model import FIELDS, FieldType, Kind
from crmgraph.domain.records import Ref
from crmgraph.service.entity import Entity
from crmgraph.service.judgements import Judgements
from crmgraph.service.naming_people import settled
from crmgraph.service.plain import made_value
from crmgraph.service.reading import Reading
from crmgraph.service.uniting import Standing, supposed, uniting
from crmgraph.service.writing.checking import Checking
from crmgraph.service.writing.mistakes import MistakeCode

PARTED = 100
"""How many pairs of records one decision may part."""

PINNABLE = frozenset({FieldType.TEXT, FieldType.BOOLEAN, FieldType.NUMBER, FieldType.DATE, FieldType.INSTANT})
"""The types of fields that have a single value to pin."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be said, and the records whose people are told of afterwards."""

    sayings: tuple[Saying, ...]
    about: tuple[Ref, ...]


NOTHING_DECIDED = Decision((), ())


@dataclass(frozen=True, slots=True)
class Decided:
    """What was said, in a dry run as it would be; the records it is about; what it contradicts; and the reading to
    which people are as they are then.
    """

    judgements: tuple[Judgement, ...]
    about: tuple[Ref, ...]
    contradictions: tuple[Contradiction, ...]
    reading: Reading


class Deciding:
    """Decisions of one caller; whatever is wrong with them is told to `checking`."""

    def __init__(self, reading: Reading, judgements: Judgements, checking: Checking) -> None:
        self._reading = reading
        self._judgements = judgements
        self._checking = checking

    async def linked(self, a: str, b: str) -> Decision:
        """Two people are one."""
        one, other = await self._person("a", a), await self._person("b", b)
        if one is None or other is None:
            return NOTHING_DECIDED
        one, other = await settled(self._reading, (a, b), (one, other))
        x, y = await self._named(a, one), await self._named(b, other)
        if x != y and one.person.refs == other.person.refs:
            said = "Both are one person already; link two people, or confirm two records with `judgePair`."
            self._checking.wrong("b", said)
        return await self._one((x, one.person), (y, other.person))

    async def judged(self, a: str, b: str, same: bool) -> Decision:
        """Two records are one person, or they are not."""
        one, other = await self._person("a", a), await self._person("b", b)
        if one is None or other is None:
            return NOTHING_DECIDED
        x, y = await self._named(a, one), await self._named(b, other)
        return await self._one((x, one.person), (y, other.person)) if same else self._pair(Different(x, y))

    async def unlinked(self, contact: str, records: Sequence[tuple[str, str]]) -> Decision:
        """These records (source and id) are not of the person who has them."""
        found = await self._person("contact", contact)
        if found is None:
            return NOTHING_DECIDED
        refs = found.person.refs
        leaving = list(dict.fromkeys(self._member(f"records.{at}", refs, *one) for at, one in enumerate(records)))
        staying = [ref for ref in refs if ref not in leaving]
        pairs = [(ref, other) for ref in leaving if ref is not None for other in staying]
        if not records or not staying:
            said = "Name at least one record that leaves, and leave at least one that stays."
            self._checking.wrong("records", said, MistakeCode.REQUIRED)
        if len(pairs) > PARTED:
            said = f"This parts {len(pairs)} pairs of records; {PARTED} can be parted at once."
            self._checking.wrong("records", said)
        return Decision(tuple(Different(*one) for one in pairs), (*staying, *(one for one in leaving if one)))

    async def pinned(self, contact: str, field: str, value: Any) -> Decision:
        """A field of a person has this value, in its JSON."""
        found = await self._person("contact", contact)
        if found is None or not self._is_pinnable(field, value):
            return NOTHING_DECIDED
        ref = await self._named(contact, found)
        return Decision((Pin(ref, field, value),), (ref,))

    async def undone(self, numbers: Sequence[int]) -> Decision:
        """These judgements do not hold."""
        known = {one.number: one for one in await self._judgements.all() if is_seen(one, self._reading)}
        sayings = {Undo(number): numbers.index(number) for number in numbers}
        if not sayings:
            self._checking.wrong("numbers", "Name at least one judgement.", MistakeCode.REQUIRED)
        about: dict[Ref, None] = {}
        for saying, at in sayings.items():
            try:
                about.update(dict.fromkeys(refs_of(saying, known)))
            except InputError as wrong:
                self._checking.wrong(f"numbers.{at}", wrong.message, MistakeCode.NOT_FOUND)
        return Decision(tuple(sayings), tuple(about))

    async def kept(self, decision: Decision, by: str, why: str | None, dry_run: bool) -> Decided:
        """Keep a decision, and read on under it. What stands already is not said again. A dry run keeps nothing, and
        what follows it in the operation knows nothing of it.
        """
        known = {one.number: one for one in await self._judgements.all()}
        stood = [stands(in_order(one), known) for one in decision.sayings]
        fresh = [saying for saying, before in zip(decision.sayings, stood, strict=True) if before is None]
        now = self._reading.gateway.clock.now()
        said = supposed(fresh, known, by, now, why) if dry_run else await self._judgements.say_all(fresh, by, why)
        after = standing([*known.values(), *said])
        if not dry_run:
            self._reading.put_together_anew()
        reading = self._reading.beside(after) if dry_run else self._reading
        told = {one.number for one in said}
        against = tuple(one for one in after.contradictions if told.intersection(one.numbers))
        return Decided((*(one for one in stood if one is not None), *said), decision.about, against, reading)

    async def _person(self, field: str, given: str) -> Entity | None:
        return await self._checking.entity(field, given, Kind.CONTACT)

    async def _named(self, given: str, found: Entity) -> Ref:
        return await self._reading.leading.record(given, found.person)

    def _member(self, field: str, refs: Sequence[Ref], source: str, ident: str) -> Ref | None:
        member = next((ref for ref in refs if (ref.source, ref.id) == (source, ident)), None)
        if member is None:
            told = ", ".join(map(named, refs))
            said = f"`{ident[:80]}` of {source[:80]} is no record of this person, whose records are {told}."
            self._checking.wrong(field, said, MistakeCode.NOT_FOUND)
        return member

    async def _one(self, one: Standing, other: Standing) -> Decision:
        """Two records are one person, and nobody's other records are left behind."""
        decision = self._pair(Same(one[0], other[0]))
        if one[0] == other[0]:
            return decision
        known = {said.number: said for said in await self._judgements.all()}
        return Decision(tuple(await uniting(self._reading, known, (one, other))), decision.about)

    def _pair(self, saying: Same | Different) -> Decision:
        try:
            checked(saying, lambda _: Kind.CONTACT)
        except InputError as wrong:
            self._checking.wrong("b", wrong.message)
        return Decision((saying,), (saying.a, saying.b))

    def _is_pinnable(self, field: str, value: Any) -> bool:
        known = FIELDS[Kind.CONTACT]
        able = sorted(name for name, one in known.items() if one.type in PINNABLE)
        if field not in known:
            self._checking.wrong("field", f"`{field[:80]}` is no field of a contact; {_meant(field, able)}")
        elif field not in able:
            self._checking.wrong("field", f"`{field[:80]}` cannot be pinned; what can be are {', '.join(able)}.")
        elif self._reading.gateway.sight.hides(Kind.CONTACT, field):
            self._checking.wrong("field", f"`{field}` is hidden from you.", MistakeCode.FORBIDDEN)
        elif value is None or not _reads(field, value):
            said = f"This is no value of `{field}`, which is {_SHAPES[known[field].type]}."
            self._checking.wrong("value", said)
        else:
            return True
        return False


_SHAPES = {
    FieldType.TEXT: "a text",
    FieldType.BOOLEAN: "true or false",
    FieldType.NUMBER: "a number",
    FieldType.DATE: "a day like 1990-04-09",
    FieldType.INSTANT: "a time like 2026-04-09T12:00:00Z",
}


def stands(saying: Saying, known: Mapping[int, Judgement]) -> Judgement | None:
    """The judgement that says this already and holds: the newest word on its subject, contradicted by none."""
    if isinstance(saying, Undo):
        return None
    live = holding(known.values())
    newest = next((one for one in live if _subject(one.saying) == _subject(saying)), None)
    if newest is None or newest.saying != saying:
        return None
    overruled = {one.overruled for one in standing(known.values()).contradictions}
    return None if newest.number in overruled else newest


def _subject(saying: Saying) -> tuple[Any, ...]:
    if isinstance(saying, Pin):
        return (saying.record, saying.field)
    return () if isinstance(saying, Undo) else (saying.a, saying.b)


def _meant(field: str, able: Sequence[str]) -> str:
    near = get_close_matches(field, able, n=1)
    return f"did you mean {near[0]}?" if near else f"what can be pinned are {', '.join(able)}."


def _reads(field: str, value: Any) -> bool:
    try:
        made_value(Kind.CONTACT, field, value)
    except msgspec.ValidationError:
        return False
    return True


def is_seen(one: Judgement, reading: Reading) -> bool:
    """Whether a caller may know of a judgement: of all its records, and of the field that it pins."""
    sight = reading.gateway.sight
    shown = all(ref.source in reading.session.sources for ref in one.refs)
    return shown and not (isinstance(one.saying, Pin) and sight.hides(Kind.CONTACT, one.saying.field))
