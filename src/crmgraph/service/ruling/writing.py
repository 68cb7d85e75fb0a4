"""One record written for a rule, through the journal as every other write."""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from crmgraph.domain.errors import Throttled
from crmgraph.domain.model import Kind
from crmgraph.domain.records import Ref
from crmgraph.service.cross_rules import CrossRule
from crmgraph.service.reading import Reading
from crmgraph.service.rule_memory import RuleLink
from crmgraph.service.ruling.reports import RuleOutcome, Treated, outcome_of, reason_of
from crmgraph.service.ruling.saying import READ, Said, Saying
from crmgraph.service.ruling.settling import came, differences, digests
from crmgraph.service.writing.changes import Action, Change
from crmgraph.service.writing.doing import Doing, Mutation
from crmgraph.service.writing.encoding import as_bytes
from crmgraph.service.writing.keying import keyed
from crmgraph.service.writing.results import Result, WriteOutcome
from crmgraph.service.writing.stores import Stores

MUTATION = "runRule"
"""What the journal calls the writes of rules."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a record has to say in the target: `fresh` is what of `wanted` is no echo; `mine` what is remembered."""

    kind: Kind
    of: Ref
    wanted: Said
    fresh: Said
    mine: RuleLink | None

    def rest(self) -> bool:
        """Whether the record says what it said when it was last told."""
        return self.mine is not None and digests(self.wanted) == self.mine.said


class RuleWriter:
    """Writes for one run of a rule."""

    def __init__(self, reading: Reading, stores: Stores, rule: CrossRule, caller: str, dry: bool) -> None:
        self.reading = reading
        self.stores = stores
        self.rule = rule
        self.dry = dry
        self.saying = Saying(reading.gateway.custom, reading.gateway.identity.region)
        self._caller = caller

    async def open_writes(self) -> frozenset[Ref]:
        """The records whose earlier write by this rule nobody knows to be done or not."""
        pending = [one for one in await self.stores.journal.pending() if one.mutation == MUTATION]
        inputs = [orjson.loads(one.input) for one in pending]
        return frozenset(Ref(*one["of"]) for one in inputs if one["rule"] == self.rule.name)

    async def create(self, told: Told, change: Change) -> Treated:
        """Make the record that a change describes, and remember what became of it."""
        results = await self._made(told, [change])
        record = results[0].record
        # Of a refused one, the id is another record's that stands in its way.
        refused = results[0].outcome is WriteOutcome.REJECTED
        to = None if record is None or refused else Ref(change.source, change.resource, record, results[0].parent)
        return await self._kept(told, to, {}, results, created=True)

    async def update(self, told: Told, to: Ref) -> Treated:
        """Write what differs, and remember what was told; where nothing differs, nothing is sent."""
        if told.rest():
            return Treated(told.kind, told.of, to, RuleOutcome.UNCHANGED)
        there = await self.reading.lookup.record(to, READ[told.kind])
        if there is None:
            said = f"Its record in {to.source} ({to.id}) was deleted there; a rule makes no other."
            return Treated(told.kind, told.of, to, RuleOutcome.SKIPPED, reason=said)
        before = self.saying.everything(there)
        results = await self._made(told, self._changes(told, to, self.saying.all_of(there, told.wanted)))
        return await self._kept(told, to, before, results, created=False)

    async def remember(self, told: Told, to: Ref) -> Treated:
        """Take a record for the one that was made, without writing."""
        there = await self.reading.lookup.record(to, READ[told.kind])
        before = {} if there is None else self.saying.everything(there)
        return await self._kept(told, to, before, (), created=False)

    def _changes(self, told: Told, to: Ref, now: Said) -> list[Change]:
        mine = told.mine
        said, brought = (mine.said, mine.brought) if mine is not None else ({}, {})
        found = differences(told.kind, told.wanted, told.fresh, now, said, brought)
        values, ignored = keyed(self.reading.gateway.custom, to.source, found.values)
        changes = []
        if found.values:
            changes.append(Change(*_at(to, Action.UPDATE), values=values, ignored=ignored))
        if found.add or found.remove:
            changes.append(Change(*_at(to, Action.TAG), add=tuple(found.add), remove=tuple(found.remove)))
        return changes

    async def _made(self, told: Told, changes: Sequence[Change]) -> tuple[Result, ...]:
        if not changes:
            return ()
        of = [told.of.source, told.of.resource, told.of.id, told.of.parent]
        asked = Mutation(MUTATION, self._caller, as_bytes({"rule": self.rule.name, "of": of}), dry_run=self.dry)
        results = (await Doing(self.reading, self.stores).make(asked, changes)).results
        _raise_throttled(results)
        return results

    async def _kept(
        self, told: Told, to: Ref | None, before: dict[str, frozenset[str]], results: tuple[Result, ...], created: bool
    ) -> Treated:
        outcome = outcome_of(results, created)
        if to is not None and not self.dry and outcome in _DONE:
            after = await self.reading.lookup.record(to, READ[told.kind])
            mine = told.mine or RuleLink(self.rule.name, told.of, to)
            wanted = digests(told.wanted)
            brought = came(before, {} if after is None else self.saying.everything(after), mine.brought, wanted)
            # What was not wholly written is told again.
            said = mine.said if any(one.error is not None for one in results) else wanted
            await self.stores.rules.keep(RuleLink(self.rule.name, told.of, to, said, brought))
        return Treated(told.kind, told.of, to, outcome, results, reason_of(results))


def _raise_throttled(results: Sequence[Result]) -> None:
    """Raise Throttled where a source asks for a pause: what was done before it is found done after it."""
    for one in results:
        if one.outcome is WriteOutcome.FAILED and one.error is not None and one.error.code == Throttled.code:
            raise Throttled(one.source, one.error.message, one.error.retry_after)


_DONE = frozenset({RuleOutcome.CREATED, RuleOutcome.UPDATED, RuleOutcome.UNCHANGED})


def _at(to: Ref, action: Action) -> tuple[str, str, Action, str, str | None]:
    return to.source, to.resource, action, to.id, to.parent
