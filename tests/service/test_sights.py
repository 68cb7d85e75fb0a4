"""What is out of sight is not there: not in an answer, not in who is one person, not in a list, not in an error."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.api.staged import Staged, staged

from crmgraph.api.manner import Manner
from crmgraph.api.outcome import Outcome
from crmgraph.domain.errors import Forbidden
from crmgraph.domain.filtering import Condition, Not, Op
from crmgraph.domain.model import Kind
from crmgraph.service.callers import SCOPES, Caller, Role
from crmgraph.service.sights import Sight

MIA = "maria.fernandez@tamarind.example.org"

PERSON = """query Q($by: ContactLookup!) { contact(by: $by) {
  id displayName givenName familyName fullName email emails { value } phone phones { value } jobTitle birthDate
  customFields { key text } tags { name } records { source { name } id values } gaps { field reason source }
  provenance { field value origin { source } losers { value origin { source } } }
} }"""


@pytest.fixture
async def four() -> AsyncIterator[Staged]:
    async with staged() as found:
        for crm in found.crms.values():
            crm.clear()
        yield found


def seeing(*hidden: str, sources: tuple[str, ...] | None = None, kind: Kind = Kind.CONTACT) -> Manner:
    names = None if sources is None else frozenset(sources)
    sight = Sight(names, frozenset((kind, name) for name in hidden))
    # Everything but the raw words of the CRMs.
    return Manner(Caller("tess", Role("tester", SCOPES, sight)))


async def ask(four: Staged, manner: Manner, text: str, **variables: Any) -> Outcome:
    return await four.app.execution.execute(text, variables, manner=manner)


async def test_hidden_fields_are_null_and_say_so(four: Staged) -> None:
    outcome = await ask(four, seeing("jobTitle", "birthDate"), PERSON, by={"email": MIA})
    person = outcome.data["contact"]
    assert (person["jobTitle"], person["birthDate"], person["displayName"]) == (None, None, "María Fernández Oliveira")
    hidden = {one["field"] for one in person["gaps"] if one["reason"] == "HIDDEN"}
    assert hidden == {"jobTitle", "birthDate"}
    assert not {"jobTitle", "birthDate"} & {one["field"] for one in person["provenance"]}
    assert not any({"jobTitle", "birthDate"} & one["values"].keys() for one in person["records"])


async def test_no_trace_of_a_hidden_value_is_anywhere_in_an_answer(four: Staged) -> None:
    whole = await ask(four, seeing(), PERSON, by={"email": MIA})
    person = whole.data["contact"]
    values = [one["value"] for one in person["phones"]] + [person["jobTitle"]]
    assert len(values) > 2
    assert all(json.dumps(one)[1:-1] in json.dumps(whole.data) for one in values), "The control: these are there."
    seen = await ask(four, seeing("phones", "jobTitle"), PERSON, by={"email": MIA})
    told = json.dumps([seen.data, seen.errors, seen.extensions])
    assert [one for one in values if json.dumps(one)[1:-1] in told] == []


@pytest.mark.parametrize(
    ("hidden", "null", "left"),
    [
        ("fullName", ["fullName", "givenName", "familyName"], []),
        ("familyName", ["familyName"], ["givenName"]),
        ("givenName", ["givenName"], ["familyName"]),
    ],
)
async def test_hidden_names_are_told_by_no_other_name(
    four: Staged, hidden: str, null: list[str], left: list[str]
) -> None:
    whole = (await ask(four, seeing(), PERSON, by={"email": MIA})).data["contact"]
    outcome = await ask(four, seeing(hidden), PERSON, by={"email": MIA})
    person = outcome.data["contact"]
    assert [person[one] for one in null] == [None] * len(null)
    assert all(person[one] for one in left)
    for part in {"givenName", "familyName"} & set(null):
        shown = {one: person[one] for one in ("displayName", "fullName")}
        assert whole[part] not in json.dumps(shown, ensure_ascii=False)


async def test_a_custom_field_is_hidden_by_its_key_and_the_others_stay(four: Staged) -> None:
    whole = (await ask(four, seeing(), PERSON, by={"email": MIA})).data["contact"]
    keys = [one["key"] for one in whole["customFields"]]
    assert len(keys) > 1
    outcome = await ask(four, seeing(f"customFields.{keys[0]}"), PERSON, by={"email": MIA})
    assert [one["key"] for one in outcome.data["contact"]["customFields"]] == keys[1:]


@pytest.mark.parametrize(
    ("hidden", "text"),
    [
        ("emails", f'{{ contact(by: {{email: "{MIA}"}}) {{ id }} }}'),
        ("phones", '{ contact(by: {phone: "+14155550100"}) { id } }'),
        ("jobTitle", '{ contacts(filter: {jobTitle: {eq: "CTO"}}) { nodes { id } } }'),
        ("jobTitle", "{ contacts(filter: {not: {jobTitle: {isNull: true}}}) { nodes { id } } }"),
        ("givenName", '{ contacts(filter: {fullName: {contains: "Mia"}}) { nodes { id } } }'),
        ("createdAt", "{ contacts(orderBy: [{field: CREATED_AT}]) { nodes { id } } }"),
        ("phones", '{ contacts(search: "0100") { nodes { id } } }'),
    ],
)
async def test_nobody_finds_out_a_hidden_value_by_asking_for_it(four: Staged, hidden: str, text: str) -> None:
    outcome = await ask(four, seeing(hidden), text)
    assert [one["extensions"]["code"] for one in outcome.errors] == ["FORBIDDEN"]
    assert "hidden from you" in outcome.errors[0]["message"]
    assert sum(four.logged().values()) == 0
    control = await ask(four, seeing(), text)
    assert "FORBIDDEN" not in [one["extensions"]["code"] for one in control.errors], "Others may ask this."


async def test_what_is_hidden_joins_nobody_and_learns_nobody(four: Staged) -> None:
    """Who may not see what records share is not told by who is one person that they do."""
    ident = (await ask(four, seeing(), PERSON, by={"email": MIA})).data["contact"]["id"]
    told = ("emails", "phones", "fullName", "givenName", "familyName", "companyName", "addresses", "birthDate")
    alone = await ask(four, seeing(*told), PERSON, by={"id": ident})
    assert len(alone.data["contact"]["records"]) == 1
    whole = await ask(four, seeing(), PERSON, by={"email": MIA})
    assert len(whole.data["contact"]["records"]) == 4, "What the other read has not made the index forget anything."


async def test_a_source_out_of_sight_is_never_asked_and_never_named(four: Staged) -> None:
    outcome = await ask(four, seeing(sources=("concord", "orgcrm")), PERSON, by={"email": MIA})
    told = json.dumps([outcome.data, outcome.errors, outcome.extensions])
    assert {one["source"]["name"] for one in outcome.data["contact"]["records"]} == {"concord", "orgcrm"}
    assert "leadconnector" not in told
    assert "bigcontacts" not in told
    assert four.logged()["leadconnector"] == four.logged()["bigcontacts"] == 0


async def test_a_record_of_a_source_out_of_sight_is_not_found_by_its_id(four: Staged) -> None:
    ident = (await ask(four, seeing(sources=("leadconnector",)), PERSON, by={"email": MIA})).data["contact"]["id"]
    outcome = await ask(four, seeing(sources=("concord",)), "query Q($id: ID!) { node(id: $id) { id } }", id=ident)
    assert outcome.data == {"node": None}
    assert "not configured here" in outcome.errors[0]["message"]


async def test_a_cursor_of_one_sight_means_nothing_to_another(four: Staged) -> None:
    text = "query Q($after: String) { contacts(first: 2, after: $after) { pageInfo { endCursor } } }"
    page = await ask(four, seeing(), text)
    end = page.data["contacts"]["pageInfo"]["endCursor"]
    assert not (await ask(four, seeing(), text, after=end)).errors
    other = await ask(four, seeing("jobTitle"), text, after=end)
    assert "was not given by this server" in other.errors[0]["message"]


async def test_equal_questions_of_two_callers_are_not_answered_together(four: Staged) -> None:
    """Also where both see the same: what one is told is never another's."""
    text = "{ contacts(first: 3) { nodes { id jobTitle } } }"
    await ask(four, seeing(), text)
    outcomes = await asyncio.gather(ask(four, seeing(), text), ask(four, seeing("jobTitle"), text))
    titles = [[one["jobTitle"] for one in each.data["contacts"]["nodes"]] for each in outcomes]
    assert any(titles[0])
    assert not any(titles[1])


async def test_a_hidden_field_cannot_be_written(four: Staged) -> None:
    text = """mutation M($input: CreateContactInput!) { createContact(input: $input) {
        userErrors { field code message } results { outcome } } }"""
    given = {"givenName": "Nora", "jobTitle": "CTO", "sources": ["concord"]}
    outcome = await ask(four, seeing("jobTitle"), text, input=given)
    assert outcome.data["createContact"] == {
        "userErrors": [{"field": ["jobTitle"], "code": "FORBIDDEN", "message": "`jobTitle` is hidden from you."}],
        "results": [],
    }


async def test_writing_another_field_keeps_a_hidden_one_that_the_crm_wants_whole(four: Staged) -> None:
    """BigContacts replaces a whole list of custom fields and Concord takes what it is given: nothing hidden is lost."""
    before = (await ask(four, seeing(), PERSON, by={"email": MIA})).data["contact"]
    text = """mutation M($input: UpdateContactInput!) { updateContact(input: $input) {
        userErrors { message } results { outcome source { name } } } }"""
    keys = [one["key"] for one in before["customFields"]]
    given = {"id": before["id"], "website": "https://mia.example"}
    outcome = await ask(four, seeing("jobTitle", f"customFields.{keys[0]}"), text, input=given)
    assert outcome.data["updateContact"]["userErrors"] == []
    after = (await ask(four, seeing(), PERSON, by={"email": MIA})).data["contact"]
    assert after["customFields"] == before["customFields"]
    assert after["jobTitle"] == before["jobTitle"]


async def test_an_import_cannot_go_with_a_callers_own_credentials(four: Staged) -> None:
    """It goes on in the background, where it would be the operator's that write."""
    manner = Manner(Caller("tess", Role("tester", SCOPES), (("orgcrm", four.crms["orgcrm"].token),)))
    text = """mutation M($input: ImportContactsInput!) { importContacts(input: $input) {
        import { id } userErrors { field code message } } }"""
    given = {"contacts": [{"fullName": "Nora Quill", "email": "nora@quill.example"}], "sources": ["orgcrm"]}
    outcome = await ask(four, manner, text, input=given)
    message = "An import into orgcrm cannot go with credentials of your own; name other sources."
    assert outcome.data["importContacts"] == {
        "import": None,
        "userErrors": [{"field": ["sources"], "code": "FORBIDDEN", "message": message}],
    }
    elsewhere = await ask(four, manner, text, input={**given, "sources": ["concord"]})
    assert elsewhere.data["importContacts"]["userErrors"] == []


def test_a_filter_is_refused_wherever_in_it_the_hidden_field_stands() -> None:
    sight = Sight(hidden=frozenset({(Kind.CONTACT, "customFields.ssn")}))
    wanted = Not(Condition("customFields.ssn", Op.EQ, "1"))
    with pytest.raises(Forbidden, match=r"customFields\.ssn"):
        sight.refuse_question(Kind.CONTACT, wanted, None, None)
    sight.refuse_question(Kind.CONTACT, Condition("customFields.other", Op.EQ, "1"), None, None)
    sight.refuse_question(Kind.TASK, None, None, "any text")
