"""The simulated org-scoped CRM against its fact sheet."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from crmgraph.demo.orgcrm import orgcrm
from crmgraph.demo.orgcrm_state import OrgState, contact_id
from crmgraph.demo.people import world
from crmgraph.demo.simulator import Simulator

WORLD = world()
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def simulator() -> Simulator:
    return orgcrm(WORLD, clock=lambda: NOW)


def client_of(
    simulator: Simulator, token: str | None = "demo-orgcrm", org: str | None = "org-demo"
) -> httpx.AsyncClient:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    headers |= {} if org is None else {"X-Org-Id": org}
    transport = httpx.ASGITransport(simulator.app)
    return httpx.AsyncClient(transport=transport, base_url="http://orgcrm.test/api/v1", headers=headers)


@pytest.fixture
async def client(simulator: Simulator) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(simulator) as open_client:
        yield open_client


def one(field: str, op: str, value: Any = None) -> dict[str, Any]:
    return {"query": {"groups": [{"conditions": [{"field": field, "op": op, "value": value}]}]}, "limit": 200}


async def found(client: httpx.AsyncClient, body: dict[str, Any]) -> list[dict[str, Any]]:
    reply = await client.post("/contacts/search", json=body)
    assert reply.status_code == 200, reply.text
    return reply.json()["items"]


@pytest.mark.parametrize(
    ("token", "org", "status", "detail"),
    [
        (None, "org-demo", 401, "Not authenticated"),
        ("wrong", "org-demo", 401, "Could not validate credentials"),
        ("demo-orgcrm", None, 400, "X-Org-Id header is required"),
        ("demo-orgcrm", "other", 403, "You are not a member of this organization"),
    ],
)
async def test_a_caller_needs_a_token_an_organisation_and_membership(
    simulator: Simulator, token: str | None, org: str | None, status: int, detail: str
) -> None:
    async with client_of(simulator, token, org) as client:
        reply = await client.get("/contacts")
    assert (reply.status_code, reply.json()) == (status, {"detail": detail})


async def test_the_list_has_an_envelope_and_runs_from_the_newest(client: httpx.AsyncClient) -> None:
    body = (await client.get("/contacts", params={"limit": 5, "offset": 2})).json()
    everything = (await client.get("/contacts", params={"limit": 200})).json()["items"]
    assert {key: body[key] for key in ("total", "limit", "offset")} == {
        "total": len(WORLD.seen_by("orgcrm")),
        "limit": 5,
        "offset": 2,
    }
    assert body["items"] == everything[2:7]
    assert [item["created_at"] for item in everything] == sorted((i["created_at"] for i in everything), reverse=True)
    assert everything[0]["id"] == contact_id(1)


async def test_the_default_page_holds_fifty(client: httpx.AsyncClient) -> None:
    body = (await client.get("/contacts")).json()
    assert (body["limit"], body["offset"], len(body["items"])) == (50, 0, 50)


async def test_a_contact_has_these_keys_and_one_name(client: httpx.AsyncClient) -> None:
    contact = (await client.get(f"/contacts/{contact_id(1)}")).json()
    assert list(contact) == [
        "id", "name", "email", "phone", "company", "source", "notes", "tags", "dnc", "assigned_to", "custom",
        "created_at", "updated_at",
    ]  # fmt: skip
    assert contact["name"] == "Maria F. Oliveira"
    assert contact["company"] == "Tamarind Software"
    assert contact["custom"] == {"account_code": "AC-0001", "seats": 200, "plan": "Team"}


async def test_an_unknown_contact_is_not_found(client: httpx.AsyncClient) -> None:
    reply = await client.get("/contacts/nobody")
    assert (reply.status_code, reply.json()) == (404, {"detail": "Contact not found"})


async def test_a_restricted_member_sees_their_own_contacts_and_no_other(simulator: Simulator) -> None:
    async with client_of(simulator) as client, client_of(simulator, "demo-orgcrm-assigned") as restricted:
        everything = (await client.get("/contacts", params={"limit": 200})).json()
        own = (await restricted.get("/contacts", params={"limit": 200})).json()
        foreign = next(one for one in everything["items"] if one not in own["items"])
        assert (await restricted.get(f"/contacts/{foreign['id']}")).status_code == 404
    assert 0 < own["total"] < everything["total"]
    assert len({item["assigned_to"] for item in own["items"]}) == 1


async def test_the_list_takes_free_text_and_a_tag(client: httpx.AsyncClient) -> None:
    by_text = (await client.get("/contacts", params={"q": "tamarind soft", "limit": 200})).json()
    by_tag = (await client.get("/contacts", params={"tag": "VIP", "limit": 200})).json()
    assert by_text["items"]
    assert all(item["company"] == "Tamarind Software" for item in by_text["items"])
    assert by_tag["items"]
    assert all("vip" in item["tags"] for item in by_tag["items"])


async def test_groups_are_ored_conditions_anded_and_free_text_anded(client: httpx.AsyncClient) -> None:
    vip = {"field": "tags", "op": "contains", "value": "vip"}
    query = {"groups": [{"conditions": [vip, {"field": "dnc", "op": "eq", "value": False}]}, {"conditions": [
        {"field": "name", "op": "contains", "value": "maria f"}]}]}  # fmt: skip
    items = await found(client, {"query": query, "limit": 200})
    assert all(("vip" in item["tags"] and not item["dnc"]) or "maria f" in item["name"].lower() for item in items)
    assert {item["id"] for item in await found(client, {"query": query, "q": "f. oliv"})} == {contact_id(1)}


async def test_no_groups_mean_no_filter(client: httpx.AsyncClient) -> None:
    everyone = len(WORLD.seen_by("orgcrm"))
    for body in ({}, {"query": {"groups": []}}, {"query": None}):
        assert (await client.post("/contacts/search", json=body)).json()["total"] == everyone


@pytest.mark.parametrize(
    ("field", "op", "value"),
    [
        ("email", "eq", "MariaFernandez.invented@gmail.com"),
        ("email", "contains", "mariafernandez.INVENTED"),
        ("email", "in", ["MariaFernandez.invented@gmail.com", "nobody@example.com"]),
        ("name", "starts_with", "maria f."),
        ("phone", "eq", "415.555.0101"),
        ("created_at", "gte", "2026-11-02T11:30:00Z"),
        ("custom.account_code", "eq", "AC-0001"),
    ],
)
async def test_a_condition_finds_the_one_it_describes(
    client: httpx.AsyncClient, field: str, op: str, value: Any
) -> None:
    assert [item["id"] for item in await found(client, one(field, op, value))] == [contact_id(1)]


@pytest.mark.parametrize("field", ["company", "email", "notes", "custom.plan", "source"])
async def test_negative_operators_are_complements(client: httpx.AsyncClient, field: str) -> None:
    everyone = len(WORLD.seen_by("orgcrm"))
    for op, opposite in (("eq", "neq"), ("contains", "not_contains"), ("is_empty", "is_not_empty")):
        yes, no = [await found(client, one(field, name, "Team")) for name in (op, opposite)]
        assert len(yes) + len(no) == everyone


async def test_numbers_under_custom_keys_can_be_compared(client: httpx.AsyncClient) -> None:
    items = await found(client, one("custom.seats", "gte", 100))
    assert items
    assert all(item["custom"]["seats"] >= 100 for item in items)


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ({"groups": [{"conditions": []}]}, "a group needs at least one condition"),
        (one("updated_at", "gt", "2026-01-01")["query"], "unknown field: updated_at"),
        (one("name", "like", "x")["query"], "unknown operator: like"),
        (one("dnc", "contains", True)["query"], "operator contains is not allowed for field dnc"),
        (one("name", "eq")["query"], "operator eq needs a value"),
        (one("created_at", "gt", "soon")["query"], "not an ISO-8601 instant: soon"),
    ],
)
async def test_an_invalid_filter_is_refused_with_a_string(client: httpx.AsyncClient, query: Any, detail: str) -> None:
    reply = await client.post("/contacts/search", json={"query": query})
    assert (reply.status_code, reply.json()) == (422, {"detail": detail})


async def test_a_malformed_parameter_is_refused_with_a_list(client: httpx.AsyncClient) -> None:
    reply = await client.get("/contacts", params={"limit": 0})
    assert reply.status_code == 422
    assert reply.json()["detail"][0]["loc"] == ["query", "limit"]


async def test_a_wrong_trailing_slash_is_redirected(client: httpx.AsyncClient) -> None:
    assert (await client.get("/contacts/")).status_code == 307


async def test_views_are_no_contact_and_tags_fields_and_values_are_bare_lists(client: httpx.AsyncClient) -> None:
    views = (await client.get("/contacts/views")).json()["views"]
    assert {"id", "name", "query"} == set(views[0])
    assert {"id", "name", "color"} == set((await client.get("/tags")).json()[0])
    fields = (await client.get("/custom-fields")).json()
    assert {field["key"]: field["type"] for field in fields} == {
        "account_code": "text", "seats": "number", "renewal": "date", "reference_customer": "boolean", "plan": "select",
        "interests": "multi_select",
    }  # fmt: skip
    assert {"key", "value"} == set((await client.get("/custom-values")).json()[0])


async def test_opportunities_hang_on_a_contact(client: httpx.AsyncClient) -> None:
    deals = (await client.get(f"/contacts/{contact_id(1)}/opportunities")).json()
    assert len(deals) == 3
    assert set(deals[0]) == {"id", "name", "stage", "status", "value", "created_at"}
    assert datetime.fromisoformat(deals[0]["created_at"]).tzinfo is None


async def test_a_contact_is_created_changed_and_deleted(client: httpx.AsyncClient) -> None:
    created = await client.post("/contacts", json={"name": "Ida Ash", "tags": ["New Tag"], "surprise": 1})
    assert created.status_code == 201
    path = f"/contacts/{created.json()['id']}"
    changed = await client.patch(path, json={"phone": "1", "custom": {"plan": "Team"}, "tags": []})
    assert changed.json() == created.json() | {"phone": "1"}
    assert (await client.patch(path, json={"name": None})).status_code == 422
    deleted = await client.delete(path)
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert (await client.get(path)).status_code == 404


async def test_tags_are_added_by_list_and_removed_by_name(client: httpx.AsyncClient) -> None:
    path = f"/contacts/{contact_id(1)}/tags"
    assert (await client.post(path, json={"tags": ["VIP", "a b"]})).json()["tags"] == ["replied", "vip", "a b"]
    assert (await client.delete(f"{path}/a%20b")).status_code == 204
    assert (await client.delete(f"{path}/a%20b")).status_code == 404
    assert (await client.post("/tags", json={"name": "vip"})).status_code == 409


async def test_a_tag_with_a_slash_cannot_travel_in_a_path(client: httpx.AsyncClient) -> None:
    path = f"/contacts/{contact_id(1)}/tags"
    await client.post(path, json={"tags": ["a/b"]})
    assert (await client.delete(f"{path}/a%2Fb")).json() == {"detail": "Not Found"}


async def test_custom_values_are_set_one_by_one_by_key(client: httpx.AsyncClient) -> None:
    path = f"/contacts/{contact_id(1)}/custom"
    assert (await client.put(f"{path}/seats", json={"value": 7})).json()["custom"]["seats"] == 7
    assert "seats" not in (await client.put(f"{path}/seats", json={"value": None})).json()["custom"]
    assert (await client.put(f"{path}/unheard", json={"value": 7})).status_code == 404
    assert (await client.put(f"{path}/seats", json={"value": "7"})).status_code == 422


async def test_an_import_answers_200_though_rows_fail(client: httpx.AsyncClient) -> None:
    rows = [
        {"name": "New One", "email": "new.one@example.com"},
        {"name": "Maria", "email": "mariafernandez.invented@gmail.com"},
        {"name": "New One", "email": "NEW.one@example.com", "dnc": False},
        {"email": "nameless@example.com"},
        "no object",
    ]
    reply = await client.post("/contacts/import", json={"contacts": rows, "dedupe_by": "email"})
    summary = reply.json()
    assert (reply.status_code, summary["created"], summary["updated"], summary["skipped"]) == (200, 1, 2, 0)
    assert [error["row"] for error in summary["errors"]] == [3, 4]


async def test_putting_views_replaces_them_all(client: httpx.AsyncClient) -> None:
    reply = await client.put("/contacts/views", json={"views": [{"name": "Mine", "query": {"groups": []}}]})
    assert [view["name"] for view in reply.json()["views"]] == ["Mine"]
    assert (await client.get("/contacts/views")).json() == reply.json()


async def test_fields_are_defined_by_id_and_template_values_by_key(client: httpx.AsyncClient) -> None:
    made = await client.post("/custom-fields", json={"key": "size", "label": "Size"})
    path = f"/custom-fields/{made.json()['id']}"
    assert made.status_code == 201
    assert (await client.post("/custom-fields", json={"key": "size", "label": "Size"})).status_code == 409
    assert (await client.patch(path, json={"label": "Large"})).json()["label"] == "Large"
    assert (await client.delete(path)).status_code == 204
    assert (await client.put("/custom-values/x", json={"value": "y"})).json() == {"key": "x", "value": "y"}
    assert (await client.delete("/custom-values/x")).status_code == 204


def test_the_state_can_be_changed_by_hand(simulator: Simulator) -> None:
    assert isinstance(simulator.state, OrgState)
    assert simulator.state.contacts[contact_id(1)]["email"] == "MariaFernandez.invented@gmail.com"
