"""The simulated LeadConnector against its fact sheet."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from crmgraph.demo.leadconnector import leadconnector
from crmgraph.demo.leadconnector_account import stable_id
from crmgraph.demo.leadconnector_fields import field_id
from crmgraph.demo.leadconnector_seed import business_id, contact_id, user_id
from crmgraph.demo.people import world
from crmgraph.demo.simulator import Simulator

WORLD = world()
EVERYONE = len(WORLD.seen_by("leadconnector"))
LOCATION = "demoLocation00000001"
COMPANY = "demoCompany000000001"
AT = {"locationId": LOCATION}
MARIA = contact_id(1)
DEAL = next(deal for deal in WORLD.deals("leadconnector") if deal.contact == 1)


class Clock:
    """A clock that stands still until it is told."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **passed: float) -> None:
        self.now += timedelta(**passed)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def simulator(clock: Clock) -> Simulator:
    return leadconnector(WORLD, clock=clock, rate_limit=10_000)


def client_of(simulator: Simulator, **headers: str | None) -> httpx.AsyncClient:
    given = {"authorization": f"Bearer {simulator.token}", "version": "2021-07-28"} | headers
    transport = httpx.ASGITransport(simulator.app)
    kept = {name: value for name, value in given.items() if value is not None}
    return httpx.AsyncClient(transport=transport, base_url="http://leadconnector.test", headers=kept)


@pytest.fixture
async def client(simulator: Simulator) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(simulator) as open_client:
        yield open_client


async def got(client: httpx.AsyncClient, path: str, **query: Any) -> Any:
    reply = await client.get(path, params=query)
    assert reply.status_code == 200, reply.text
    return reply.json()


async def search(client: httpx.AsyncClient, *filters: Any, **body: Any) -> Any:
    given = {"locationId": LOCATION, "pageLimit": 500, "filters": list(filters)} | body
    reply = await client.post("/contacts/search", json=given)
    assert reply.status_code == 200, reply.text
    return reply.json()


def where(field: str, operator: str, value: Any = None) -> dict[str, Any]:
    return {"field": field, "operator": operator} | ({} if value is None else {"value": value})


# The door


@pytest.mark.parametrize(
    ("headers", "status", "message"),
    [
        ({"authorization": None}, 401, "Invalid token: access token is invalid"),
        ({"authorization": "Bearer stale"}, 401, "Invalid JWT"),
        ({"version": None}, 401, "version header was not found."),
        ({"version": "1999-01-01"}, 401, "version header is invalid."),
    ],
)
async def test_every_call_needs_a_token_and_a_version(
    simulator: Simulator, headers: dict[str, str | None], status: int, message: str
) -> None:
    async with client_of(simulator, **headers) as client:
        reply = await client.get(f"/contacts/{MARIA}")
    assert (reply.status_code, reply.json()["message"]) == (status, message)
    assert reply.json()["traceId"]


@pytest.mark.parametrize("query", [{}, {"locationId": "elsewhere"}])
async def test_a_wrong_or_missing_location_is_forbidden(client: httpx.AsyncClient, query: dict[str, str]) -> None:
    for path in ("/contacts/", "/businesses/", "/users/", "/opportunities/pipelines", "/calendars/"):
        reply = await client.get(path, params=query)
        assert reply.status_code == 403
        assert reply.json()["message"] == "The token does not have access to this location."


@pytest.mark.parametrize("path", ["/contacts", "/businesses", "/users", f"/contacts/{MARIA}/"])
async def test_the_trailing_slash_is_part_of_the_path(client: httpx.AsyncClient, path: str) -> None:
    reply = await client.get(path, params=AT)
    assert (reply.status_code, reply.json()["message"]) == (404, f"Cannot GET {path}")


async def test_the_budget_is_told_and_kept_until_the_interval_is_over(clock: Clock) -> None:
    async with client_of(leadconnector(WORLD, clock=clock, rate_limit=2)) as client:
        first, _, third = [await client.get(f"/contacts/{MARIA}") for _ in range(3)]
        clock.advance(seconds=10)
        assert (await client.get(f"/contacts/{MARIA}")).status_code == 200
    assert first.headers["x-ratelimit-max"] == "2"
    assert first.headers["x-ratelimit-remaining"] == "1"
    assert first.headers["x-ratelimit-interval-milliseconds"] == "10000"
    assert first.headers["x-ratelimit-daily-remaining"] == "199999"
    assert (third.status_code, "retry-after" in third.headers) == (429, False)


async def test_the_single_users_answer_does_not_tell_the_budget(client: httpx.AsyncClient) -> None:
    reply = await client.get(f"/users/{user_id('nora')}")
    assert "x-ratelimit-max" not in reply.headers


# OAuth

CLIENT = {"client_id": "demo-client", "client_secret": "demo-secret"}


async def refreshed(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.post("/oauth/token", data=CLIENT | {"grant_type": "refresh_token", "refresh_token": token})


async def test_a_code_is_exchanged_once_for_tokens_that_end(simulator: Simulator, clock: Clock) -> None:
    form = CLIENT | {"grant_type": "authorization_code", "code": "demo-code", "user_type": "Location"}
    async with client_of(simulator, authorization=None, version=None) as client:
        first = await client.post("/oauth/token", data=form)
        again = await client.post("/oauth/token", data=form)
    body = first.json()
    assert (body["locationId"], body["companyId"], body["expires_in"]) == (LOCATION, COMPANY, 86399)
    assert again.status_code == 400
    async with client_of(simulator, authorization=f"Bearer {body['access_token']}") as client:
        assert (await client.get(f"/contacts/{MARIA}")).status_code == 200
        clock.advance(days=1)
        assert (await client.get(f"/contacts/{MARIA}")).json()["message"] == "Invalid JWT"


async def test_a_token_request_must_be_a_form(client: httpx.AsyncClient) -> None:
    reply = await client.post("/oauth/token", json=CLIENT)
    assert (reply.status_code, reply.json()["statusCode"]) == (400, 400)


async def test_a_refresh_token_rotates_with_thirty_seconds_of_grace(client: httpx.AsyncClient, clock: Clock) -> None:
    first = (await refreshed(client, "demo-refresh-0")).json()
    clock.advance(seconds=30)
    second = (await refreshed(client, "demo-refresh-0")).json()
    clock.advance(seconds=1)
    assert first["refresh_token"] == second["refresh_token"] != "demo-refresh-0"
    assert first["access_token"] != second["access_token"]
    assert (await refreshed(client, "demo-refresh-0")).status_code == 400
    assert (await refreshed(client, first["refresh_token"])).status_code == 200


async def test_a_company_token_must_be_exchanged_for_a_location_token(simulator: Simulator) -> None:
    async with client_of(simulator) as client:
        company = (await client.post("/oauth/token", data=CLIENT | {"grant_type": "client_credentials"})).json()
    async with client_of(simulator, authorization=f"Bearer {company['access_token']}") as client:
        assert (await client.get(f"/contacts/{MARIA}")).status_code == 403
        located = await client.post("/oauth/locationToken", data={"companyId": COMPANY, "locationId": LOCATION})
    assert (company["userType"], located.json()["locationId"]) == ("Company", LOCATION)


# Contacts by id and in the old list


async def test_a_contact_by_id_leaves_empty_keys_out(client: httpx.AsyncClient) -> None:
    contact = (await got(client, f"/contacts/{MARIA}"))["contact"]
    assert contact["name"] == "Mia Fernández Oliveira"
    assert contact["additionalEmails"] == [{"email": "maria.fernandez@tamarind.example.org"}]
    assert contact["additionalPhones"] == [{"phone": "+14155550101"}]
    assert contact["address1"] == "88 Harbour Lane"
    assert contact["dndSettings"]["SMS"] == {"status": "active"}
    assert contact["dnd"] is False
    for number in range(1, EVERYONE + 1):
        shown = (await got(client, f"/contacts/{contact_id(number)}"))["contact"]
        assert not [key for key, value in shown.items() if value in (None, "", [], {})]


async def test_an_unknown_contact_is_a_bad_request(client: httpx.AsyncClient) -> None:
    reply = await client.get("/contacts/nobody")
    assert (reply.status_code, reply.json()["message"]) == (400, "Contact with id nobody not found")


async def test_phones_are_stored_in_e164(simulator: Simulator) -> None:
    phones = [contact["phone"] for contact in simulator.state.contacts.values()]
    assert all(phone.startswith("+") or phone == "000-000-0000" for phone in phones)


async def test_the_old_list_is_walked_by_start_after(client: httpx.AsyncClient) -> None:
    seen, position = [], {}
    while True:
        body = await got(client, "/contacts/", **AT, limit=25, **position)
        seen += [contact["id"] for contact in body["contacts"]]
        assert body["count"] == body["meta"]["total"] == EVERYONE
        if body["meta"]["startAfterId"] is None:
            break
        assert body["meta"]["nextPageUrl"].startswith("http://localhost:5000/")
        position = {name: body["meta"][name] for name in ("startAfter", "startAfterId")}
    assert len(seen) == len(set(seen)) == EVERYONE
    assert seen[0] == MARIA


async def test_the_old_list_allows_at_most_a_hundred(client: httpx.AsyncClient) -> None:
    reply = await client.get("/contacts/", params=AT | {"limit": 101})
    assert (reply.status_code, type(reply.json()["message"])) == (422, list)


async def test_contacts_of_a_business(client: httpx.AsyncClient) -> None:
    body = await got(client, f"/contacts/business/{business_id('tamarind')}", **AT, limit="2", skip="0")
    assert 0 < len(body["contacts"]) <= 2
    assert {contact["businessId"] for contact in body["contacts"]} == {business_id("tamarind")}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"email": "MARIA.fernandez@tamarind.example.org"}, "email"),
        ({"number": "+5511955500101"}, "phone"),
        ({"email": "nobody@example.com", "number": "+5511955500101"}, "phone"),
    ],
)
async def test_a_duplicate_is_found_by_email_or_number(
    client: httpx.AsyncClient, query: dict[str, str], field: str
) -> None:
    body = await got(client, "/contacts/search/duplicate", **AT, **query)
    assert (body["contact"]["id"], body["matchingField"]) == (MARIA, field)


async def test_no_duplicate_is_null(client: httpx.AsyncClient) -> None:
    assert (await got(client, "/contacts/search/duplicate", **AT, email="nobody@example.com"))["contact"] is None


# Search


async def test_search_shows_nulls_another_address_key_and_lower_case_names(client: httpx.AsyncClient) -> None:
    found = {one["id"]: one for one in (await search(client))["contacts"]}
    maria = found[MARIA]
    assert maria["contactName"] == "mia fernández oliveira"
    assert (maria["firstName"], maria["firstNameLowerCase"]) == ("Mia", "mia")
    assert (maria["address"], "address1" in maria) == ("88 Harbour Lane", False)
    assert maria["searchAfter"] == [1793622600000, MARIA]
    assert {tuple(one["opportunities"][0]) for one in found.values() if one["opportunities"]} == {
        ("id", "pipelineId", "pipelineStageId", "monetaryValue", "status")
    }
    assert len({frozenset(one) for one in found.values()}) == 1
    assert any(one["city"] is None for one in found.values())


async def test_the_page_limit_is_mandatory(client: httpx.AsyncClient) -> None:
    reply = await client.post("/contacts/search", json={"locationId": LOCATION})
    assert (reply.status_code, "pageLimit should not be empty" in reply.json()["message"]) == (422, True)


@pytest.mark.parametrize("sort", [[], [{"field": "lastNameLowerCase", "direction": "asc"}], [
    {"field": "source", "direction": "desc"}, {"field": "dateUpdated", "direction": "asc"}]])  # fmt: skip
async def test_pages_and_cursors_walk_the_same_contacts_in_the_same_order(client: httpx.AsyncClient, sort: Any) -> None:
    by_page: list[str] = []
    for page in range(1, 6):
        by_page += [one["id"] for one in (await search(client, pageLimit=17, page=page, sort=sort))["contacts"]]
    by_cursor: list[str] = []
    position: dict[str, Any] = {}
    while True:
        body = await search(client, pageLimit=17, sort=sort, **position)
        assert body["total"] == EVERYONE
        if not body["contacts"]:
            break
        by_cursor += [one["id"] for one in body["contacts"]]
        position = {"searchAfter": body["contacts"][-1]["searchAfter"]}
    assert by_page == by_cursor
    assert len(set(by_cursor)) == EVERYONE


async def test_page_mode_reaches_ten_thousand_records(client: httpx.AsyncClient) -> None:
    body = {"locationId": LOCATION, "pageLimit": 100, "page": 101}
    assert (await client.post("/contacts/search", json=body)).status_code == 400
    assert (await search(client, pageLimit=100, page=100))["contacts"] == []


@pytest.mark.parametrize(
    "condition",
    [
        where("id", "eq", MARIA),
        where("email", "eq", "MariaFernandezInvented+demo@gmail.com"),
        where("contactName", "eq", "mia fernández oliveira"),
        where("phone", "contains", "5511955500101"),
        where("dateAdded", "range", {"gte": "2026-11-01T00:00:00Z"}),
        where("website", "exists"),
        {"group": "AND", "filters": [where("firstNameLowerCase", "eq", "mia"), where("city", "eq", "são paulo")]},
        where("opportunities", "nested", [where("pipelineId", "eq", stable_id("pipeline", DEAL.pipeline))]),
        where(f"customFields.{field_id('seats')}", "range", {"gte": 240, "lte": 240}),
        where(f"customFields.{field_id('topics')}", "eq", "Events"),
    ],
)
async def test_a_filter_finds_whom_it_describes(client: httpx.AsyncClient, condition: Any) -> None:
    body = await search(client, condition)
    assert MARIA in [one["id"] for one in body["contacts"]]
    assert body["total"] == len(body["contacts"]) < EVERYONE


async def test_negative_operators_are_complements(client: httpx.AsyncClient) -> None:
    pairs = (("eq", "not_eq", "tags", "vip"), ("contains", "not_contains", "companyName", "software"))
    for yes, no, field, value in (*pairs, ("exists", "not_exists", "city", None)):
        totals = [(await search(client, where(field, operator, value)))["total"] for operator in (yes, no)]
        assert sum(totals) == EVERYONE
        assert min(totals) > 0


async def test_many_are_got_by_an_or_group_of_ids(client: httpx.AsyncClient) -> None:
    ids = [contact_id(number) for number in (1, 5, 9)]
    body = await search(client, {"group": "OR", "filters": [where("id", "eq", one) for one in ids]})
    assert sorted(one["id"] for one in body["contacts"]) == sorted(ids)


@pytest.mark.parametrize(
    "body",
    [
        {"filters": [where("email", "contains", "maria")]},
        {"filters": [where("jobTitle", "eq", "x")]},
        {"filters": [where("companyName", "contains", "a&b")]},
        {"filters": [where("companyName", "eq", "x" * 76)]},
        {"filters": [where("dateAdded", "range", {"after": 1})]},
        {"filters": [where("dateAdded", "range", {"gte": "soon"})]},
        {"query": "x" * 76},
        {"sort": [{"field": "phone", "direction": "asc"}]},
        {"sort": [{"field": "email", "direction": "asc"}] * 3},
        {"pageLimit": 501},
        {"page": 2, "searchAfter": [1, "x"]},
        {"searchAfter": ["x"]},
        {"surprise": True},
    ],
)
async def test_a_search_beyond_the_grammar_is_refused_with_a_list(client: httpx.AsyncClient, body: Any) -> None:
    reply = await client.post("/contacts/search", json={"locationId": LOCATION, "pageLimit": 10} | body)
    assert reply.status_code == 422, reply.text
    assert isinstance(reply.json()["message"], list)


async def test_the_search_lags_behind_the_records(
    client: httpx.AsyncClient, simulator: Simulator, clock: Clock
) -> None:
    simulator.state.contacts[MARIA]["firstName"] = "Marie"
    simulator.state.touch(simulator.state.contacts[MARIA])
    assert (await search(client, where("id", "eq", MARIA)))["contacts"][0]["firstName"] == "Mia"
    clock.advance(seconds=3)
    indexed = (await search(client, where("id", "eq", MARIA)))["contacts"][0]
    record = (await got(client, f"/contacts/{MARIA}"))["contact"]
    assert indexed["firstName"] == record["firstName"] == "Marie"
    assert (record["dateUpdated"], indexed["dateUpdated"]) == ("2026-11-21T12:00:00.000Z", "2026-11-21T12:00:00.004Z")


async def test_free_text_runs_over_names_emails_phones_and_companies(client: httpx.AsyncClient) -> None:
    assert (await search(client, query="FERNÁNDEZ oliv"))["total"] == 1
    assert (await search(client, query="tamarind"))["total"] > 1


# What hangs on a contact


async def test_tasks_of_a_contact_and_of_many(client: httpx.AsyncClient) -> None:
    tasks = (await got(client, f"/contacts/{MARIA}/tasks"))["tasks"]
    assert len(tasks) == 6
    assert set(tasks[0]) == {"id", "title", "body", "assignedTo", "dueDate", "completed", "contactId"}
    assert (await got(client, f"/contacts/{MARIA}/tasks/{tasks[0]['id']}"))["task"] == tasks[0]
    found = await client.post(f"/locations/{LOCATION}/tasks/search", json={"contactId": [MARIA], "limit": 4})
    assert len(found.json()["tasks"]) == 4


async def test_notes_have_markup_and_plain_text(client: httpx.AsyncClient) -> None:
    notes = (await got(client, f"/contacts/{MARIA}/notes"))["notes"]
    assert notes[1]["body"] == "<p>Prefers e-mail before noon &amp; dislikes surprise calls.</p>"
    assert notes[1]["bodyText"] == "Prefers e-mail before noon & dislikes surprise calls."
    assert (await got(client, f"/contacts/{MARIA}/notes/{notes[1]['id']}"))["note"] == notes[1]
    other = contact_id(2)
    assert (await client.get(f"/contacts/{other}/notes/{notes[1]['id']}")).status_code == 404


async def test_one_appointment_has_three_spellings_of_its_time(client: httpx.AsyncClient, simulator: Simulator) -> None:
    event = (await got(client, f"/contacts/{MARIA}/appointments"))["events"][0]
    by_id = (await got(client, f"/calendars/events/appointments/{event['id']}"))["appointment"]
    utc = simulator.state.appointments[event["id"]]["startTime"]
    assert utc.endswith("Z")
    assert by_id["startTime"][-6:] in ("-05:00", "-04:00")
    assert event["startTime"] == by_id["startTime"][:19].replace("T", " ")
    assert by_id["appoinmentStatus"] == by_id["appointmentStatus"]
    start = int(datetime.fromisoformat(utc).timestamp() * 1000)
    query = AT | {"startTime": start, "endTime": start}
    assert (await client.get("/calendars/events", params=query)).status_code == 400
    listed = await got(client, "/calendars/events", **query, userId=event["assignedUserId"])
    assert event["id"] in [one["id"] for one in listed["events"]]


# The location


async def test_the_locations_settings_tags_and_values(client: httpx.AsyncClient) -> None:
    location = (await got(client, f"/locations/{LOCATION}"))["location"]
    assert (location["timezone"], location["settings"]["allowDuplicateContact"]) == ("America/New_York", False)
    tags = (await got(client, f"/locations/{LOCATION}/tags"))["tags"]
    assert set(tags[0]) == {"id", "name", "locationId"}
    values = (await got(client, f"/locations/{LOCATION}/customValues"))["customValues"]
    assert values[0]["fieldKey"] == "{{ custom_values.booking_link }}"


async def test_custom_fields_come_in_every_data_type(client: httpx.AsyncClient) -> None:
    path = f"/locations/{LOCATION}/customFields"
    fields = (await got(client, path, model="contact"))["customFields"]
    assert {field["dataType"] for field in fields} == {
        "TEXT", "LARGE_TEXT", "NUMERICAL", "PHONE", "MONETORY", "CHECKBOX", "SINGLE_OPTIONS", "MULTIPLE_OPTIONS",
        "DATE", "TEXTBOX_LIST", "FILE_UPLOAD", "RADIO", "EMAIL", "SIGNATURE",
    }  # fmt: skip
    assert len((await got(client, path, model="opportunity"))["customFields"]) == 1
    assert len((await got(client, path, model="all"))["customFields"]) == len(fields) + 1
    assert (await got(client, f"{path}/contact.plan"))["customField"]["id"] == field_id("plan")


async def test_a_deleted_fields_value_stays_behind(client: httpx.AsyncClient) -> None:
    contact = (await got(client, f"/contacts/{contact_id(2)}"))["contact"]
    fields = (await got(client, f"/locations/{LOCATION}/customFields", model="all"))["customFields"]
    assert {one["id"] for one in contact["customFields"]} - {field["id"] for field in fields}


async def test_users_are_asked_for_by_company(client: httpx.AsyncClient) -> None:
    users = (await got(client, "/users/search", companyId=COMPANY))["users"]
    two = await client.get("/users/search", params={"companyId": COMPANY, "ids": [users[0]["id"], users[1]["id"]]})
    assert two.json()["users"] == users[:2]
    assert (await got(client, "/users/search", companyId=COMPANY, skip=3, limit=2))["users"] == users[3:5]
    assert (await client.get("/users/search", params=AT)).status_code == 422
    assert (await got(client, "/users/", **AT))["users"] == []
    assert {key: (await got(client, f"/users/{users[0]['id']}"))[key] for key in users[0]} == users[0]


async def test_businesses_are_listed_and_got(client: httpx.AsyncClient) -> None:
    businesses = (await got(client, "/businesses/", **AT, limit=3, skip=1))["businesses"]
    assert len(businesses) == 3
    assert (await got(client, f"/businesses/{businesses[0]['id']}"))["business"] == businesses[0]
    reply = await client.get("/businesses/xyz")
    assert (reply.status_code, reply.json()["message"]) == (400, "BusinessId is not a valid ObjectId")


# Opportunities


async def test_the_get_search_speaks_snake_case(client: httpx.AsyncClient) -> None:
    seen: list[str] = []
    position: dict[str, Any] = {}
    while True:
        body = await got(client, "/opportunities/search", location_id=LOCATION, limit=20, **position)
        seen += [one["id"] for one in body["opportunities"]]
        if not body["meta"]["startAfterId"]:
            break
        position = {name: body["meta"][name] for name in ("startAfter", "startAfterId")}
    assert len(seen) == len(set(seen)) == len(WORLD.deals("leadconnector"))
    own = await got(client, "/opportunities/search", location_id=LOCATION, contact_id=MARIA)
    assert {one["contact"]["id"] for one in own["opportunities"]} == {MARIA}
    assert (await client.get("/opportunities/search", params=AT)).status_code == 403


async def test_the_get_search_takes_a_status_and_american_days(client: httpx.AsyncClient) -> None:
    day = DEAL.created.strftime("%m-%d-%Y")
    query = {"location_id": LOCATION, "status": DEAL.status, "date": day, "endDate": day, "limit": 100}
    found = (await got(client, "/opportunities/search", **query))["opportunities"]
    assert DEAL.name in [one["name"] for one in found]
    assert {(one["createdAt"][:10], one["status"]) for one in found} == {(f"{DEAL.created:%Y-%m-%d}", DEAL.status)}
    assert (await client.get("/opportunities/search", params=query | {"date": "2026-11-01"})).status_code == 422


async def test_the_post_search_calls_its_cursor_sort(client: httpx.AsyncClient) -> None:
    body = {"locationId": LOCATION, "limit": 10, "query": "", "additionalDetails": {}, "searchAfter": [], "page": 1}
    first = await client.post("/opportunities/search", json=body)
    assert first.status_code == 201
    after = first.json()["opportunities"][-1]["sort"]
    second = await client.post(
        "/opportunities/search", json={"locationId": LOCATION, "limit": 10, "searchAfter": after}
    )
    ids = [one["id"] for reply in (first, second) for one in reply.json()["opportunities"]]
    assert len(set(ids)) == 20
    mine = {"locationId": LOCATION, "limit": 10, "filters": [where("contact_id", "eq", MARIA)]}
    assert (await client.post("/opportunities/search", json=mine)).json()["total"] == 3


async def test_pipelines_stages_and_lost_reasons(client: httpx.AsyncClient) -> None:
    pipelines = (await got(client, "/opportunities/pipelines", **AT))["pipelines"]
    opportunities = (await got(client, "/opportunities/search", location_id=LOCATION, limit=100))["opportunities"]
    stages = {stage["id"]: pipeline["id"] for pipeline in pipelines for stage in pipeline["stages"]}
    assert all(stages[one["pipelineStageId"]] == one["pipelineId"] for one in opportunities)
    reasons = {one["id"] for one in (await got(client, "/opportunities/lost-reason", **AT))["lostReasons"]}
    assert {one["lostReasonId"] for one in opportunities if one["status"] == "lost"} <= reasons
    one = (await got(client, f"/opportunities/{opportunities[0]['id']}"))["opportunity"]
    assert one == opportunities[0]


# Writes


async def test_a_contact_is_created_shown_by_id_and_searchable_later(client: httpx.AsyncClient, clock: Clock) -> None:
    body = AT | {"name": "Ida Ash", "phone": "(212) 555-0177", "tags": ["New Tag"], "customFields": [
        {"key": "plan", "field_value": "Team"}]}  # fmt: skip
    made = (await client.post("/contacts/", json=body)).json()["contact"]
    assert (made["firstName"], made["lastName"], made["phone"], made["country"]) == ("Ida", "Ash", "+12125550177", "US")
    assert made["tags"] == ["new tag"]
    assert made["customFields"] == [{"id": field_id("plan"), "value": "Team"}]
    assert (await got(client, f"/contacts/{made['id']}"))["contact"] == made
    assert (await search(client, where("id", "eq", made["id"])))["total"] == 0
    clock.advance(seconds=3)
    assert (await search(client, where("id", "eq", made["id"])))["total"] == 1


async def test_a_duplicate_is_refused_with_the_known_contacts_id(client: httpx.AsyncClient) -> None:
    body = AT | {"firstName": "X", "email": "mariafernandezinvented+demo@gmail.com"}
    reply = await client.post("/contacts/", json=body)
    assert reply.status_code == 400
    assert reply.json()["message"] == "This location does not allow duplicated contacts."
    assert reply.json()["meta"] == {
        "contactId": MARIA,
        "contactName": "Mia Fernández Oliveira",
        "matchingField": "email",
    }


@pytest.mark.parametrize("name", ["locationId", "companyName", "additionalEmails", "surprise"])
async def test_an_update_refuses_properties_it_does_not_know(client: httpx.AsyncClient, name: str) -> None:
    reply = await client.put(f"/contacts/{MARIA}", json={name: LOCATION})
    assert (reply.status_code, reply.json()["message"]) == (422, [f"property {name} should not exist"])
    assert reply.json()["error"] == "Unprocessable Entity"


async def test_an_update_overwrites_tags_and_merges_custom_fields(client: httpx.AsyncClient) -> None:
    before = (await got(client, f"/contacts/{MARIA}"))["contact"]
    entry = {"id": field_id("seats"), "field_value": 1}
    reply = await client.put(f"/contacts/{MARIA}", json={"tags": ["only"], "customFields": [entry], "city": None})
    after = reply.json()["contact"]
    assert reply.json()["succeded"] is True
    assert (after["tags"], "city" in after) == (["only"], False)
    assert {"id": field_id("seats"), "value": 1} in after["customFields"]
    assert len(after["customFields"]) == len(before["customFields"])


async def test_an_upsert_drops_a_phone_that_is_somebody_elses(client: httpx.AsyncClient) -> None:
    other = (await got(client, f"/contacts/{contact_id(2)}"))["contact"]
    body = AT | {"email": "mariafernandezinvented+demo@gmail.com", "phone": other["phone"], "city": "Lima"}
    reply = (await client.post("/contacts/upsert", json=body)).json()
    assert (reply["new"], reply["contact"]["id"], reply["contact"]["city"]) == (False, MARIA, "Lima")
    assert reply["contact"]["phone"] == "+5511955500101"
    new = (await client.post("/contacts/upsert", json=AT | {"email": "new@example.com"})).json()
    assert new["new"] is True


async def test_a_deleted_contact_is_gone_at_once_and_from_the_search_later(
    client: httpx.AsyncClient, clock: Clock
) -> None:
    assert (await client.delete(f"/contacts/{MARIA}")).json()["succeded"] is True
    assert (await client.get(f"/contacts/{MARIA}")).status_code == 400
    assert (await search(client))["total"] == EVERYONE
    clock.advance(seconds=3)
    assert (await search(client))["total"] == EVERYONE - 1


async def test_tags_are_added_and_removed_by_body(client: httpx.AsyncClient) -> None:
    path = f"/contacts/{MARIA}/tags"
    added = (await client.post(path, json={"tags": ["VIP", "fresh"]})).json()
    assert (added["tagsAdded"], added["tags"]) == (["fresh"], ["vip", "newsletter", "partner", "fresh"])
    removed = (await client.request("DELETE", path, json={"tags": ["vip"]})).json()
    assert (removed["tagsRemoved"], removed["tags"]) == (["vip"], ["newsletter", "partner", "fresh"])


async def test_bulk_tags_fail_in_part_inside_a_success(client: httpx.AsyncClient) -> None:
    body = AT | {"contacts": [MARIA, "nobody"], "tags": ["bulk"]}
    reply = await client.post("/contacts/bulk/tags/update/add", json=body)
    assert (reply.status_code, reply.json()["errorCount"]) == (201, 1)
    assert [one["type"] for one in reply.json()["responses"]] == ["success", "error"]


async def test_tasks_and_notes_are_written(client: httpx.AsyncClient) -> None:
    path = f"/contacts/{MARIA}"
    assert (await client.post(f"{path}/tasks", json={"title": "Call"})).status_code == 422
    given = {"title": "Call", "dueDate": "2026-12-01T10:00:00+01:00", "completed": False}
    task = (await client.post(f"{path}/tasks", json=given)).json()["task"]
    assert task["dueDate"] == "2026-12-01T09:00:00.000Z"
    done = await client.put(f"{path}/tasks/{task['id']}/completed", json={"completed": True})
    assert done.json()["task"] == task | {"completed": True}
    assert (await client.delete(f"{path}/tasks/{task['id']}")).json()["succeded"] is True
    note = await client.post(f"{path}/notes", json={"body": "Hello"})
    assert (note.status_code, note.json()["note"]["userId"]) == (201, None)
    assert (await client.put(f"{path}/notes/{note.json()['note']['id']}", json={"body": "Bye"})).json()["note"][
        "bodyText"
    ] == "Bye"


async def test_opportunities_are_written_and_indexed_later(client: httpx.AsyncClient, clock: Clock) -> None:
    pipeline = (await got(client, "/opportunities/pipelines", **AT))["pipelines"][0]
    body = AT | {"pipelineId": pipeline["id"], "name": "Big one", "status": "open", "contactId": MARIA}
    made = await client.post("/opportunities/", json=body)
    path = f"/opportunities/{made.json()['opportunity']['id']}"
    assert (await client.put(f"{path}/status", json={"status": "all"})).status_code == 422
    assert (await client.put(f"{path}/status", json={"status": "won"})).json()["succeded"] is True
    assert (await got(client, path))["opportunity"]["status"] == "won"
    mine = {"locationId": LOCATION, "limit": 10, "filters": [where("contact_id", "eq", MARIA)]}
    assert (await client.post("/opportunities/search", json=mine)).json()["total"] == 3
    clock.advance(seconds=3)
    assert (await client.post("/opportunities/search", json=mine)).json()["total"] == 4
    assert (await client.delete(path)).json()["success"] is True


async def test_a_deleted_appointment_can_still_be_got(client: httpx.AsyncClient, simulator: Simulator) -> None:
    event = (await got(client, f"/contacts/{MARIA}/appointments"))["events"][0]
    body = AT | {"calendarId": event["calendarId"], "contactId": MARIA, "startTime": "2026-12-01T10:00:00-05:00"}
    made = (await client.post("/calendars/events/appointments", json=body)).json()
    assert made["startTime"] == "2026-12-01T10:00:00-05:00"
    path = f"/calendars/events/appointments/{made['id']}"
    assert (await client.put(path, json={"title": "Lunch"})).json()["title"] == "Lunch"
    await client.request("DELETE", f"/calendars/events/{made['id']}", json={})
    assert (await got(client, path))["appointment"]["deleted"] is True
    assert made["id"] not in [one["id"] for one in (await got(client, f"/contacts/{MARIA}/appointments"))["events"]]


async def test_tags_are_renamed_with_the_contacts_that_have_them(client: httpx.AsyncClient) -> None:
    path = f"/locations/{LOCATION}/tags"
    vip = next(tag for tag in (await got(client, path))["tags"] if tag["name"] == "vip")
    assert (await client.post(path, json={"name": "vip"})).status_code == 400
    assert (await client.put(f"{path}/{vip['id']}", json={"name": "Star"})).json()["tag"]["name"] == "star"
    assert "star" in (await got(client, f"/contacts/{MARIA}"))["contact"]["tags"]
    assert (await client.delete(f"{path}/{vip['id']}")).status_code == 200
    assert "star" not in (await got(client, f"/contacts/{MARIA}"))["contact"]["tags"]


async def test_fields_values_and_businesses_are_written(client: httpx.AsyncClient) -> None:
    field = await client.post(
        f"/locations/{LOCATION}/customFields", json={"name": "Shoe size", "dataType": "NUMERICAL"}
    )
    assert (field.status_code, field.json()["customField"]["fieldKey"]) == (201, "contact.shoe_size")
    path = f"/locations/{LOCATION}/customValues"
    value = (await client.post(path, json={"name": "Opening hours", "value": "9 to 5"})).json()["customValue"]
    assert (await client.delete(f"{path}/{value['id']}")).json()["succeded"] is True
    made = await client.post("/businesses/", json=AT | {"buiseness": {"name": "Small Shop"}})
    business = made.json()["business"]
    changed = await client.put(f"/businesses/{business['id']}", json={"business": {"city": "Lima"}})
    assert (changed.json()["business"]["city"], changed.json()["business"]["name"]) == ("Lima", "Small Shop")
    assert (await client.delete(f"/businesses/{business['id']}")).json()["success"] is True
