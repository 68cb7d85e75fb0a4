"""What each write would send: the reading calls are made, the writing ones only planned."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from crmgraph.connectors.apart import apart_steps
from crmgraph.connectors.associating import Links, Verb, associated
from crmgraph.connectors.definition import Resource
from crmgraph.connectors.exchange import Call, Flow
from crmgraph.connectors.flows import Reader
from crmgraph.connectors.holding import holds
from crmgraph.connectors.planning import (
    Loss,
    Plan,
    Step,
    changed_customs,
    changing,
    chosen_id,
    custom_steps,
    differing,
    follow_up,
    merged_customs,
    parent_of,
    parted,
    placed,
    put_all,
    refuse_missing,
    refuse_stray,
    sent_along,
    tag_changes,
    tag_steps,
    with_steps,
)
from crmgraph.connectors.putting import constant
from crmgraph.connectors.refusals import Refused
from crmgraph.connectors.spec import Write
from crmgraph.domain.articles import with_article
from crmgraph.domain.errors import Unsupported
from crmgraph.domain.model import TagName
from crmgraph.domain.records import Tables

NEW = "new"
"""The id that a plan's later calls show for a record that is yet to be made."""


class Planner:
    """The plans of one definition for one source; `tables` are the vocabularies at hand (`tables_written`)."""

    def __init__(self, reader: Reader, tables: Tables) -> None:
        self.reader = reader
        self.source = reader.site.source
        self.tables: Tables = {**tables, "settings": {**reader.site.settings, "source": self.source}}

    def plan_create(self, resource: Resource, values: Mapping[str, Any], parent: str | None = None) -> Plan:
        """What a create would send; no call is needed to know it."""
        endpoint = self._offered(resource, resource.spec.create, "create")
        hung = parent_of(values, parent)
        taken, ignored = parted(resource, values, "create")
        refuse_missing(self.source, resource, values)
        alone = {*resource.spec.apart, *(("customFields",) if isinstance(resource.spec.custom, Write) else ())}
        body, lost = put_all(resource, _without(taken, alone), {}, self.tables)
        body |= {key: constant(text, self.tables) for key, text in endpoint.constants.items()}
        refuse_stray(self.source, resource, {**(endpoint.body or {}), **body})
        ident = chosen_id(resource, endpoint, body, self.tables)
        step = Step(endpoint, {}, placed(endpoint, body), tuple(_without(taken, alone)))
        ignored = self._ignored(resource, values, {}, ignored)
        plan = Plan(resource, (step,), taken, ident, hung, None, lost, ignored)
        plan = follow_up(plan, values, self.tables)
        customs = taken.get("customFields") or ()
        given = {name: value for name, value in taken.items() if value is not None}
        plan = with_steps(plan, apart_steps(resource, given))
        if isinstance(resource.spec.custom, Write):
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
        ignored = self._ignored(resource, changes, before, ignored)
        return self._planned(
            Plan(resource, (), taken, ident, self._hung(resource, before, parent), before, (), ignored)
        )

    def plan_delete(self, resource: Resource, ident: str, parent: str | None = None) -> Flow[Plan]:
        """Read the record and tell what a delete would send."""
        endpoint = self._offered(resource, resource.spec.delete, "delete")
        before = yield from self.reader.get(resource, ident, parent)
        steps = () if before is None else (Step(endpoint, {}, None, ()),)
        return Plan(resource, steps, {}, ident, self._hung(resource, before, parent), before)

    def plan_tags(self, resource: Resource, ident: str, add: Sequence[str], remove: Sequence[str]) -> Flow[Plan]:
        """Read the record and tell what changing its tags would send."""
        self._offered(resource, (resource.spec.tags and resource.spec.tags.add) or resource.spec.update, "tag")
        self._check_steps(resource, ident, None, tag_steps(resource, add, remove))
        before = yield from self.reader.get(resource, ident)
        if before is None:
            raise Refused(self.source, f"{self.source} has no {resource.name} `{ident}` that could be tagged.")
        there: tuple[TagName, ...] = self.value(resource, before, "tags") or ()
        gone = {name.casefold() for name in remove}
        known = {tag.name.casefold() for tag in there}
        fresh = {name.casefold(): TagName(name) for name in add if name.casefold() not in known}
        wanted = (*(tag for tag in there if tag.name.casefold() not in gone), *fresh.values())
        return self._planned(Plan(resource, (), {"tags": wanted}, ident, None, before))

    def plan_associate(
        self, resource: Resource, ident: str, verb: Verb, links: Links, parent: str | None = None
    ) -> Flow[Plan]:
        """Read the record and tell what attaching, detaching or syncing links would send; see `associated`."""
        plan = yield from associated(self.reader, self.tables, resource, ident, verb, links, parent)
        self.calls_of(plan)
        return plan

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
            steps += tag_steps(resource, *tag_changes(self.value(resource, plan.before, "tags"), taken.pop("tags")))
        base = plan.before
        taken = {name: value for name, value in taken.items() if not self._stands(resource, base, name, value)}
        steps += apart_steps(resource, taken)
        taken = _without(taken, {*spec.apart})
        if "customFields" in taken:
            there = self.value(resource, plan.before, "customFields")
            customs = changed_customs(taken.pop("customFields"), there)
            if isinstance(spec.custom, Write):
                steps += custom_steps(spec.custom, resource, customs, self.tables)
            elif customs:
                taken["customFields"] = customs if spec.custom == "partial" else merged_customs(customs, there)
        body, lost = self._put(resource, taken, base)
        refuse_stray(self.source, resource, body)
        endpoint = changing(spec, taken)
        if endpoint is not None and (changed := differing(body, base)):
            along = sent_along(resource, endpoint, base, self.tables)
            steps.insert(0, Step(endpoint, {}, placed(endpoint, {**along, **changed}), tuple(taken)))
        made = replace(plan, steps=tuple(steps), lost=lost)
        self.calls_of(made)
        return made

    def _hung(self, resource: Resource, before: Any, parent: str | None) -> str | None:
        """The id of the record that this one hangs on: as it is given, or as its contact."""
        return parent_of({"contact": self.value(resource, before, "contact")}, parent) if before is not None else parent

    def _ignored(
        self, resource: Resource, values: Mapping[str, Any], before: Any, names: tuple[str, ...]
    ) -> tuple[str, ...]:
        """Of the fields that a write does not take, those that the record does not hold as asked all the same."""
        return tuple(name for name in names if not holds(self.value(resource, before, name), values[name]))

    def _stands(self, resource: Resource, before: Any, name: str, value: Any) -> bool:
        """Whether the record holds already what is asked; custom values are looked at one by one."""
        return name != "customFields" and holds(self.value(resource, before, name), value)

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
        return tuple(self.call(plan, step, plan.id or NEW) for step in plan.steps)

    def call(self, plan: Plan, step: Step, ident: str) -> Call:
        """One writing call of a plan, for the record `ident`."""
        slots = {**step.slots, "id": ident, "parent": plan.parent}
        return self.reader.call(step.endpoint, slots, step.body)

    def value(self, resource: Resource, raw: Any, name: str) -> Any:
        """A field of a raw record."""
        return resource.lenses[name].get(raw, self.tables) if name in resource.lenses else None

    def _offered(self, resource: Resource, endpoint: Write | None, what: str) -> Write:
        if endpoint is None:
            raise Unsupported(f"{self.source} cannot {what} {with_article(resource.name)}.", self.source)
        return endpoint


def _without(values: Mapping[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names}
