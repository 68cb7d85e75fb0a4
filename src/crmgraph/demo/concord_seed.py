"""Fills the simulated Concord with what the world says it knows.

Where the fact sheet leaves it open, this is frozen: tasks, meetings, appointments (as type Meeting) and calls still to
come are activities, calls already made are calls, of their contact's first deal too; a note's body is HTML with its
title in bold; the birth date is a custom field.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from html import escape
from itertools import count
from typing import Any

from crmgraph.demo.cast import CustomSpec, Deal, Event, Memo, Sighting, Todo, World
from crmgraph.demo.concord_state import ConcordState, Key, Wire, stamp
from crmgraph.demo.people import NOW

COUNTRIES = {
    "US": "United States",
    "BR": "Brazil",
    "GB": "United Kingdom",
    "FR": "France",
    "DE": "Germany",
    "PT": "Portugal",
}
ACTIVITY_TYPES = ("Call", "Meeting", "Task", "Email", "Deadline")
_NAME = "concord"
_FIRST_ID = {
    "users": 11,
    "sources": 31,
    "activity-types": 41,
    "call-outcomes": 51,
    "industries": 61,
    "countries": 71,
    "pipelines": 81,
    "pipeline-stages": 91,
}
_OFFSET = {"contacts": 1000, "deals": 500, "todos": 3000, "events": 4000, "notes": 5000, "calls": 6000}


def seeded(world: World) -> ConcordState:
    """What the world says Concord knows."""
    state = ConcordState()
    _lookups(state, world)
    owners = {staff.key: number for staff, number in zip(world.staff, state.tables["users"], strict=True)}
    firms = {firm.key: 200 + number for number, firm in enumerate(world.firms_of(_NAME), 1)}
    _companies(state, world, firms)
    for sighting in world.seen_by(_NAME):
        _contact(state, world.custom_fields, sighting, owners)
        _tie(
            state, ("contacts", _OFFSET["contacts"] + sighting.number), ("companies", firms.get(sighting.company or ""))
        )
    for deal in world.deals(_NAME):
        _deal(state, deal, owners, firms)
    for todo in world.todos(_NAME):
        _task(state, todo, owners)
    for event in world.events(_NAME):
        _event(state, event, owners)
    for memo in world.memos(_NAME):
        _note(state, memo, owners)
    return state


def _tie(state: ConcordState, one: Key, other: tuple[str, int | None]) -> None:
    """Associate where there is anything to associate with."""
    resource, number = other
    if number is not None:
        state.link(one, (resource, number))


def _lookups(state: ConcordState, world: World) -> None:
    outcomes = {event.outcome for event in world.events(_NAME) if event.outcome} | {"No answer"}
    named: Mapping[str, Iterable[Wire]] = {
        "users": [{"name": f"{s.given} {s.family}", "email": s.email, "timezone": "UTC"} for s in world.staff],
        "sources": _names({s.lead_source for s in world.seen_by(_NAME) if s.lead_source}),
        "activity-types": [{"name": name, "swatch_color": "#94a3b8"} for name in ACTIVITY_TYPES],
        "call-outcomes": [{**row, "swatch_color": "#a3e635"} for row in _names(outcomes)],
        "industries": _names({firm.industry for firm in world.firms}),
        "countries": [{"name": name, "iso_3166_2": code} for code, name in COUNTRIES.items()],
        "pipelines": [{"name": name} for name in world.pipelines],
    }
    for resource, rows in named.items():
        for number, row in enumerate(rows, _FIRST_ID[resource]):
            state.add(resource, id=number, **row)
    _stages(state, world)
    for place, spec in enumerate(world.custom_fields):
        if spec.options:
            state.options[f"cf_{spec.key}"] = dict(enumerate(spec.options, 901 + place * 10))


def _names(names: Iterable[str]) -> list[Wire]:
    return [{"name": name} for name in sorted(names)]


def _stages(state: ConcordState, world: World) -> None:
    numbers = count(_FIRST_ID["pipeline-stages"])
    for pipeline, stages in world.pipelines.items():
        for place, stage in enumerate(stages, 1):
            state.add(
                "pipeline-stages",
                id=next(numbers),
                name=stage,
                pipeline_id=state.id_of("pipelines", pipeline),
                win_probability=100 * place // (len(stages) + 1),
                display_order=place,
            )


def _companies(state: ConcordState, world: World, firms: Mapping[str, int]) -> None:
    made = {"created_at": "2024-01-02T09:00:00.000000Z", "updated_at": "2024-01-02T09:00:00.000000Z"}
    for key, number in firms.items():
        firm = world.firm(key)
        state.add(
            "companies",
            id=number,
            name=firm.called_in(_NAME),
            email=f"info@{firm.domain}",
            domain=firm.domain,
            phones=[{"id": 20_000 + number, "number": firm.phone, "type": "work"}],
            street=firm.street,
            city=firm.city,
            state=firm.region,
            postal_code=firm.postal_code,
            country_id=state.id_of("countries", COUNTRIES[firm.country]),
            industry_id=state.id_of("industries", firm.industry),
            source_id=None,
            user_id=_FIRST_ID["users"] + number % len(world.staff),
            tags=[],
            **made,
        )


def _contact(state: ConcordState, specs: Iterable[CustomSpec], sighting: Sighting, owners: Mapping[str, int]) -> None:
    number = _OFFSET["contacts"] + sighting.number
    types = ("work", "mobile", "other")
    phones = zip(types, sighting.phones, strict=False)
    state.add_contact(
        id=number,
        first_name=sighting.given,
        last_name=sighting.family or None,
        email=next(iter(sighting.emails), None),
        job_title=sighting.title,
        phones=[{"id": number * 10 + n, "number": phone, "type": kind} for n, (kind, phone) in enumerate(phones)],
        street=sighting.street,
        city=sighting.city,
        state=sighting.region,
        postal_code=sighting.postal_code,
        country_id=state.id_of("countries", COUNTRIES.get(sighting.country or "")),
        source_id=state.id_of("sources", sighting.lead_source),
        user_id=owners.get(sighting.owner or ""),
        tags=[state.tag(tag) for tag in sighting.tags],
        **{f"cf_{spec.key}": _custom(state, spec, sighting.custom.get(spec.key)) for spec in specs},
        cf_birth_date=sighting.birth_date.isoformat() if sighting.birth_date else None,
        created_at=stamp(sighting.created),
        updated_at=stamp(sighting.updated),
    )


def _custom(state: ConcordState, spec: CustomSpec, value: Any) -> Any:
    """A custom value as it is read: options as objects, nothing as null or an empty list."""
    known = state.options.get(f"cf_{spec.key}", {})
    if spec.type == "OPTIONS":
        return [{"id": number, "name": name} for number, name in known.items() if name in (value or ())]
    if spec.type == "OPTION":
        return next(({"id": number, "name": name} for number, name in known.items() if name == value), None)
    return value


def _deal(state: ConcordState, deal: Deal, owners: Mapping[str, int], firms: Mapping[str, int]) -> None:
    pipeline = state.id_of("pipelines", deal.pipeline)
    stages = [row for row in state.tables["pipeline-stages"].values() if row["pipeline_id"] == pipeline]
    row = state.add(
        "deals",
        id=_OFFSET["deals"] + deal.number,
        name=deal.name,
        amount=float(deal.amount),
        pipeline_id=pipeline,
        stage_id=next(stage["id"] for stage in stages if stage["name"] == deal.stage),
        status=deal.status,
        lost_reason=deal.lost_reason,
        expected_close_date=deal.expected_close.isoformat(),
        user_id=owners[deal.owner],
        created_at=stamp(deal.created),
        updated_at=stamp(deal.updated),
    )
    own = ("deals", row["id"])
    _tie(state, own, ("contacts", _OFFSET["contacts"] + deal.contact))
    _tie(state, own, ("companies", firms.get(deal.company or "")))


def _tied(state: ConcordState, resource: str, number: int, made: Todo | Memo | Event, deal: int | None) -> None:
    """Associate what was done with its contact, its contact's first company and its deal."""
    own, contact = (resource, number), ("contacts", _OFFSET["contacts"] + made.contact)
    state.link(own, contact)
    _tie(state, own, ("companies", next(iter(state.linked(contact, "companies")), None)))
    _tie(state, own, ("deals", None if deal is None else _OFFSET["deals"] + deal))


def _activity(state: ConcordState, number: int, kind: str, made: Todo | Event, starts: datetime, **more: Any) -> None:
    columns = {"end_date": starts.date().isoformat(), "end_time": None, **more}
    state.add(
        "activities",
        id=number,
        title=made.title,
        description=made.body,
        note="Agreed by telephone." if number % 3 == 0 else None,
        activity_type_id=state.id_of("activity-types", kind),
        due_date=starts.date().isoformat(),
        due_time=f"{starts:%H:%M}",
        **columns,
        created_at=stamp(made.created),
        updated_at=stamp(made.updated),
    )


def _task(state: ConcordState, todo: Todo, owners: Mapping[str, int]) -> None:
    number = _OFFSET["todos"] + todo.number
    _activity(state, number, "Task", todo, todo.due, is_completed=todo.completed, user_id=owners[todo.assignee])
    if todo.number % 4 == 0:
        state.tables["activities"][number]["due_time"] = None
    _tied(state, "activities", number, todo, todo.deal)


def _event(state: ConcordState, event: Event, owners: Mapping[str, int]) -> None:
    if event.kind == "CALL" and event.starts < NOW:
        number = _OFFSET["calls"] + event.number
        state.add(
            "calls",
            id=number,
            body=f"<p>{escape(event.title)}: {escape(event.body)}</p>",
            date=stamp(event.starts),
            call_outcome_id=state.id_of("call-outcomes", event.outcome),
            user_id=owners[event.owner],
            created_at=stamp(event.created),
            updated_at=stamp(event.updated),
        )
        _tied(state, "calls", number, event, None)
        deals = state.linked(("contacts", _OFFSET["contacts"] + event.contact), "deals")
        _tie(state, ("calls", number), ("deals", next(iter(deals), None)))
        return
    number = _OFFSET["events"] + event.number
    ends = {"end_date": event.ends.date().isoformat(), "end_time": f"{event.ends:%H:%M}"}
    kind = "Call" if event.kind == "CALL" else "Meeting"
    done = event.status == "SHOWED"
    _activity(state, number, kind, event, event.starts, is_completed=done, user_id=owners[event.owner], **ends)
    _tied(state, "activities", number, event, None)


def _note(state: ConcordState, memo: Memo, owners: Mapping[str, int]) -> None:
    number = _OFFSET["notes"] + memo.number
    state.add(
        "notes",
        id=number,
        body=f"<p><strong>{escape(memo.title)}</strong></p><p>{escape(memo.body)}</p>",
        user_id=owners[memo.author],
        created_at=stamp(memo.created),
        updated_at=stamp(memo.updated),
    )
    _tied(state, "notes", number, memo, memo.deal)
