"""What is known by a name that it alone has: tags, custom fields, template values. Its list tells whether it is there.

CRMs make doubles of these, or answer a second one with an error, so a name that is there is not made again.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from crmgraph.connectors.definition import Resource
from crmgraph.connectors.exchange import Flow
from crmgraph.connectors.holding import holds
from crmgraph.connectors.planner import Planner
from crmgraph.connectors.planning import Plan
from crmgraph.connectors.refusals import Refused
from crmgraph.domain.errors import Unsupported
from crmgraph.domain.model import Kind

KNOWN_BY: Mapping[Kind, str] = {Kind.TAG: "name", Kind.CUSTOM_FIELD: "key", Kind.TEMPLATE_VALUE: "key"}
"""The kinds whose records differ by a name, and our field that holds it."""

_PAGES = 100


def name_of(resource: Resource, values: Mapping[str, Any]) -> str | None:
    """The name that these values give a record, capitals apart; None where it is known by none."""
    found = values.get(KNOWN_BY.get(resource.kind, ""))
    return str(found).strip().casefold() if found else None


def look_for_name(planner: Planner, resource: Resource, name: str | None) -> Flow[list[Any]]:
    """The raw records of this name, capitals apart; raises Unsupported where the list cannot be read whole."""
    if resource.spec.list is None:
        raise Unsupported(f"{planner.source} has no list of its {resource.name} records.", planner.source)
    page = yield from planner.reader.whole(resource.spec.list, _PAGES)
    field = KNOWN_BY[resource.kind]
    found = [raw for raw in page.items if name_of(resource, {field: planner.value(resource, raw, field)}) == name]
    if page.next is not None and not found:
        said = f"{planner.source} has too many {resource.name} records to tell whether one is there."
        raise Unsupported(said, planner.source)
    return found


def without_double(planner: Planner, plan: Plan, values: Mapping[str, Any]) -> Flow[Plan]:
    """The plan of a create, or one of no calls where such a record is there already.

    Raises Refused where the one that is there says otherwise than asked.
    """
    resource = plan.resource
    found = yield from look_for_name(planner, resource, name_of(resource, values))
    if not found:
        return plan
    there, field = found[0], KNOWN_BY[resource.kind]
    ident = str(resource.ident(there, planner.tables))
    asked = {key: value for key, value in plan.asked.items() if key != field}
    other = [key for key, value in asked.items() if not holds(planner.value(resource, there, key), value)]
    if other:
        said = f"{planner.source} has a {resource.name} `{values[field]}` already, with another {', '.join(other)};"
        reasons = dict.fromkeys(other, "It says otherwise there.")
        raise Refused(planner.source, f"{said} change that one.", reasons=reasons, existing=ident)
    return replace(plan, steps=(), id=ident, before=there, lost=())


def refuse_namesake(planner: Planner, resource: Resource, ident: str, values: Mapping[str, Any]) -> Flow[None]:
    """Raise Refused where another record has the name that this one would get."""
    name = name_of(resource, values)
    if name is None or resource.spec.list is None:
        return
    for raw in (yield from look_for_name(planner, resource, name)):
        other = str(resource.ident(raw, planner.tables))
        if other != ident:
            field = KNOWN_BY[resource.kind]
            said = f"{planner.source} has another {resource.name} `{values[field]}` already."
            raise Refused(planner.source, said, reasons={field: "It is taken."}, existing=other)
