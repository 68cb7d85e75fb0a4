"""Every write a CRM offers, as generators: they yield calls, are handed replies and tell what really changed.

`plan_…` makes the reading calls alone and gives a Plan, whose calls `calls_of` shows; `perform` makes the writing ones.
No input or output happens here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from crmgraph.connectors.associating import Links, Verb, otherwise_linked
from crmgraph.connectors.definition import Resource, items_at
from crmgraph.connectors.exchange import Flow
from crmgraph.connectors.holding import holds
from crmgraph.connectors.lines import line_tables
from crmgraph.connectors.planner import NEW, Planner
from crmgraph.connectors.planning import (
    Loss,
    Plan,
    Step,
    kept_part,
    lens_keys,
    without_what_came_back,
)
from crmgraph.connectors.refusals import Refused
from crmgraph.connectors.replies import Verdict
from crmgraph.connectors.spec import Write
from crmgraph.domain.errors import BadReply, OutcomeUnknown, SourceError, Unavailable, Unsupported
from crmgraph.domain.model import Custom

__all__ = ["Links", "Loss", "Outcome", "Plan", "Refused", "Verb", "Writer", "Written", "tables_written"]


class Outcome(StrEnum):
    """What became of a write. PARTIAL: some of its calls were made, and one was refused."""

    DONE = "DONE"
    UNCHANGED = "UNCHANGED"
    PARTIAL = "PARTIAL"


@dataclass(frozen=True, slots=True)
class Written:
    """What a write did. `before` and `after` are raw records, `after` read back by id: None where it is gone or could
    not be read. `lost` had no room, `altered` are fields that the CRM holds otherwise than asked, `ignored` fields that
    it does not take, `failed` the fields of a call that was refused after others had been made.
    """

    outcome: Outcome
    id: str | None
    before: Any
    after: Any
    lost: tuple[Loss, ...] = ()
    altered: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    failed: tuple[tuple[str, SourceError], ...] = ()


class Writer(Planner):
    """The writing flows of one definition for one source."""

    def create(self, resource: Resource, values: Mapping[str, Any], parent: str | None = None) -> Flow[Written]:
        """Make a record; raises Refused (before any call where something required is missing)."""
        return (yield from self.perform(self.plan_create(resource, values, parent)))

    def update(
        self, resource: Resource, ident: str, changes: Mapping[str, Any], parent: str | None = None, before: Any = None
    ) -> Flow[Written]:
        """Change the fields in `changes`; None clears one, others stay. Custom fields are those to be set alone."""
        return (yield from self.perform((yield from self.plan_update(resource, ident, changes, parent, before))))

    def delete(self, resource: Resource, ident: str, parent: str | None = None) -> Flow[Written]:
        """Remove a record; one that is not there is UNCHANGED."""
        return (yield from self.perform((yield from self.plan_delete(resource, ident, parent))))

    def add_tags(self, resource: Resource, ident: str, names: Sequence[str]) -> Flow[Written]:
        """Put tags on a record, leaving its others."""
        return (yield from self.perform((yield from self.plan_tags(resource, ident, names, ()))))

    def remove_tags(self, resource: Resource, ident: str, names: Sequence[str]) -> Flow[Written]:
        """Take tags off a record, leaving its others."""
        return (yield from self.perform((yield from self.plan_tags(resource, ident, (), names))))

    def associate(
        self, resource: Resource, ident: str, verb: Verb, links: Links, parent: str | None = None
    ) -> Flow[Written]:
        """Attach, detach or sync links to records of other kinds, by their ids."""
        return (yield from self.perform((yield from self.plan_associate(resource, ident, verb, links, parent))))

    def set_custom(self, resource: Resource, ident: str, values: Mapping[str, Any]) -> Flow[Written]:
        """Set custom values by their keys; None clears one, others stay."""
        customs = tuple(Custom(key, value) for key, value in values.items())
        return (yield from self.update(resource, ident, {"customFields": customs}))

    def perform(self, plan: Plan) -> Flow[Written]:
        """Make the writing calls and read back; raises what the first call is answered with when it is refused."""
        ident, made, failed = plan.id, None, []
        for number, step in enumerate(plan.steps):
            try:
                verdict = yield from self._written(plan, step, ident or NEW)
            except SourceError as error:
                if number == 0:
                    raise
                failed += [(name, error) for name in step.fields]
                continue
            if ident is None:
                made = items_at(step.endpoint.item, verdict.body)
                ident = self._new_id(plan.resource, step.endpoint, made)
        if not plan.steps:
            return Written(Outcome.UNCHANGED, ident, plan.before, plan.before, plan.lost, (), plan.ignored)
        after = yield from self._read_back(plan, str(ident))
        outcome = Outcome.PARTIAL if failed else Outcome.DONE
        lost, altered = self._compared(plan, after, {name for name, _ in failed})
        return Written(outcome, ident, plan.before, after, lost, altered, plan.ignored, tuple(failed))

    def _written(self, plan: Plan, step: Step, ident: str) -> Flow[Verdict]:
        """One writing call. A failure of the CRM leaves open whether it was done; a refusal is told by our fields."""
        call = self.call(plan, step, ident)
        reply = yield call
        try:
            verdict = self.reader.judged(step.endpoint, call, reply)
        except (Unavailable, BadReply) as error:
            said = f"{error.message} Whether the {plan.resource.name} was written is not known."
            raise OutcomeUnknown(self.source, said, error.retry_after) from error
        except Refused as error:
            known = lens_keys(plan.resource.lenses)
            error.reasons = {known.get(key, key): said for key, said in error.reasons.items()}
            raise
        if verdict.absent and step.endpoint is not plan.resource.spec.delete:
            raise Refused(
                self.source, f"{self.source} says that something is not there that this {plan.resource.name} names."
            )
        return verdict

    def _new_id(self, resource: Resource, endpoint: Write, made: Any) -> str:
        found = made if endpoint.returns == "id" or not isinstance(made, dict) else resource.ident(made, self.tables)
        if not isinstance(found, str | int) or found == "":
            raise OutcomeUnknown(
                self.source, f"{self.source} made a {resource.name}, but its reply does not tell the new id."
            )
        return str(found)

    def _read_back(self, plan: Plan, ident: str) -> Flow[Any]:
        """The record as it is now; None where that cannot be read: the write stands all the same."""
        try:
            return (yield from self.reader.get(plan.resource, ident, plan.parent))
        except (SourceError, Unsupported):
            return None

    def _compared(self, plan: Plan, after: Any, failed: set[str]) -> tuple[tuple[Loss, ...], tuple[str, ...]]:
        """What was lost, and the fields that the record holds otherwise than asked."""
        if after is None or not plan.asked:
            return plan.lost, otherwise_linked(plan, after)
        found = {name: self.value(plan.resource, after, name) for name in plan.asked}
        lost = without_what_came_back(plan, found)
        return lost, tuple(
            name
            for name in plan.asked
            if name not in failed and not self._as_asked(plan, name, found[name], kept_part(plan, name, lost))
        )

    def _as_asked(self, plan: Plan, name: str, found: Any, asked: Any) -> bool:
        if name != "customFields":
            return holds(found, asked)
        there = {one.key: one.value for one in found or ()}
        return all(holds(there.get(one.key), one.value) for one in asked or ())


def tables_written(resource: Resource) -> frozenset[str]:
    """The vocabularies that must be at hand before a record is written."""
    spec = resource.spec
    constants = [text for one in (spec.create, spec.update) if one is not None for text in one.constants.values()]
    named = {table for text in constants for table in line_tables(text)}
    back = [table for lens in resource.lenses.values() for table in lens.back]
    return resource.tables_for(resource.lenses) | named | frozenset(back)
