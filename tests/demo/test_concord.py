"""The simulated Concord behaves as its fact sheet says."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from crmgraph.demo.concord import concord
from crmgraph.demo.people import World, world
from crmgraph.demo.simulator import Simulator

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
MARIA = 1001
LOOKUPS = {
    "users": {"id", "name", "email", "timezone"},
    "sources": {"id", "name"},
    "countries": {"id", "name", "iso_3166_2"},
    "industries": {"id", "name"},
    "activity-types": {"id", "name", "swatch_color"},
    "call-outcomes": {"id", "name", "swatch_color"},
    "pipelines": {"id", "name", "stages"},
    "pipeline-stages": {"id", "name", "pipeline_id", "win_probability", "display_order"},
}


@pytest.fixture(scope="module")
def known() -> World:
    return world()


@pytest.fixture
def crm(known: World) -> Simulator:
    return concord(known, clock=lambda: NOW, per_minute=1000)


def _client(crm: Simulator, **headers: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=crm.app)
    return httpx.AsyncClient(transport=transport, base_url="http://co.example.com/api", headers=headers)


def _usual(crm: Simulator) -> dict[str, str]:
    return {"Authorization": f"Bearer {crm.token}", "Accept": "application/json"}


@pytest.fixture
async def client(crm: Simulator) -> AsyncIterator[httpx.AsyncClient]:
    async with _client(crm, **_usual(crm)) as client:
        yield client


async def _ask(client: httpx.AsyncClient, path: str, **query: Any) -> Any:
    reply = await client.get(path, params=query)
    assert reply.status_code == 200
    return reply.json()


async def test_without_the_token_nobody_is_let_in(crm: Simulator) -> None:
    async with _client(crm, Accept="application/json") as stranger:
        reply = await stranger.get("/contacts")
    assert (reply.status_code, reply.json()) == (401, {"message": "Unauthenticated."})


@pytest.mark.parametrize("header", ["Origin", "Referer"])
async def test_a_caller_that_looks_like_a_browser_is_refused(crm: Simulator, header: str) -> None:
    async with _client(crm, **_usual(crm), **{header: "https://elsewhere.example.com"}) as browser:
        reply = await browser.get("/contacts")
    assert (reply.status_code, reply.json()) == (419, {"message": "CSRF token mismatch."})


async def test_without_accept_json_there_is_only_html(crm: Simulator) -> None:
    async with _client(crm, Authorization=f"Bearer {crm.token}") as careless, _client(crm) as stranger:
        page, login = await careless.get("/contacts"), await stranger.get("/contacts")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert (login.status_code, login.headers["location"]) == (302, "/login")


async def test_the_rate_limit_is_on_every_answer_and_ends_with_its_minute(known: World) -> None:
    now = [NOW]
    crm = concord(known, clock=lambda: now[0], per_minute=2)
    async with _client(crm, **_usual(crm)) as client:
        first, second, third = [await client.get(path) for path in ("/users", "/contacts/1", "/users")]
        now[0] += timedelta(seconds=59.5)
        fourth = await client.get("/users")
        now[0] += timedelta(seconds=1)
        fifth = await client.get("/users")
    assert [reply.status_code for reply in (first, second, third, fourth, fifth)] == [200, 404, 429, 429, 200]
    assert [reply.headers["x-ratelimit-remaining"] for reply in (first, second, third, fifth)] == ["1", "0", "0", "1"]
    assert third.headers["x-ratelimit-limit"] == "2"
    assert (third.headers["retry-after"], fourth.headers["retry-after"]) == ("60", "1")
    assert third.headers["x-ratelimit-reset"] == str(int(NOW.timestamp()) + 60)


async def test_sixty_calls_a_minute_are_the_default(known: World) -> None:
    crm = concord(known, clock=lambda: NOW)
    async with _client(crm, **_usual(crm)) as client:
        assert (await client.get("/users")).headers["x-ratelimit-limit"] == "60"


async def test_a_list_has_pages_of_fifteen_up_to_a_hundred(client: httpx.AsyncClient, known: World) -> None:
    default = await _ask(client, "/contacts")
    assert set(default) == {"data", "links", "meta"}
    assert len(default["data"]) == default["meta"]["per_page"] == 15
    assert default["meta"]["total"] == len(known.seen_by("concord"))
    assert (await _ask(client, "/contacts", per_page=5000))["meta"]["per_page"] == 100


async def test_pages_joined_are_the_whole_list_in_order_of_id(client: httpx.AsyncClient) -> None:
    last = (await _ask(client, "/contacts", per_page=20))["meta"]["last_page"]
    pages = [await _ask(client, "/contacts", per_page=20, page=page) for page in range(1, last + 1)]
    ids = [contact["id"] for page in pages for contact in page["data"]]
    assert ids == sorted(set(ids))
    assert ids[0] == MARIA
    assert len(ids) == pages[0]["meta"]["total"]
    assert [page["links"]["next"] is None for page in pages] == [False] * (last - 1) + [True]


async def test_links_lead_to_another_host(client: httpx.AsyncClient) -> None:
    links = (await _ask(client, "/contacts"))["links"]
    assert links["next"].startswith("https://tenant.elsewhere.example.net/")


async def test_a_page_beyond_the_end_is_empty(client: httpx.AsyncClient) -> None:
    page = await _ask(client, "/contacts", page=99)
    assert page["data"] == []
    assert (page["meta"]["from"], page["meta"]["to"]) == (None, None)


async def test_calls_ignore_per_page(client: httpx.AsyncClient) -> None:
    assert (await _ask(client, "/calls", per_page=100))["meta"]["per_page"] == 15


async def test_order_goes_up_or_down_and_by_several_fields(client: httpx.AsyncClient) -> None:
    down = [c["updated_at"] for c in (await _ask(client, "/contacts", order="updated_at|desc", per_page=100))["data"]]
    assert down == sorted(down, reverse=True)
    both = (await _ask(client, "/deals", order="status;amount|desc", per_page=100))["data"]
    assert both == sorted(both, key=lambda deal: (deal["status"], -deal["amount"]))


async def test_select_leaves_only_the_fields_it_names(client: httpx.AsyncClient) -> None:
    contacts = (await _ask(client, "/contacts", select="first_name;id;phones"))["data"]
    assert {frozenset(contact) for contact in contacts} == {frozenset({"id", "first_name", "phones"})}


async def test_q_looks_into_the_usual_fields(client: httpx.AsyncClient) -> None:
    for term in ("maría fern", "MARIA.fernandez@", "technology officer", "415 555 0101"):
        assert MARIA in {contact["id"] for contact in (await _ask(client, "/contacts", q=term, per_page=100))["data"]}


@pytest.mark.parametrize(
    ("fields", "term", "found"),
    [
        ("email:=", "maria.fernandez@tamarind.example.org", True),
        ("email:=", "maria.fernandez@tamarind", False),
        ("email:like", "maria.fernandez@tamarind", True),
        ("phones.number:=", "+1 415 555 0101", True),
        ("phones.number:=", "+14155550101", False),
        ("companies.name:like", "tamarind", True),
        ("tags.name:=", "vip", True),
    ],
)
async def test_search_fields_say_where_and_how_to_look(
    client: httpx.AsyncClient, fields: str, term: str, found: bool
) -> None:
    contacts = await _ask(client, "/contacts/search", q=term, search_fields=fields)
    assert (MARIA in {contact["id"] for contact in contacts}) is found


async def test_each_field_may_have_its_own_value_and_any_or_all_must_hold(client: httpx.AsyncClient) -> None:
    query = {"q": "first_name:María;last_name:Nobody", "search_fields": "first_name:=;last_name:="}
    assert [contact["id"] for contact in await _ask(client, "/contacts/search", **query)] == [MARIA]
    assert await _ask(client, "/contacts/search", **query, search_match="and") == []


async def test_activities_notes_and_calls_are_found_by_their_contact(client: httpx.AsyncClient) -> None:
    for resource in ("activities", "notes", "calls"):
        items = await _ask(client, f"/{resource}/search", q=str(MARIA), search_fields="contacts.id:=")
        assert items
        assert all(MARIA in {contact["id"] for contact in item["contacts"]} for item in items)


async def test_a_field_that_does_not_exist_is_refused(client: httpx.AsyncClient) -> None:
    for query in ({"q": "x", "search_fields": "shoe_size:="}, {"order": "shoe_size"}):
        reply = await client.get("/contacts", params=query)
        assert reply.status_code == 422
        assert set(reply.json()) == {"message", "errors"}


async def test_search_is_a_bare_list_without_pages_and_take_cuts_it(client: httpx.AsyncClient, known: World) -> None:
    everything = await _ask(client, "/contacts/search")
    assert len(everything) == len(known.seen_by("concord"))
    assert await _ask(client, "/contacts/search", take=3) == everything[:3]


async def test_the_flagship_shows_every_shape_of_a_contact(client: httpx.AsyncClient) -> None:
    maria = await _ask(client, f"/contacts/{MARIA}")
    assert (maria["first_name"], maria["last_name"]) == ("María", "Fernández-Oliveira")
    assert maria["phones"] == [{"id": 10010, "number": "+1 415 555 0101", "type": "work"}]
    assert [tag["name"] for tag in maria["tags"]] == ["vip", "trade fair 2025"]
    assert maria["owner"] == {
        "id": maria["user_id"],
        "name": "Helena Prado",
        "email": "helena.prado@crm-team.example.com",
    }
    assert [company["name"] for company in maria["companies"]] == ["Tamarind Software, Inc."]
    assert len(maria["deals"]) == 3
    assert maria["cf_plan"]["name"] == "Enterprise"
    assert [option["name"] for option in maria["cf_interests"]] == ["Reporting", "Mobile"]
    assert (maria["cf_seats"], maria["cf_renewal"], maria["cf_reference_customer"]) == (240, "2027-03-31", None)
    assert maria["created_at"] == "2026-11-02T10:30:00.000000Z"


async def test_lookups_give_names_to_the_ids_of_the_records(client: httpx.AsyncClient) -> None:
    maria = await _ask(client, f"/contacts/{MARIA}")
    assert (await _ask(client, f"/countries/{maria['country_id']}"))["name"] == "United States"
    assert (await _ask(client, f"/sources/{maria['source_id']}"))["name"] == "Trade fair"
    for resource, keys in LOOKUPS.items():
        rows = (await _ask(client, f"/{resource}"))["data"]
        assert {frozenset(row) for row in rows} == {frozenset(keys)}
        assert await _ask(client, f"/{resource}/{rows[0]['id']}") == rows[0]


async def test_activities_embed_their_type_and_what_they_are_about(client: httpx.AsyncClient) -> None:
    rows = (await _ask(client, "/activities", per_page=100))["data"]
    assert {"Task", "Meeting"} <= {row["type"]["name"] for row in rows}
    assert all(row["type"]["id"] == row["activity_type_id"] for row in rows)
    assert all({"contacts", "companies", "deals", "due_date", "due_time", "is_completed"} < set(row) for row in rows)
    assert None in {row["due_time"] for row in rows}


async def test_deals_tell_their_stage_and_calls_their_outcome(client: httpx.AsyncClient) -> None:
    deal = (await _ask(client, "/deals"))["data"][0]
    assert set(deal["stage"]) == set(deal["pipeline"]) == {"id", "name"}
    assert {row["status"] for row in (await _ask(client, "/deals", per_page=100))["data"]} == {"open", "won", "lost"}
    call = (await _ask(client, "/calls"))["data"][0]
    assert set(call["outcome"]) == {"id", "name"}
    assert call["date"].endswith(".000000Z")


async def test_notes_are_html(client: httpx.AsyncClient) -> None:
    bodies = [note["body"] for note in (await _ask(client, "/notes", per_page=100))["data"]]
    assert all(body.startswith("<p>") for body in bodies)
    assert any("&amp;" in body or "&lt;" in body for body in bodies)


@pytest.mark.parametrize("path", ["contacts/1", "deals/1", "sources/1", "contacts/abc", "spaceships"])
async def test_what_is_not_there_answers_404_with_a_message(client: httpx.AsyncClient, path: str) -> None:
    reply = await client.get(f"/{path}")
    assert reply.status_code == 404
    assert set(reply.json()) == {"message"}


async def test_a_contact_needs_a_first_name_when_made_and_when_changed(client: httpx.AsyncClient) -> None:
    for reply in (
        await client.post("/contacts", json={"email": "x@example.org"}),
        await client.put(f"/contacts/{MARIA}", json={"job_title": "CTO"}),
    ):
        assert reply.status_code == 422
        assert set(reply.json()["errors"]) == {"first_name"}


async def test_a_contact_is_made_with_names_of_tags_and_ids_of_options(
    client: httpx.AsyncClient, crm: Simulator
) -> None:
    plan = next(iter(crm.state.options["cf_plan"]))
    sent = {
        "first_name": "Ida",
        "phones": [{"number": "020 7946 0999", "type": "mobile"}],
        "tags": ["vip", "fresh"],
        "companies": [201],
        "cf_plan": plan,
    }
    reply = await client.post("/contacts", json=sent)
    made = reply.json()
    assert reply.status_code == 201
    assert [tag["name"] for tag in made["tags"]] == ["vip", "fresh"]
    assert made["cf_plan"] == {"id": plan, "name": "Starter"}
    assert [company["id"] for company in made["companies"]] == [201]
    assert made["created_at"] == "2026-11-20T12:00:00.000000Z"
    assert await _ask(client, f"/contacts/{made['id']}") == made


async def test_an_update_replaces_sent_lists_and_keeps_what_it_does_not_name(client: httpx.AsyncClient) -> None:
    before = await _ask(client, f"/contacts/{MARIA}")
    after = (await client.put(f"/contacts/{MARIA}", json={"first_name": "María", "tags": ["one"], "deals": []})).json()
    assert [tag["name"] for tag in after["tags"]] == ["one"]
    assert after["deals"] == []
    unnamed = set(before) - {"tags", "deals", "updated_at"}
    assert {name: after[name] for name in unnamed} == {name: before[name] for name in unnamed}


async def test_put_attaches_delete_detaches_and_post_makes_exactly_this_set(client: httpx.AsyncClient) -> None:
    path = f"/associations/contacts/{MARIA}"
    [own] = [company["id"] for company in (await _ask(client, f"/contacts/{MARIA}"))["companies"]]
    others = [c["id"] for c in (await _ask(client, "/companies"))["data"] if c["id"] != own][:2]

    async def after(method: str, companies: list[int]) -> set[int]:
        reply = await client.request(method, path, json={"companies": companies})
        return {company["id"] for company in reply.json()["companies"]}

    assert await after("PUT", others) == {own, *others}
    assert await after("DELETE", [own]) == set(others)
    assert await after("POST", [own]) == {own}
    assert len((await _ask(client, f"/contacts/{MARIA}"))["deals"]) == 3
    assert (await client.put(path, json={"companies": [1]})).status_code == 422


async def test_a_deleted_contact_is_in_the_trash(client: httpx.AsyncClient, crm: Simulator) -> None:
    assert (await client.delete(f"/contacts/{MARIA}")).status_code == 204
    assert (await client.get(f"/contacts/{MARIA}")).status_code == 404
    assert MARIA in crm.state.trash["contacts"]
    notes = (await _ask(client, "/notes", per_page=100))["data"]
    assert MARIA not in {contact["id"] for note in notes for contact in note["contacts"]}


async def test_a_note_is_written_about_a_record(client: httpx.AsyncClient) -> None:
    sent = {"body": "<p>Hi</p>", "via_resource": "contacts", "via_resource_id": MARIA}
    made = (await client.post("/notes", json=sent)).json()
    assert [contact["id"] for contact in made["contacts"]] == [MARIA]
    assert (await client.post("/notes", json={"body": "<p>Hi</p>"})).status_code == 422


async def test_an_activity_needs_a_title_an_owner_and_a_day(client: httpx.AsyncClient) -> None:
    sent = {"title": "Ring", "user_id": 11, "due_date": "2026-12-01", "contacts": [MARIA]}
    made = (await client.post("/activities", json=sent)).json()
    assert made["type"]["name"] == "Call"
    assert [contact["id"] for contact in made["contacts"]] == [MARIA]
    for name in ("title", "user_id", "due_date"):
        partial = {key: value for key, value in sent.items() if key != name}
        assert (await client.post("/activities", json=partial)).status_code == 422
