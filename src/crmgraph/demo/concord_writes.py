"""What Concord lets one change (fact sheet concord, sections 3 to 6).

Sent lists replace the whole set; what is required on create is required on update too. Frozen here, where the sheet
leaves it open: unknown keys are ignored, unknown ids in an association are refused with 422, deleted rows lie in
`state.trash`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from crmgraph.demo.concord_lists import Invalid
from crmgraph.demo.concord_shapes import Resource
from crmgraph.demo.concord_state import ConcordState, Wire, stamp

ASSOCIATED = ("contacts", "companies", "deals", "activities")
VIA = ("contacts", "companies", "deals")
CUSTOMISED = ("contacts", "companies", "deals")
PHONE_TYPES = ("mobile", "work", "other")
STATUSES = ("open", "won", "lost")


class Missing(Exception):
    """What Concord answers with 404."""


def the_row(state: ConcordState, resource: str, number: int) -> Wire:
    if number not in state.tables.get(resource, {}):
        raise Missing(f"No query results for model [{resource}] {number}.")
    return state.tables[resource][number]


def create(state: ConcordState, resource: Resource, body: Any, now: datetime) -> Wire:
    sent = _checked(resource, body)
    via = _via(state, resource, sent)
    blank = dict.fromkeys(resource.columns) | _defaults(state, resource)
    row = state.add(
        resource.name, **{**blank, **_columns(state, resource, sent)}, created_at=stamp(now), updated_at=stamp(now)
    )
    _sync_sent(state, resource, row["id"], sent)
    if via:
        state.link((resource.name, row["id"]), via)
    return row


def update(state: ConcordState, resource: Resource, number: int, body: Any, now: datetime) -> Wire:
    row = the_row(state, resource.name, number)
    sent = _checked(resource, body)
    row.update(_columns(state, resource, sent), updated_at=stamp(now))
    _sync_sent(state, resource, number, sent)
    return row


def delete(state: ConcordState, resource: Resource, number: int) -> None:
    """Into the trash: lists and gets no longer show it, its associations wait for its return."""
    the_row(state, resource.name, number)
    state.trash.setdefault(resource.name, {})[number] = state.tables[resource.name].pop(number)


def associate(state: ConcordState, method: str, resource: str, number: int, body: Any) -> None:
    """PUT attaches, DELETE detaches, POST makes exactly this set; a relation that is not named is left alone."""
    if resource not in ASSOCIATED:
        raise Missing(f"The resource {resource} has no associations.")
    the_row(state, resource, number)
    sent = body if isinstance(body, dict) else {}
    for other in ASSOCIATED:
        if other in sent and other != resource:
            _change(state, method, (resource, number), other, _known(state, other, sent[other]))


def _change(state: ConcordState, method: str, own: tuple[str, int], other: str, mates: Sequence[int]) -> None:
    unwanted = set(mates) if method == "DELETE" else set()
    if method == "POST":
        unwanted = set(state.linked(own, other)) - set(mates)
    for mate in unwanted:
        state.unlink(own, (other, mate))
    for mate in () if method == "DELETE" else mates:
        state.link(own, (other, mate))


def _known(state: ConcordState, resource: str, sent: Any) -> list[int]:
    numbers = [number for number in sent if isinstance(number, int)] if isinstance(sent, list) else []
    if not isinstance(sent, list) or len(numbers) < len(sent) or not set(numbers) <= set(state.tables[resource]):
        raise Invalid(resource, f"The selected {resource} is invalid.")
    return numbers


def _sync_sent(state: ConcordState, resource: Resource, number: int, sent: Wire) -> None:
    for other in resource.relations:
        if other in sent and resource.name in ("contacts", "companies", "deals", "activities"):
            _change(state, "POST", (resource.name, number), other, _known(state, other, sent[other]))


def _checked(resource: Resource, body: Any) -> Wire:
    sent = body if isinstance(body, dict) else {}
    for name in resource.required:
        if sent.get(name) in (None, ""):
            raise Invalid(name, f"The {name.replace('_', ' ')} field is required.")
    if "status" in sent and resource.name == "deals" and sent["status"] not in STATUSES:
        raise Invalid("status", "The selected status is invalid.")
    return sent


def _via(state: ConcordState, resource: Resource, sent: Wire) -> tuple[str, int] | None:
    """What a note or call is written about."""
    if resource.name not in ("notes", "calls"):
        return None
    if sent.get("via_resource") not in VIA:
        raise Invalid("via_resource", "The via resource field is required.")
    [number] = _known(state, sent["via_resource"], [sent.get("via_resource_id")])
    return sent["via_resource"], number


def _defaults(state: ConcordState, resource: Resource) -> Wire:
    """What a new row has without being told."""
    first_user = next(iter(state.tables["users"]), None)
    if resource.name == "deals":
        return {"status": "open"}
    if resource.name == "activities":
        return {"is_completed": False, "activity_type_id": next(iter(state.tables["activity-types"]))}
    if resource.name in ("notes", "calls"):
        return {"user_id": first_user}
    customs = {key: None for row in state.tables["contacts"].values() for key in row if key.startswith("cf_")}
    return {"phones": [], "tags": [], **(customs if resource.name == "contacts" else {})}


def _columns(state: ConcordState, resource: Resource, sent: Wire) -> Wire:
    """The sent keys as they are kept."""
    columns = {name: sent[name] for name in resource.columns if name in sent}
    if "stage_id" in columns and resource.name == "deals":
        columns["pipeline_id"] = the_row(state, "pipeline-stages", columns["stage_id"])["pipeline_id"]
    if resource.name in ("contacts", "companies"):
        columns |= _lists(state, sent)
    if resource.name in CUSTOMISED:
        columns |= {key: _custom(state, key, value) for key, value in sent.items() if key.startswith("cf_")}
    return columns


def _lists(state: ConcordState, sent: Wire) -> Wire:
    lists: Wire = {}
    if "phones" in sent:
        lists["phones"] = [_phone(state, phone) for phone in sent["phones"] or []]
    if "tags" in sent:
        lists["tags"] = [state.tag(str(name)) for name in sent["tags"] or []]
    return lists


def _phone(state: ConcordState, sent: Any) -> Wire:
    if not isinstance(sent, dict) or not sent.get("number") or sent.get("type", "other") not in PHONE_TYPES:
        raise Invalid("phones", "The phones field is invalid.")
    return {"id": next(state.ids), "number": sent["number"], "type": sent.get("type", "other")}


def _custom(state: ConcordState, key: str, value: Any) -> Any:
    """A custom value as it will be read: an option's id becomes the option."""
    options = state.options.get(key)
    if options is None or value is None:
        return value
    chosen = value if isinstance(value, list) else [value]
    if not all(isinstance(number, int) and number in options for number in chosen):
        raise Invalid(key, f"The selected {key} is invalid.")
    objects = [{"id": number, "name": options[number]} for number in chosen]
    return objects if isinstance(value, list) else objects[0]
