"""Every write a CRM offers, as generators: they yield calls, are handed replies and tell what really changed.

`plan_…` makes the reading calls alone and gives a Plan, whose calls `calls_of` shows; `perform` makes the writing ones.
No input or output happens here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from crmgraph.connectors.associating import Links, Verb, otherwise_linked
from crmgraph.connectors.creating import plan_new
from crmgraph.connectors.definition import Resource, items_at
from crmgraph.connectors.exchange import Flow
from crmgraph.connectors.holding import holds
from crmgraph.connectors.importing import ImportPlan, Row, perform_import, plan_import
from crmgraph.connectors.lines import line_tables
from crmgraph.connectors.looking import look_for
from crmgraph.connectors.namesakes import refuse_namesake
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
from crmgraph.connectors.replacing import perform_replace, plan_replace
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
        return (yield from self.perform((yield from self.plan_new(resource, values, parent))))

    def plan_new(self, resource: Resource, values: Mapping[str, Any], parent: str | None = None) -> Flow[Plan]:
        """What a create would send, after the reads that keep it from harming another record."""
        return (yield from plan_new(self, resource, values, parent))

    def update(
        self, resource: Resource, ident: str, changes: Mapping[str, Any], parent: str | None = None, before: Any = None
    ) -> Flow[Written]:
        """Change the fields in `changes`; None clears one, others stay. Custom fields are those to be set alone."""
        return (yield from self.perform((yield from self.plan_update(resource, ident, changes, parent, before))))

    def refuse_namesake(self, resource: Resource, ident: str, values: Mapping[str, Any]) -> Flow[None]:
        """Read the list where a name changes, and raise Refused where another record has the new one."""
        return (yield from refuse_namesake(self, resource, ident, values))

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

    def plan_replace(
        self, resource: Resource, save: Sequence[Mapping[str, Any]], remove: Sequence[str] = ()
    ) -> Flow[Plan]:
        """Read a set that is written as a whole and tell what saving and removing some of it would send."""
        return (yield from plan_replace(self, resource, save, remove))

    def perform_replace(self, plan: Plan) -> Flow[Written]:
        """Write the set; `before` and `after` are lists, `altered` names (ids of what was to be removed)."""
        if not plan.steps:
            return Written(Outcome.UNCHANGED, None, plan.before, plan.before, plan.lost, (), plan.ignored)
        after, altered = yield from perform_replace(self, plan, lambda step: self._written(plan, step, NEW))
        return Written(Outcome.DONE, None, plan.before, after, plan.lost, altered, plan.ignored)

    def plan_import(self, resource: Resource, rows: Sequence[Mapping[str, Any]]) -> ImportPlan:
        """What importing these values would send; no call is needed to know it."""
        return plan_import(self, resource, rows)

    def perform_import(self, planned: ImportPlan) -> Flow[tuple[Row, ...]]:
        """Import, and tell what became of each row as far as the CRM does."""
        return (yield from perform_import(planned, lambda step: self._written(planned.plan, step, NEW)))

    def look_for(self, resource: Resource, values: Mapping[str, Any]) -> Flow[Sequence[Any]]:
        """The raw records that hold an e-mail or phone of `values`, by the surest look-up that the CRM has."""
        return (yield from look_for(self, resource, values))

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
        lost, altered = self.compared(plan, after, {name.partition(".")[0] for name, _ in failed})
        return Written(outcome, ident, plan.before, after, lost, altered, plan.ignored, tuple(failed))

    def _written(self, plan: Plan, step: Step, ident: str) -> Flow[Verdict]:
        """One writing call. A failure of the CRM leaves open whether it was done; a refusal is told by our fields."""
        call = self.call(plan, step, ident)
        try:
            reply = yield call
        except SourceError as error:
            if not error.sent:
                raise
            raise self._open(plan, error) from error
        try:
            verdict = self.reader.judged(step.endpoint, call, reply)
        except (Unavailable, BadReply) as error:
            raise self._open(plan, error) from error
        except Refused as error:
            known = lens_keys(plan.resource.lenses)
            error.reasons = {known.get(key, key): said for key, said in error.reasons.items()}
            if reply.status in step.endpoint.unsure:
                raise self._open(plan, error) from error
            raise
        if verdict.absent and step.endpoint is not plan.resource.spec.delete:
            raise Refused(
                self.source, f"{self.source} says that something is not there that this {plan.resource.name} names."
            )
        return verdict

    def _open(self, plan: Plan, error: SourceError) -> OutcomeUnknown:
        said = f"{error.message} Whether the {plan.resource.name} was written is not known."
        return OutcomeUnknown(self.source, said, error.retry_after)

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

    def compared(self, plan: Plan, after: Any, failed: set[str]) -> tuple[tuple[Loss, ...], tuple[str, ...]]:
        """What was lost, and the fields that the record holds otherwise than asked."""
        if after is None or not plan.asked:
            return plan.lost, tuple(otherwise_linked(plan, after))
        found = {name: self.value(plan.resource, after, name) for name in plan.asked}
        lost = without_what_came_back(plan, found)
        return lost, tuple(
            name
            for name in plan.asked
            if name not in failed and not self._as_asked(plan, name, found[name], kept_part(plan, name, lost))
        )

    def _in_its_words(self, resource: Resource, name: str, asked: Any) -> Any:
        """What a vocabulary calls what was asked: it may be found by other capitals, or by another of its names."""
        lens, body = resource.lenses[name], dict[str, Any]()
        if not lens.tables or lens.put is None:
            return asked
        lens.put(body, asked, {}, self.tables)
        return lens.get(body, self.tables)

    def _as_asked(self, plan: Plan, name: str, found: Any, asked: Any) -> bool:
        if name != "customFields":
            return holds(found, asked) or holds(found, self._in_its_words(plan.resource, name, asked))
        there = {one.key: one.value for one in found or ()}
        return all(holds(there.get(one.key), one.value) for one in asked or ())


def tables_written(resource: Resource, fields: Iterable[str], new: bool = True) -> frozenset[str]:
    """The vocabularies that must be at hand before `fields` of a record are written, of a new one or of one that is
    there.
    """
    spec, named = resource.spec, set(fields)
    # What only an update takes follows a create by one.
    endpoints = (spec.create, spec.update) if new else (spec.update,)
    for one in endpoints:
        if one is not None and one.merge:
            named |= set(resource.lenses)
        elif one is not None:
            named |= {name for names in one.required for name in ([names] if isinstance(names, str) else names)}
    constants = [text for one in endpoints if one is not None for text in one.constants.values()]
    back = [table for name in named if name in resource.lenses for table in resource.lenses[name].back]
    return resource.tables_for(named) | {table for text in constants for table in line_tables(text)} | frozenset(back)
