"""One person of the source: found in the target and changed, or made there."""

from crmgraph.domain.model import Kind
from crmgraph.domain.profiles import keys, profile_of
from crmgraph.domain.records import Record, Ref
from crmgraph.service.rule_memory import RuleLink
from crmgraph.service.ruling.pairing import Pair, Skipped, counterpart, pair_of
from crmgraph.service.ruling.reports import RuleOutcome, Treated
from crmgraph.service.ruling.settling import whole
from crmgraph.service.ruling.writing import RuleWriter, Told
from crmgraph.service.writing.changes import Action, Change
from crmgraph.service.writing.keying import keyed


async def treated(writer: RuleWriter, record: Record, open_writes: frozenset[Ref]) -> tuple[Treated, Record | None]:
    """What became of a person, and the target's record as it is then; raises SourceError."""
    rule = writer.rule
    pair = await pair_of(writer.stores.rules, rule.name, record.ref, rule.target)
    told = _told(writer, record, pair)
    if told.mine is not None and told.rest() and not rule.push:
        return Treated(Kind.CONTACT, record.ref, told.mine.to, RuleOutcome.UNCHANGED), None
    try:
        there = await counterpart(writer.reading, rule, record, pair)
        if there is None:
            return await _created(writer, record, told, open_writes)
    except Skipped as reason:
        return Treated(Kind.CONTACT, record.ref, None, RuleOutcome.SKIPPED, reason=str(reason)), None
    return await writer.update(_of(told, there.ref), there.ref), there


def _told(writer: RuleWriter, record: Record, pair: Pair) -> Told:
    echoes = pair.echo.brought if pair.echo is not None else {}
    wanted, fresh = (writer.saying.wanted(writer.rule, record, one) for one in ({}, echoes))
    return Told(Kind.CONTACT, record.ref, wanted, fresh, pair.mine)


def _of(told: Told, to: Ref) -> Told:
    """What was told of another record, since deleted, says nothing of this one."""
    mine: RuleLink | None = told.mine if told.mine is not None and told.mine.to == to else None
    return Told(told.kind, told.of, told.wanted, told.fresh, mine)


async def _created(
    writer: RuleWriter, record: Record, told: Told, open_writes: frozenset[Ref]
) -> tuple[Treated, Record | None]:
    rule, reading = writer.rule, writer.reading
    if not rule.create:
        raise Skipped(f"{rule.target} does not know this person, and the rule makes nobody.")
    if record.ref in open_writes:
        raise Skipped(f"Whether {rule.target} made this person before is not known yet; `pendingWrites` tells more.")
    if not keys(profile_of(record, reading.gateway.identity.region)):
        raise Skipped("It has no e-mail and no phone of its own, by which it could be found again.")
    ((_, resource),) = reading.session.resources(Kind.CONTACT, [reading.session.sources[rule.target]])
    own, ignored = keyed(reading.gateway.custom, rule.target, whole(Kind.CONTACT, told.wanted))
    change = Change(rule.target, resource.name, Action.CREATE, values=own, ignored=ignored)
    made = await writer.create(Told(told.kind, told.of, told.wanted, told.fresh, None), change)
    return made, None if made.to is None else await reading.lookup.record(made.to)
