"""The simulated BigContacts behaves as its fact sheet says."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from crmgraph.demo.bigcontacts import bigcontacts
from crmgraph.demo.people import World, world
from crmgraph.demo.simulator import Simulator

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def known() -> World:
    return world()


@pytest.fixture
def crm(known: World) -> Simulator:
    return bigcontacts(known, clock=lambda: NOW)


@pytest.fixture
async def client(crm: Simulator) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {crm.token}"}
    transport = httpx.ASGITransport(app=crm.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bc.example.com/api", headers=headers) as client:
        yield client


async def _ask(client: httpx.AsyncClient, path: str, **query: Any) -> Any:
    reply = await client.get(path, params=query)
    assert reply.status_code == 200
    assert reply.json()["status"] == "success"
    return reply.json()["payload"]


async def test_the_token_is_taken_from_the_header_and_from_the_query_and_the_log_tells_which(crm: Simulator) -> None:
    transport = httpx.ASGITransport(app=crm.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bc.example.com/api") as bare:
        without = await bare.get("/users.json")
        by_query = await bare.get("/users.json", params={"access_token": crm.token})
        by_header = await bare.get("/users.json", headers={"Authorization": f"Bearer {crm.token}"})
    assert [reply.status_code for reply in (without, by_query, by_header)] == [401, 200, 200]
    assert without.json()["status"] == "error"
    assert ["access_token" in entry.query for entry in crm.log] == [False, True, False]


async def test_users_are_the_staff(client: httpx.AsyncClient, known: World) -> None:
    users = await _ask(client, "/users.json")
    assert {user["email"] for user in users} == {member.email for member in known.staff}
    assert set(users[0]) == {"id", "first_name", "last_name", "email"}


async def test_pages_hold_a_hundred_by_default_and_tell_the_total(client: httpx.AsyncClient, crm: Simulator) -> None:
    whole = (await client.get("/contacts.json")).json()
    assert (whole["page"], whole["totalcount"]) == (1, len(crm.state.contacts))
    pages = [(await client.get("/contacts.json", params={"page": n, "results": 30})).json() for n in (1, 2, 3)]
    assert [contact for page in pages for contact in page["payload"]] == whole["payload"]


async def test_a_page_beyond_the_end_is_empty_and_tells_no_total(client: httpx.AsyncClient) -> None:
    reply = (await client.get("/contacts.json", params={"page": 9})).json()
    assert reply == {"status": "success", "message": "", "payload": []}


async def test_companies_stand_among_the_contacts_and_people_point_to_them(client: httpx.AsyncClient) -> None:
    contacts = await _ask(client, "/contacts.json")
    businesses = {contact["id"]: contact for contact in contacts if contact["is_business"]}
    assert businesses
    links = [contact["business"] for contact in contacts if contact["business"]]
    assert links
    assert all(businesses[link["id"]]["first_name"] == link["first_name"] for link in links)


async def test_the_flagship_is_the_first_person_and_shows_every_shape(client: httpx.AsyncClient) -> None:
    contacts = await _ask(client, "/contacts.json")
    maria = next(contact for contact in contacts if not contact["is_business"])
    assert maria["first_name"] == "Maria"
    assert maria["emails"][0] == {"email": "maria.fernandez@tamarind.example.org"}
    assert maria["phones"][1] == {"number": "(11) 95550-0101", "type": "mobile"}
    assert {"Tag", "Relationship"} == {category["name"] for category in maria["categories"]}
    assert {"name": "Plan", "value": "Enterprise"} in maria["custom_fields"]
    assert set(maria["addresses"][0]) == {"street", "city", "state", "zip", "country", "type"}
    assert set(maria["owner"]) == {"id", "email"}
    assert maria["created"] == "2026-11-02 09:30:00"
    assert await _ask(client, f"/contact/{maria['id']}.json") == maria


@pytest.mark.parametrize("kind", ["contact/1", "task/1", "contact/1/activity", "contact/40010/activity/1"])
async def test_what_is_missing_answers_200_with_an_error_and_an_empty_list(
    client: httpx.AsyncClient, kind: str
) -> None:
    reply = await client.get(f"/{kind}.json")
    assert reply.status_code == 200
    assert reply.json()["status"] == "error"
    assert reply.json()["message"].startswith("No such ")
    assert reply.json()["payload"] == []


async def test_an_honest_account_may_be_had_that_answers_404(known: World) -> None:
    crm = bigcontacts(known, clock=lambda: NOW, refusal_status=404)
    transport = httpx.ASGITransport(app=crm.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bc.example.com/api") as client:
        reply = await client.get("/contact/1.json", headers={"Authorization": f"Bearer {crm.token}"})
    assert reply.status_code == 404


@pytest.mark.parametrize("day", ["20250601", "2025-06-01", "2025-06-01 23:59:59", "20250601T120000Z"])
async def test_date_operators_see_the_day_alone(client: httpx.AsyncClient, crm: Simulator, day: str) -> None:
    people = list(crm.state.contacts.values())
    people[5]["updated"] = "2025-06-01 00:00:00"
    operators = ("updated", "updated_gt", "updated_gte", "updated_lt", "updated_lte")
    found = {name: {c["id"] for c in await _ask(client, "/contacts.json", **{name: day})} for name in operators}
    assert people[5]["id"] in found["updated"] & found["updated_gte"] & found["updated_lte"]
    assert found["updated_gte"] - found["updated_gt"] == found["updated"]
    assert found["updated_lte"] - found["updated_lt"] == found["updated"]
    assert found["updated_gt"] | found["updated_lte"] == set(crm.state.contacts)


async def test_created_is_filtered_as_updated_is_and_filters_combine(client: httpx.AsyncClient) -> None:
    found = await _ask(client, "/contacts.json", created_gte="20260101", created_lt="20260701")
    assert found
    assert all("2026-01-01" <= contact["created"][:10] < "2026-07-01" for contact in found)


async def test_a_date_that_is_none_is_an_error(client: httpx.AsyncClient) -> None:
    reply = (await client.get("/contacts.json", params={"updated_gt": "yesterday"})).json()
    assert reply["status"] == "error"


@pytest.mark.parametrize("term", ["maria fern", "FERNANDEZ@tamarind", "tamarind software"])
async def test_q_looks_at_names_companies_and_e_mails(client: httpx.AsyncClient, term: str) -> None:
    assert "Maria" in {contact["first_name"] for contact in await _ask(client, "/contacts.json", q=term)}


async def test_q_does_not_look_at_phones(client: httpx.AsyncClient) -> None:
    assert await _ask(client, "/contacts.json", q="555-0101") == []


@pytest.mark.parametrize("event", ["task_new", "note_new", "meeting_new"])
async def test_tasks_notes_and_meetings_are_views_of_one_list(client: httpx.AsyncClient, event: str) -> None:
    items = await _ask(client, "/tasks.json", event=event, results=1000)
    assert items
    assert {item["event"] for item in items} == {event}
    assert all(set(item["contacts"]) == {"id", "first_name", "last_name", "email"} for item in items)
    assert {item["priority"] for item in items} <= {"u", "h", "n"}
    assert await _ask(client, f"/task/{items[0]['id']}.json") == items[0]


async def test_a_contacts_activities_are_of_all_kinds_and_variously_spelled(
    client: httpx.AsyncClient, crm: Simulator
) -> None:
    items = await _ask(client, "/contact/40010/activity.json")
    assert {"Note", "Meeting", "Appointment"} < {item["activity_type"] for item in items}
    assert {item["contact_id"] for item in items} == {40010}
    assert {"Call", "Phone call", "phone"} < {item["activity_type"] for item in crm.state.activities.values()}
    assert await _ask(client, f"/contact/40010/activity/{items[0]['id']}.json") == items[0]


async def test_a_contact_needs_both_names_and_an_e_mail(client: httpx.AsyncClient) -> None:
    whole = {"first_name": "Ida", "last_name": "Roth", "emails": [{"email": "ida.roth@example.org"}]}
    for name in whole:
        partial = {key: value for key, value in whole.items() if key != name}
        assert (await client.post("/contacts.json", json=partial)).json()["message"] == f"{name} is required"
    made = await client.post("/contacts.json", json=whole)
    assert made.status_code == 200
    assert made.json()["payload"]["created"] == "2026-11-20 12:00:00"
    assert await _ask(client, f"/contact/{made.json()['payload']['id']}.json") == made.json()["payload"]


async def test_an_update_keeps_what_it_does_not_name_and_replaces_whole_lists(client: httpx.AsyncClient) -> None:
    before = await _ask(client, "/contact/40010.json")
    sent = {"title": "CTO", "emails": [{"email": "only@example.org"}], "categories": [{"name": "Tag", "value": "new"}]}
    after = (await client.put("/contact/40010.json", json=sent)).json()["payload"]
    assert after["emails"] == [{"email": "only@example.org"}]
    assert [(c["name"], c["value"]) for c in after["categories"]] == [("Tag", "new")]
    assert isinstance(after["categories"][0]["id"], int)
    unnamed = set(before) - set(sent) - {"updated"}
    assert {name: after[name] for name in unnamed} == {name: before[name] for name in unnamed}


async def test_a_deleted_contact_is_gone_with_its_tasks(client: httpx.AsyncClient, crm: Simulator) -> None:
    assert (await client.delete("/contact/40010.json")).json()["status"] == "success"
    assert (await client.get("/contact/40010.json")).json()["status"] == "error"
    assert 40010 not in {task["contacts"]["id"] for task in crm.state.tasks.values()}


async def test_a_task_takes_one_contact_and_only_the_first_valid_user(client: httpx.AsyncClient) -> None:
    sent = {
        "title": "Ring",
        "due_date": "2026-12-01",
        "contacts": "maria.fernandez@tamarind.example.org",
        "assigned_to": ["nobody@example.org", 702, 701],
    }
    made = (await client.post("/tasks.json", json=sent)).json()["payload"]
    assert made["contacts"]["id"] == 40010
    assert [user["id"] for user in made["assigned_to"]] == [702]
    assert (made["priority"], made["completed"]) == ("n", False)
    changed = (await client.put(f"/task/{made['id']}.json", json={"completed": True})).json()["payload"]
    assert changed == {**made, "completed": True}


@pytest.mark.parametrize("missing", ["title", "due_date", "contacts"])
async def test_a_task_without_what_it_needs_is_refused(client: httpx.AsyncClient, missing: str) -> None:
    sent = {"title": "Ring", "due_date": "2026-12-01", "contacts": 40010}
    reply = await client.post("/tasks.json", json={key: value for key, value in sent.items() if key != missing})
    assert reply.status_code == 200
    assert reply.json()["status"] == "error"


async def test_an_activity_can_be_written_changed_and_deleted(client: httpx.AsyncClient) -> None:
    made = (await client.post("/contact/40010/activity.json", json={"title": "Hello"})).json()["payload"]
    assert made["activity_type"] == "Note"
    path = f"/contact/40010/activity/{made['id']}.json"
    changed = (await client.put(path, json={"activity_type": "Phone call"})).json()["payload"]
    assert changed["activity_type"] == "Phone call"
    await client.delete(path)
    assert (await client.get(path)).json()["status"] == "error"


async def test_the_errors_of_a_fault_wear_the_crms_own_envelope(client: httpx.AsyncClient, crm: Simulator) -> None:
    crm.faults.set("error200")
    reply = await client.get("/contacts.json")
    assert reply.status_code == 200
    assert reply.json()["status"] == "error"


@pytest.mark.parametrize(("sort", "event"), [("Note", "note_new"), ("Meeting", "meeting_new")])
async def test_a_note_or_a_meeting_is_one_thing_in_two_places(
    crm: Simulator, client: httpx.AsyncClient, sort: str, event: str
) -> None:
    home = "/contact/40010/activity"
    made = (await client.post(f"{home}.json", json={"title": "Hello", "activity_type": sort})).json()["payload"]
    task = await _ask(client, f"/task/{made['id']}.json")
    assert (task["event"], task["title"], task["contacts"]["id"]) == (event, "Hello", 40010)
    await client.put(f"/task/{made['id']}.json", json={"title": "Bye", "due_date": "2026-03-04"})
    assert (await _ask(client, f"{home}/{made['id']}.json"))["title"] == "Bye"
    await client.put(f"{home}/{made['id']}.json", json={"description": "So long"})
    changed = await _ask(client, f"/task/{made['id']}.json")
    assert (changed["description"], changed["due_date"]) == ("So long", "2026-03-04")
    await client.put(f"{home}/{made['id']}.json", json={"activity_type": "Call"})
    assert made["id"] not in crm.state.tasks
    await client.put(f"{home}/{made['id']}.json", json={"activity_type": sort})
    await client.delete(f"/task/{made['id']}.json")
    assert made["id"] not in crm.state.activities
