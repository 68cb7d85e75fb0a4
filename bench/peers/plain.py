"""The baseline: the same graph as one would plainly write it with Strawberry, FastAPI, httpx and aiodataloader."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import strawberry
from aiodataloader import DataLoader
from fastapi import FastAPI, Request
from strawberry.fastapi import GraphQLRouter
from strawberry.types import Info

Asking = Info[dict[str, Any], None]


@strawberry.type
class Value:
    value: str


@strawberry.type
class Place:
    city: str | None


@strawberry.type
class Name:
    name: str


@strawberry.type
class Owner:
    id: strawberry.ID
    name: str | None
    email: str | None


@strawberry.type
class Contact:
    id: strawberry.ID
    given_name: str | None
    family_name: str | None
    full_name: str | None
    job_title: str | None
    company_name: str | None
    lead_source: str | None
    website: str | None
    created_at: str | None
    updated_at: str | None
    emails: list[Value]
    phones: list[Value]
    addresses: list[Place]
    tags: list[Name]
    owner_id: strawberry.Private[int]

    @strawberry.field
    async def owner(self, info: Asking) -> Owner | None:
        found: Owner | None = await info.context["owners"].load(self.owner_id)
        return found


@strawberry.type
class Query:
    @strawberry.field
    async def contacts(self, info: Asking, page: int = 1) -> list[Contact]:
        reply = await info.context["client"].get("/contacts", params={"page": page})
        reply.raise_for_status()
        return [_contact(one) for one in reply.json()]

    @strawberry.field
    async def contact(self, info: Asking, id: strawberry.ID) -> Contact | None:
        reply = await info.context["client"].get(f"/contacts/{id}")
        reply.raise_for_status()
        return _contact(reply.json())


class Owners(DataLoader[int, Owner | None]):
    """Loads the owners of one request together."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        super().__init__()
        self.client = client

    async def batch_load_fn(self, keys: list[int]) -> list[Owner | None]:
        reply = await self.client.get("/users", params={"id": keys})
        reply.raise_for_status()
        found = {one["id"]: Owner(id=one["id"], name=one["name"], email=one["email"]) for one in reply.json()}
        return [found.get(key) for key in keys]


def _contact(one: dict[str, Any]) -> Contact:
    return Contact(
        id=strawberry.ID(str(one["id"])),
        given_name=one["givenName"],
        family_name=one["familyName"],
        full_name=one["fullName"],
        job_title=one["jobTitle"],
        company_name=one["companyName"],
        lead_source=one["leadSource"],
        website=one["website"],
        created_at=one["createdAt"],
        updated_at=one["updatedAt"],
        emails=[Value(value=email["value"]) for email in one["emails"]],
        phones=[Value(value=phone["value"]) for phone in one["phones"]],
        addresses=[Place(city=place["city"]) for place in one["addresses"]],
        tags=[Name(name=tag["name"]) for tag in one["tags"]],
        owner_id=one["ownerId"],
    )


@asynccontextmanager
async def lifespan(served: FastAPI) -> AsyncIterator[None]:
    async with httpx.AsyncClient(base_url=os.environ["BENCH_UPSTREAM"]) as client:
        served.state.client = client
        yield


async def context(request: Request) -> dict[str, Any]:
    client = request.app.state.client
    return {"client": client, "owners": Owners(client)}


app = FastAPI(lifespan=lifespan)
app.include_router(GraphQLRouter(strawberry.Schema(Query), context_getter=context), prefix="/graphql")
