"""How Concord shows a row: with its owner, its lookups and what it is associated with (fact sheet, sections 3 and 5).

Frozen here, where the sheet leaves it open: an associated record is `{id, name}`; notes and calls show
their user as `owner`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from crmgraph.demo.concord_state import ConcordState, Wire


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource: what it is required to have, what it embeds, where `q` looks, and whether it can be changed.

    `embeds` maps a key to the lookup and the column it is resolved by; `relations` are the associated resources shown.
    """

    name: str
    columns: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    relations: tuple[str, ...] = ()
    embeds: Mapping[str, tuple[str, str]] | None = None
    searched: tuple[str, ...] = ("name",)


_OWNER = {"owner": ("users", "user_id")}
_ADDRESS = ("street", "city", "state", "postal_code", "country_id")

RESOURCES = {
    resource.name: resource
    for resource in (
        Resource(
            "contacts",
            ("first_name", "last_name", "email", "job_title", "source_id", "user_id", *_ADDRESS),
            ("first_name",),
            ("companies", "deals"),
            _OWNER,
            ("full_name", "first_name", "last_name", "email", "job_title", "phones.number"),
        ),
        Resource(
            "companies",
            ("name", "email", "domain", "source_id", "industry_id", "user_id", *_ADDRESS),
            ("name",),
            ("contacts", "deals"),
            _OWNER,
            ("name", "email", "domain", "phones.number"),
        ),
        Resource(
            "deals",
            ("name", "stage_id", "pipeline_id", "amount", "expected_close_date", "user_id", "status", "lost_reason"),
            ("name", "stage_id"),
            ("contacts", "companies"),
            {**_OWNER, "stage": ("pipeline-stages", "stage_id"), "pipeline": ("pipelines", "pipeline_id")},
        ),
        Resource(
            "activities",
            ("title", "description", "note", "activity_type_id", "user_id", "due_date", "due_time", "end_date",
             "end_time", "is_completed"),
            ("title", "user_id", "due_date"),
            ("contacts", "companies", "deals"),
            {**_OWNER, "type": ("activity-types", "activity_type_id")},
            ("title", "description", "note"),
        ),
        Resource("notes", ("body",), ("body",), ("contacts", "companies", "deals"), _OWNER, ("body",)),
        Resource(
            "calls",
            ("body", "date", "call_outcome_id"),
            ("body", "date"),
            ("contacts", "companies", "deals"),
            {**_OWNER, "outcome": ("call-outcomes", "call_outcome_id")},
            ("body",),
        ),
        Resource("users", searched=("name", "email")),
        *(
            Resource(name)
            for name in ("pipelines", "pipeline-stages", "sources", "countries", "activity-types", "call-outcomes",
                         "industries")
        ),
    )
}  # fmt: skip

WRITABLE = ("contacts", "companies", "deals", "activities", "notes", "calls")


def shown(state: ConcordState, resource: Resource, row: Wire) -> Wire:
    """A row as it is answered."""
    own = (resource.name, row["id"])
    record = dict(row)
    for key, (lookup, column) in (resource.embeds or {}).items():
        record[key] = _BRIEFLY.get(lookup, _named)(state.tables[lookup].get(row.get(column) or 0))
    for other in resource.relations:
        rows = (state.tables[other].get(number) for number in state.linked(own, other))
        record[other] = [_named(mate) for mate in rows if mate is not None]
    if resource.name == "pipelines":
        record["stages"] = [s for s in state.tables["pipeline-stages"].values() if s["pipeline_id"] == row["id"]]
    return record


def full_name(row: Wire) -> str:
    """A contact's two names in one."""
    return " ".join(filter(None, (row.get("first_name"), row.get("last_name"))))


def _named(row: Wire | None) -> Wire | None:
    return row and {"id": row["id"], "name": row.get("name") or full_name(row)}


def _person(row: Wire | None) -> Wire | None:
    return row and {"id": row["id"], "name": row["name"], "email": row["email"]}


_BRIEFLY: Mapping[str, Callable[[Wire | None], Wire | None]] = {"users": _person}
