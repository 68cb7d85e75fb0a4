"""The simulated org-scoped CRM: `/api/v1`, a bearer token and X-Org-Id (fact sheet orgcrm).

It is a FastAPI app, as the real one seems to be, so validation answers 422 with a list under `detail`, raised errors
have a string there, and a wrong trailing slash is redirected with 307.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, HTTPException, Query
from pydantic import BaseModel, Field

from crmgraph.demo.cast import World
from crmgraph.demo.orgcrm_callers import Calling
from crmgraph.demo.orgcrm_search import BadFilter, Test, compile_filter, free_text
from crmgraph.demo.orgcrm_state import CRM, Member, OrgState, Raw, member_id
from crmgraph.demo.orgcrm_writes import writes
from crmgraph.demo.simulator import Simulator

PREFIX = "/api/v1"
_LARGEST_PAGE = 200

Limit = Annotated[int, Query(ge=1, le=_LARGEST_PAGE)]
Offset = Annotated[int, Query(ge=0)]

reads = APIRouter()


def orgcrm(
    world: World,
    *,
    token: str = "demo-orgcrm",
    org_id: str = "org-demo",
    clock: Callable[[], datetime],
    assigned_token: str = "demo-orgcrm-assigned",
    assigned_staff: str | None = None,
) -> Simulator:
    """The CRM with what the world says it knows; `state` is an OrgState.

    `token` belongs to a member who sees everything. `assigned_token` belongs to the member of staff `assigned_staff`
    (a staff key; by default the first who owns a contact), who sees only the contacts assigned to them.
    """
    owners = [one.owner for one in world.seen_by(CRM) if one.owner]
    restricted = assigned_staff or (owners or ["nobody"])[0]
    members = {token: Member(member_id("admin"), False), assigned_token: Member(member_id(restricted), True)}
    state = OrgState(world, org_id, members, clock)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.state.org = state
    app.include_router(reads, prefix=PREFIX)
    app.include_router(writes, prefix=PREFIX)
    return Simulator(CRM, app, token=token, state=state, error_body={"detail": "Internal Server Error"})


class Search(BaseModel):
    """The body of a search."""

    query: Any = None
    q: str | None = None
    limit: int = Field(50, ge=1, le=_LARGEST_PAGE)
    offset: int = Field(0, ge=0)


@reads.get("/contacts")
async def list_contacts(
    caller: Calling, q: str | None = None, tag: str | None = None, limit: Limit = 50, offset: Offset = 0
) -> Raw:
    tagged = _condition({"field": "tags", "op": "contains", "value": tag}) if tag else compile_filter(None)
    return _page(caller.contacts(), (free_text(q), tagged), limit, offset)


@reads.post("/contacts/search")
async def search_contacts(caller: Calling, body: Search) -> Raw:
    try:
        wanted = compile_filter(body.query)
    except BadFilter as error:
        raise HTTPException(422, str(error)) from error
    return _page(caller.contacts(), (free_text(body.q), wanted), body.limit, body.offset)


@reads.get("/contacts/views")
async def list_views(caller: Calling) -> Raw:
    return {"views": caller.org.views}


@reads.get("/contacts/{contact_id}")
async def get_contact(caller: Calling, contact_id: str) -> Raw:
    return caller.contact(contact_id)


@reads.get("/contacts/{contact_id}/opportunities")
async def list_opportunities(caller: Calling, contact_id: str) -> list[Raw]:
    return caller.org.opportunities.get(caller.contact(contact_id)["id"], [])


@reads.get("/tags")
async def list_tags(caller: Calling) -> list[Raw]:
    return list(caller.org.tags.values())


@reads.get("/custom-fields")
async def list_fields(caller: Calling) -> list[Raw]:
    return list(caller.org.fields.values())


@reads.get("/custom-values")
async def list_values(caller: Calling) -> list[Raw]:
    return [{"key": key, "value": value} for key, value in caller.org.values.items()]


def _condition(condition: Raw) -> Test:
    return compile_filter({"groups": [{"conditions": [condition]}]})


def _page(contacts: list[Raw], tests: tuple[Test, ...], limit: int, offset: int) -> Raw:
    found = [contact for contact in contacts if all(test(contact) for test in tests)]
    return {"items": found[offset : offset + limit], "total": len(found), "limit": limit, "offset": offset}
