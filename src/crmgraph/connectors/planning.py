"""What a write comes to before anything is sent: the calls it would make, and what of it has no room in the CRM."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

from crmgraph.connectors.definition import Resource
from crmgraph.connectors.holding import holds
from crmgraph.connectors.lines import parse_line
from crmgraph.connectors.mapping import Lens
from crmgraph.connectors.paths import put_path
from crmgraph.connectors.putting import Putter
from crmgraph.connectors.refusals import Refused, Unwritable
from crmgraph.connectors.spec import ResourceSpec, TagWrites, Write
from crmgraph.connectors.templates import slots_in
from crmgraph.domain.articles import with_article
from crmgraph.domain.errors import InputError
from crmgraph.domain.model import Custom, Link, TagName
from crmgraph.domain.records import Tables


@dataclass(frozen=True, slots=True)
class Loss:
    """What of a field's value the CRM has no room for."""

    field: str
    value: Any


@dataclass(frozen=True, slots=True)
class Step:
    """One writing call to be: its endpoint, what fills its slots and its body, and the fields that it carries."""

    endpoint: Write
    slots: Mapping[str, Any]
    body: Mapping[str, Any] | None
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A write that is ready to be made: nothing of it has been sent."""

    resource: Resource
    steps: tuple[Step, ...]
    asked: Mapping[str, Any]
    id: str | None = None
    parent: str | None = None
    before: Any = None
    lost: tuple[Loss, ...] = ()
    ignored: tuple[str, ...] = ()
    links: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Of a change of links: where the record shows some → the ids that will stand there."""


def takes(resource: Resource, name: str, on: str) -> bool:
    """Whether a create or an update can write this field."""
    lens = resource.lenses.get(name)
    if lens is None:
        return False
    if name == "contact" and on == "create" and hangs_on_a_contact(resource):
        return True
    alone = {"tags": resource.spec.tags, "customFields": resource.spec.custom}.get(name)
    apart = isinstance(alone, Write | TagWrites) or name in resource.spec.apart
    return (lens.put is not None or apart) and lens.on in (None, on)


def hangs_on_a_contact(resource: Resource) -> bool:
    """Whether a new record is made under its contact: by the call's path, or as a part of it."""
    spec = resource.spec
    return spec.append is not None or "parent" in slots_in([spec.create.call, spec.create.body] if spec.create else [])


def parted(resource: Resource, values: Mapping[str, Any], on: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The values that this write takes, in the definition's order, and the names of those that it does not."""
    taken = {name: values[name] for name in resource.lenses if name in values and takes(resource, name, on)}
    return taken, tuple(name for name in values if name not in taken)


def put_all(
    resource: Resource, values: Mapping[str, Any], before: Any, tables: Tables
) -> tuple[dict[str, Any], tuple[Loss, ...]]:
    """The record as it would be, and what has no room in it."""
    body, lost = deepcopy(dict(before)), []
    for name, value in values.items():
        lens = resource.lenses[name]
        if lens.put is not None:
            lost += [Loss(name, one) for one in _put(lens.put, name, body, value, before, tables)]
    return body, tuple(lost)


def _put(put: Putter, name: str, body: dict[str, Any], value: Any, before: Any, tables: Tables) -> tuple[Any, ...]:
    try:
        return put(body, value, before, tables)
    except InputError as wrong:
        raise Unwritable(name, wrong.message) from wrong


def differing(body: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """The top-level keys that are no longer as they were."""
    return {key: value for key, value in body.items() if key not in before or before[key] != value}


def sent_along(resource: Resource, endpoint: Write, before: Any, tables: Tables) -> dict[str, Any]:
    """The record's own values that an update repeats: what the endpoint requires, or all where it takes no less, and
    the CRM's keys that it names.
    """
    names = [name for name in resource.lenses if endpoint.merge or name in _required(endpoint)]
    kept = {name: resource.lenses[name].get(before, tables) for name in names if takes(resource, name, "update")}
    kept = {name: value for name, value in kept.items() if value is not None}
    as_it_is = {key: before[key] for key in endpoint.repeats if before.get(key) is not None}
    return {**as_it_is, **put_all(resource, kept, {}, tables)[0]}


def lacking(resource: Resource, values: Mapping[str, Any]) -> list[list[str]]:
    """What a create requires and `values` lack: our fields, of each list one."""
    endpoint = resource.spec.create
    wanted = [[one] if isinstance(one, str) else one for one in (endpoint.required if endpoint else [])]
    return [names for names in wanted if all(values.get(name) in (None, (), "") for name in names)]


def refuse_missing(source: str, resource: Resource, values: Mapping[str, Any]) -> None:
    """Raise Refused where a create lacks what the CRM requires; nothing has been sent then."""
    missing = lacking(resource, values)
    if missing:
        told = ", ".join(" or ".join(names) for names in missing)
        what = with_article(resource.name)
        reasons = {name: "This CRM requires it." for names in missing for name in names}
        raise Refused(source, f"{source} cannot create {what} without {told}.", reasons=reasons)


def chosen_id(resource: Resource, endpoint: Write, body: dict[str, Any], tables: Tables) -> str | None:
    """The id that a record is made under, taken out of its body, where the call names it; else the CRM gives one."""
    if "id" not in slots_in([endpoint.call, endpoint.query, endpoint.body]):
        return None
    found = resource.ident(body, tables)
    body.pop(parse_line(resource.spec.id).path, None)
    return None if found is None else str(found)


def refuse_stray(source: str, resource: Resource, body: Mapping[str, Any]) -> None:
    """Raise Refused where the record would be none of its resource's: it would then be looked for in vain."""
    only = resource.spec.only
    if only is not None and only.path.split("|")[0].split(".")[0].strip() in body and not resource.belongs(body):
        raise Refused(source, f"What is asked would be no {resource.name} in {source}, by its `{only.path}`.")


def follow_up(plan: Plan, values: Mapping[str, Any], tables: Tables) -> Plan:
    """The plan of a create, and the update that brings what only an update takes."""
    resource, endpoint = plan.resource, plan.resource.spec.update
    later = {name: values[name] for name in plan.ignored if takes(resource, name, "update")}
    if endpoint is None or not later:
        return plan
    along = {name: value for name, value in plan.asked.items() if endpoint.merge or name in _required(endpoint)}
    body, lost = put_all(resource, {**along, **later}, {}, tables)
    step = Step(endpoint, {}, placed(endpoint, body), tuple(later))
    ignored = tuple(name for name in plan.ignored if name not in later)
    asked = {**plan.asked, **later}
    return with_steps(replace(plan, asked=asked, ignored=ignored, lost=(*plan.lost, *lost)), [step])


def _required(endpoint: Write) -> frozenset[str]:
    """Every field that an endpoint does not work without."""
    return frozenset(name for one in endpoint.required for name in ([one] if isinstance(one, str) else one))


def placed(endpoint: Write, value: Any) -> dict[str, Any]:
    """The body with a value where the endpoint wants it."""
    if endpoint.into is None:
        return dict(value)
    body: dict[str, Any] = {}
    put_path(body, endpoint.into, value)
    return body


def tag_steps(resource: Resource, add: Sequence[str], remove: Sequence[str]) -> Iterator[Step]:
    """The calls for tags that have calls of their own: one for all where it takes {tags}, else one for each."""
    spec = resource.spec.tags
    for endpoint, names in ((spec.add, add), (spec.remove, remove)) if spec else ():
        together = "tags" in slots_in([endpoint.call, endpoint.query, endpoint.body])
        for some in [list(names)] if together and names else [[name] for name in names]:
            yield Step(endpoint, {"tags": some, "tag": some[0]}, None, ("tags",))


def tag_changes(before: Sequence[TagName] | None, after: Sequence[TagName] | None) -> tuple[list[str], list[str]]:
    """The names to be added and those to be removed, as the CRM spells them; capitals make no difference."""
    there = {tag.name.casefold(): tag.name for tag in before or ()}
    wanted = {tag.name.casefold(): tag.name for tag in after or ()}
    return [wanted[key] for key in wanted if key not in there], [there[key] for key in there if key not in wanted]


def changed_customs(given: Sequence[Custom] | None, before: Sequence[Custom] | None) -> tuple[Custom, ...]:
    """Of the custom values that are given, those that the record does not have; a value None clears one."""
    there = {one.key: one.value for one in before or ()}
    return tuple(one for one in given or () if not holds(there.get(one.key), one.value))


def merged_customs(given: Sequence[Custom], before: Sequence[Custom] | None) -> tuple[Custom, ...]:
    """All custom values as they would be: the given ones over those that are there."""
    over = {one.key: one for one in given}
    kept = [over.pop(one.key, one) for one in before or ()]
    return tuple(one for one in [*kept, *over.values()] if one.value is not None)


def custom_steps(endpoint: Write, resource: Resource, customs: Iterable[Custom], tables: Tables) -> Iterator[Step]:
    """One call for each custom value."""
    for one in customs:
        yield Step(endpoint, {"field": one.key}, placed(endpoint, one.value), (f"customFields.{one.key}",))


def changing(spec: ResourceSpec, names: Iterable[str]) -> Write | None:
    """The call that changes these fields: whether a task is done may have one of its own."""
    only_done = spec.complete is not None and {*names} <= {"completed", "status"}
    return spec.complete if only_done else spec.update


def parent_of(values: Mapping[str, Any], parent: str | None) -> str | None:
    """The id of the record that a new one hangs on: as it is given, or as its contact."""
    link = values.get("contact")
    return parent if parent is not None or not isinstance(link, Link) else link.id


def lens_keys(lenses: Mapping[str, Lens]) -> dict[str, str]:
    """The CRM's top-level key → our field; the first that is read from it."""
    found: dict[str, str] = {}
    for name, lens in lenses.items():
        for key in lens.reads or ():
            found.setdefault(key, name)
    return found


def without_what_came_back(plan: Plan, found: Mapping[str, Any]) -> tuple[Loss, ...]:
    """What is lost indeed: a surplus that the record holds all the same, somewhere else, is not."""
    return tuple(
        loss for loss in plan.lost if not any(holds(one, loss.value) for one in _things(found.get(loss.field)))
    )


def _things(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else () if value is None else (value,)


def kept_part(plan: Plan, name: str, lost: Iterable[Loss]) -> Any:
    """What was asked of a field, without what is lost."""
    gone = [loss.value for loss in lost if loss.field == name]
    value = plan.asked[name]
    return tuple(one for one in value if one not in gone) if gone and isinstance(value, tuple) else value


def with_steps(plan: Plan, more: Iterable[Step]) -> Plan:
    """The plan with further calls after its own."""
    return replace(plan, steps=(*plan.steps, *more))
