"""Every write a CRM offers, as generators: they yield calls, are handed replies and tell what really changed.

`plan_…` makes the reading calls alone and gives a Plan, whose calls `calls_of` shows; `perform` makes the writing ones.
No input or output happens here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from crmgraph.connectors.definition import Resource, items_at
from crmgraph.connectors.exchange import Call, Flow
from crmgraph.connectors.flows import Reader
from crmgraph.connectors.holding import holds
from crmgraph.connectors.lines import line_tables
from crmgraph.connectors.planning import (
    Loss,
    Plan,
    Step,
    changed_customs,
    custom_steps,
    differing,
    kept_part,
    lens_keys,
    merged_customs,
    parent_of,
    parted,
    placed,
    put_all,
    refuse_missing,
    sent_along,
    tag_changes,
    tag_steps,
    with_steps,
    without_what_came_back,
)
from crmgraph.connectors.putting import constant
from crmgraph.connectors.refusals import Refused
from crmgraph.connectors.replies import Verdict
from crmgraph.connectors.spec import Write
from crmgraph.connectors.templates import slots_in
from crmgraph.domain.errors import BadReply, OutcomeUnknown, SourceError, Unavailable, Unsupported
from crmgraph.domain.model import Custom, TagName
from crmgraph.domain.records import Tables

__all__ = ["Loss", "Outcome", "Plan", "Refused", "Writer", "Written", "tables_written"]

NEW = "new"
"""The id that a plan's later calls show for a record that is yet to be made."""


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


class Writer:
    """The writing flows of one definition for one source; `tables` are the vocabularies at hand."""

    def __init__(self, reader: Reader, tables: Tables) -> None:
        self.reader = reader
        self.source = reader.site.source
        self.tables: Tables = {**tables, "settings": {**reader.site.settings, "source": self.source}}

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

    def set_custom(self, resource: Resource, ident: str, values: Mapping[str, Any]) -> Flow[Written]:
        """Set custom values by their keys; None clears one, others stay."""
        customs = tuple(Custom(key, value) for key, value in values.items())
        return (yield from self.update(resource, ident, {"customFields": customs}))

    def plan_create(self, resource: Resource, values: Mapping[str, Any], parent: str | None = None) -> Plan:
        """What a create would send; no call is needed to know it."""
        endpoint = self._offered(resource, resource.spec.create, "create")
        hung = parent_of(values, parent)
        by_path = {"contact"} if "parent" in slots_in([endpoint.call, endpoint.body]) else set()
        taken, ignored = parted(resource, values, "create")
        refuse_missing(self.source, resource, values)
        alone = {"customFields"} if isinstance(resource.spec.custom, Write) else set()
        body, lost = put_all(resource, _without(taken, alone), {}, self.tables)
        body |= {key: constant(text, self.tables) for key, text in endpoint.constants.items()}
        step = Step(endpoint, {}, placed(endpoint, body), tuple(_without(taken, alone)))
        ignored = tuple(name for name in ignored if name not in by_path)
        plan = Plan(resource, (step,), taken, None, hung, None, lost, ignored)
        customs = taken.get("customFields") or ()
        if alone and isinstance(resource.spec.custom, Write):
            plan = with_steps(plan, custom_steps(resource.spec.custom, resource, customs, self.tables))
        self.calls_of(plan)
        return plan

    def plan_update(
        self, resource: Resource, ident: str, changes: Mapping[str, Any], parent: str | None = None, before: Any = None
    ) -> Flow[Plan]:
        """Read the record, unless `before` is it, and tell what an update would send."""
        self._offered(resource, resource.spec.update, "change")
        self._check_tags(resource, ident, parent, changes)
        if before is None:
            before = yield from self.reader.get(resource, ident, parent)
        if before is None:
            raise Refused(self.source, f"{self.source} has no {resource.name} `{ident}` that could be changed.")
        taken, ignored = parted(resource, changes, "update")
        plan = Plan(resource, (), taken, ident, parent, before, (), ignored)
        return self._planned(plan)

    def plan_delete(self, resource: Resource, ident: str, parent: str | None = None) -> Flow[Plan]:
        """Read the record and tell what a delete would send."""
        endpoint = self._offered(resource, resource.spec.delete, "delete")
        before = yield from self.reader.get(resource, ident, parent)
        steps = () if before is None else (Step(endpoint, {}, None, ()),)
        return Plan(resource, steps, {}, ident, parent, before)

    def plan_tags(self, resource: Resource, ident: str, add: Sequence[str], remove: Sequence[str]) -> Flow[Plan]:
        """Read the record and tell what changing its tags would send."""
        self._offered(resource, (resource.spec.tags and resource.spec.tags.add) or resource.spec.update, "tag")
        self._check_steps(resource, ident, None, tag_steps(resource, add, remove))
        before = yield from self.reader.get(resource, ident)
        if before is None:
            raise Refused(self.source, f"{self.source} has no {resource.name} `{ident}` that could be tagged.")
        there: tuple[TagName, ...] = self._value(resource, before, "tags") or ()
        gone = {name.casefold() for name in remove}
        known = {tag.name.casefold() for tag in there}
        fresh = {name.casefold(): TagName(name) for name in add if name.casefold() not in known}
        wanted = (*(tag for tag in there if tag.name.casefold() not in gone), *fresh.values())
        return self._planned(Plan(resource, (), {"tags": wanted}, ident, None, before))

    def _check_tags(self, resource: Resource, ident: str, parent: str | None, changes: Mapping[str, Any]) -> None:
        add, _ = tag_changes((), changes.get("tags"))
        self._check_steps(resource, ident, parent, tag_steps(resource, add, ()))

    def _check_steps(self, resource: Resource, ident: str, parent: str | None, steps: Iterable[Step]) -> None:
        """Raise what cannot be asked before anything is."""
        self.calls_of(Plan(resource, tuple(steps), {}, ident, parent))

    def _planned(self, plan: Plan) -> Plan:
        """The plan with the calls that its record needs: the update itself, then what has calls of its own."""
        resource, spec = plan.resource, plan.resource.spec
        taken = dict(plan.asked)
        steps: list[Step] = []
        if spec.tags is not None and "tags" in taken:
            steps += tag_steps(resource, *tag_changes(self._value(resource, plan.before, "tags"), taken.pop("tags")))
        base = plan.before
        taken = {name: value for name, value in taken.items() if not self._stands(resource, base, name, value)}
        if "customFields" in taken:
            there = self._value(resource, plan.before, "customFields")
            customs = changed_customs(taken.pop("customFields"), there)
            if isinstance(spec.custom, Write):
                steps += custom_steps(spec.custom, resource, customs, self.tables)
            elif customs:
                taken["customFields"] = customs if spec.custom == "partial" else merged_customs(customs, there)
        body, lost = self._put(resource, taken, base)
        if spec.update is not None and (changed := differing(body, base)):
            along = sent_along(resource, spec.update, base, self.tables)
            steps.insert(0, Step(spec.update, {}, placed(spec.update, {**along, **changed}), tuple(taken)))
        made = replace(plan, steps=tuple(steps), lost=lost)
        self.calls_of(made)
        return made

    def _stands(self, resource: Resource, before: Any, name: str, value: Any) -> bool:
        """Whether the record holds already what is asked; custom values are looked at one by one."""
        return name != "customFields" and holds(self._value(resource, before, name), value)

    def _put(
        self, resource: Resource, values: Mapping[str, Any], before: Any
    ) -> tuple[dict[str, Any], tuple[Loss, ...]]:
        """The record as it would be; custom values of which a part is enough are put by themselves."""
        partial = {"customFields"} if resource.spec.custom == "partial" else set()
        body, lost = put_all(resource, _without(values, partial), before, self.tables)
        alone, more = put_all(resource, {name: values[name] for name in partial if name in values}, {}, self.tables)
        return {**body, **alone}, (*lost, *more)

    def calls_of(self, plan: Plan) -> tuple[Call, ...]:
        """The writing calls that a plan comes to; raises InputError for what cannot be sent."""
        return tuple(self._call(plan, step, plan.id or NEW) for step in plan.steps)

    def _call(self, plan: Plan, step: Step, ident: str) -> Call:
        slots = {**step.slots, "id": ident, "parent": plan.parent}
        return self.reader.call(step.endpoint, slots, step.body)

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
        call = self._call(plan, step, ident)
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
            raise Refused(self.source, f"{self.source} says that what should be changed is not there.")
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
            return plan.lost, ()
        found = {name: self._value(plan.resource, after, name) for name in plan.asked}
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

    def _value(self, resource: Resource, raw: Any, name: str) -> Any:
        return resource.lenses[name].get(raw, self.tables) if name in resource.lenses else None

    def _offered(self, resource: Resource, endpoint: Write | None, what: str) -> Write:
        if endpoint is None:
            raise Unsupported(f"{self.source} cannot {what} a {resource.name}.", self.source)
        return endpoint


def tables_written(resource: Resource) -> frozenset[str]:
    """The vocabularies that must be at hand before a record is written."""
    spec = resource.spec
    constants = [text for one in (spec.create, spec.update) if one is not None for text in one.constants.values()]
    named = {table for text in constants for table in line_tables(text)}
    return resource.tables_for(resource.lenses) | named


def _without(values: Mapping[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names}
