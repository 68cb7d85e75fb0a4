"""A new record that is made only after the CRM was read: making it at once could change or destroy what is there."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from crmgraph.connectors.definition import Resource
from crmgraph.connectors.exchange import Flow
from crmgraph.connectors.namesakes import name_of, without_double
from crmgraph.connectors.planner import Planner
from crmgraph.connectors.planning import Plan, parent_of
from crmgraph.connectors.refusals import Refused

GAP = "\n\n"
"""What parts a text that is added from the text that was there."""


def plan_new(planner: Planner, resource: Resource, values: Mapping[str, Any], parent: str | None = None) -> Flow[Plan]:
    """What making a record would send, after the reads that keep it from harming another one.

    Text is added to the place where a CRM keeps all of them (`append`). What is known by its name and there already
    is not made again; a record that stands already under the id that is chosen for it is Refused.
    """
    if resource.spec.append is not None:
        return (yield from _added(planner, resource, resource.spec.append, values, parent_of(values, parent)))
    plan = planner.plan_create(resource, values, parent)
    if name_of(resource, values) is not None and resource.spec.list is not None:
        return (yield from without_double(planner, plan, values))
    if plan.id is not None and (yield from planner.reader.get(resource, plan.id, plan.parent)) is not None:
        said = f"{planner.source} has a {resource.name} `{plan.id}` already; change that one."
        raise Refused(planner.source, said, existing=plan.id)
    return plan


def _added(planner: Planner, resource: Resource, field: str, values: Mapping[str, Any], home: str | None) -> Flow[Plan]:
    """The text behind the one that is there, or alone where none is."""
    text = str(values.get(field) or "").strip()
    if home is None or not text:
        wanted = "contact" if home is None else field
        said = f"{planner.source} cannot create a {resource.name} without {wanted}."
        raise Refused(planner.source, said, reasons={wanted: "This CRM requires it."})
    there = yield from planner.reader.get(resource, home)
    before = planner.value(resource, there, field) if there is not None else None
    changes = {**values, field: f"{before}{GAP}{text}" if before else text}
    plan = yield from planner.plan_update(resource, home, changes, None, {} if there is None else there)
    return replace(plan, before=there, ignored=tuple(name for name in plan.ignored if name != "contact"))
