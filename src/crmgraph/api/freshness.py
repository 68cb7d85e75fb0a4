"""How old an answer may be, as callers say it at the fields of the root."""

from functools import reduce
from typing import Any

import strawberry

from crmgraph.api.steps import Step, Steps
from crmgraph.domain.errors import InputError
from crmgraph.service.freshness import LIVE
from crmgraph.service.freshness import Freshness as Allowed


@strawberry.input(
    description="How old an answer may be; `age` in its extensions tells how old it is. Where several fields of a"
    " question could say it, the strictest holds for all of it, and one that says nothing is live. People, looked up or"
    " listed, may then come from what we store of a source, where it is that young, also in orders that the CRM does"
    " not know."
)
class Freshness:
    max_age: int | None = strawberry.field(
        default=None,
        description="What was read at most so many seconds ago may be told instead of asking again; 0 is live.",
    )
    stale_if_error: bool | None = strawberry.field(
        default=None,
        description="Whether a source that fails may be answered for by what was read of it before; that it failed is"
        " told all the same. A list of people that fails in its middle goes on so in the order of creation only.",
    )


def allowed(steps: Steps) -> Allowed:
    """What all fields of an operation allow together; raises InputError."""
    root = steps.schema.query_type
    said = [_of(one) for one in steps.first() if root is not None and "freshness" in _arguments(root, one.name)]
    return reduce(Allowed.stricter, said) if said else LIVE


def _arguments(root: Any, name: str) -> Any:
    return root.fields[name].args if name in root.fields else ()


def _of(step: Step) -> Allowed:
    said = step.arguments.get("freshness") or {}
    seconds = said.get("maxAge") or 0
    if seconds < 0:
        raise InputError(f"`maxAge` is {seconds}; it is seconds, so it must not be less than 0.")
    return Allowed(float(seconds), bool(said.get("staleIfError")))
