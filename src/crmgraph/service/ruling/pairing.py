"""Which record of the target is the same person: the one it was linked to, else the one that identity finds."""

from dataclasses import dataclass
from itertools import chain

from crmgraph.domain.records import Record, Ref
from crmgraph.domain.resolution import Obstacle
from crmgraph.service.cross_rules import CrossRule
from crmgraph.service.identity import Person
from crmgraph.service.reading import Reading
from crmgraph.service.rule_memory import RuleLink, RuleMemory
from crmgraph.service.ruling.saying import read_by

DOUBTFUL = -1.0
"""Bits: from one in three on, it is not sure enough that two records are two people."""


class Skipped(Exception):
    """There is no saying who it is, and a rule does not guess; the text is the reason."""


@dataclass(frozen=True, slots=True)
class Pair:
    """What is known of a record in the other source: `mine` is this rule's own link, `echo` one of a rule that goes the
    other way, `known` the records that any link names.
    """

    mine: RuleLink | None
    echo: RuleLink | None
    known: tuple[Ref, ...]


async def pair_of(memory: RuleMemory, rule: str, record: Ref, other: str) -> Pair:
    """The links of a record; a link that leads to a record without one of its own is none of a pair's."""
    links = await memory.touching(record, other)
    mine = next((one for one in links if one.rule == rule and one.of == record), None)
    echo = next((one for one in links if one.to == record), None)
    first = (mine,) if mine is not None else ()
    known = dict.fromkeys(one.to if one.of == record else one.of for one in chain(first, links))
    return Pair(mine, echo, tuple(known))


async def counterpart(reading: Reading, rule: CrossRule, record: Record, pair: Pair) -> Record | None:
    """The target's record of the person, None where it has none; raises Skipped, SourceError."""
    fields = read_by(rule)
    for ref in pair.known:
        found = await reading.lookup.record(ref, fields)
        if found is not None:
            return await _whole(reading, found, fields)
    found = await _identified(reading, rule, record, fields)
    if found is None and pair.known:
        raise Skipped(f"Its record in {rule.target} ({pair.known[0].id}) was deleted there; a rule makes no other.")
    return found


async def _identified(reading: Reading, rule: CrossRule, record: Record, fields: frozenset[str]) -> Record | None:
    (person,) = await reading.identity.persons([record], fields, thorough=True)
    if not person.complete:
        for meter in reading.session.meters.values():
            if meter.lost is not None:
                raise meter.lost
        raise Skipped("Not every source could be asked who this is.")
    _refuse_doubt(reading, rule, person)
    there = [ref for ref in person.refs if ref.source == rule.target]
    if not there:
        return None
    if len(there) > 1:
        raise Skipped(f"{rule.target} knows this person more than once ({', '.join(ref.id for ref in there)}).")
    found = next((one for one in person.records if one.ref == there[0]), None)
    found = found or await reading.lookup.record(there[0], fields)
    return None if found is None else await _whole(reading, found, fields)


def _refuse_doubt(reading: Reading, rule: CrossRule, person: Person) -> None:
    """Raise Skipped where a record of the target may be the same person, or would be if another were not."""
    identity = reading.identity
    refused = (pair for pair, one in identity.found.refusals.items() if one.obstacle is not Obstacle.JUDGED)
    unsure = (pair for pair, one in identity.found.suggestions.items() if one.bits >= DOUBTFUL)
    for a, b in (*refused, *unsure):
        ours, other = (a, b) if a in person.refs else (b, a)
        if ours in person.refs and other not in person.refs and rule.target in (ours.source, other.source):
            raise Skipped(f"{other.source} {other.id} may be the same person. {identity.why(a, b)}")


async def _whole(reading: Reading, record: Record, fields: frozenset[str]) -> Record:
    (whole,) = await reading.lookup.complete([record], fields)
    return whole
