"""People decide who is who, and take it back to the byte."""

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest_asyncio
from tests.api.staged import Staged, staged

from crmgraph.api.manner import Manner
from crmgraph.domain.model import Kind
from crmgraph.domain.records import Ref
from crmgraph.service.callers import ADMIN, Caller
from crmgraph.service.ids import encode

PAYLOAD = """{
  judgements { number kind by why records { source id } }
  contacts { id records { source { name } id } }
  contradictions { message numbers overruled }
  userErrors { field message code }
}"""

TWO = "{ contacts(first: 2) { nodes { id displayName records { source { name } id } } } }"

LINK = f"mutation L($input: LinkContactsInput!) {{ told: linkContacts(input: $input) {PAYLOAD} }}"
UNLINK = f"mutation U($input: UnlinkContactsInput!) {{ told: unlinkContacts(input: $input) {PAYLOAD} }}"
JUDGE = f"mutation J($input: JudgePairInput!) {{ told: judgePair(input: $input) {PAYLOAD} }}"
PIN = f"mutation P($input: PinFieldInput!) {{ told: pinField(input: $input) {PAYLOAD} }}"
UNDO = f"mutation U($input: UndoJudgementInput!) {{ told: undoJudgement(input: $input) {PAYLOAD} }}"
PERSON = """query P($id: ID!) { contact(by: {id: $id}) {
  id displayName jobTitle emails { value } records { source { name } id }
  provenance(fields: ["jobTitle"]) { value rule reason }
} }"""


@pytest_asyncio.fixture
async def four() -> AsyncIterator[Staged]:
    async with staged(stands=True) as one:
        yield one


async def asked(stage: Staged, query: str, **variables: Any) -> Any:
    """What a question is answered; it goes without errors."""
    outcome = await stage.app.execution.execute(query, variables, manner=Manner(Caller("anna", ADMIN), False, True))
    assert not outcome.errors, outcome.errors
    return outcome.data


async def told(stage: Staged, mutation: str, **given: Any) -> Any:
    return (await asked(stage, mutation, input=given))["told"]


async def strangers(stage: Staged) -> list[str]:
    """Two people who are not one."""
    return [one["id"] for one in (await asked(stage, TWO))["contacts"]["nodes"]]


async def person(stage: Staged, ident: str) -> Any:
    return (await asked(stage, PERSON, id=ident))["contact"]


async def test_linked_people_are_one_until_it_is_undone_to_the_byte(four: Staged) -> None:
    a, b = await strangers(four)
    before = orjson.dumps([await person(four, a), await person(four, b)])
    linked = await told(four, LINK, a=a, b=b, why="they say so")
    assert linked["userErrors"] == []
    (judgement,) = linked["judgements"]
    assert (judgement["kind"], judgement["by"], judgement["why"]) == ("SAME", "anna", "they say so")
    assert (await person(four, a))["id"] == (await person(four, b))["id"] == linked["contacts"][0]["id"]
    await told(four, UNDO, numbers=[judgement["number"]])
    assert orjson.dumps([await person(four, a), await person(four, b)]) == before


async def test_a_dry_run_shows_what_would_be_and_keeps_nothing(four: Staged) -> None:
    a, b = await strangers(four)
    before = await person(four, a)
    shown = await told(four, LINK, a=a, b=b, dryRun=True)
    assert len(shown["contacts"]) == 1
    assert await person(four, a) == before
    assert (await asked(four, "{ judgements { totalCount } }"))["judgements"]["totalCount"] == 0


async def test_what_follows_a_dry_run_in_one_document_knows_nothing_of_it(four: Staged) -> None:
    a, b = await strangers(four)
    both = f"""mutation B($a: ID!, $b: ID!) {{
      shown: linkContacts(input: {{a: $a, b: $b, dryRun: true}}) {PAYLOAD}
      written: updateContact(input: {{id: $a, jobTitle: "Chair", dryRun: true}}) {{ results {{ record {{ id }} }} }}
      told: linkContacts(input: {{a: $a, b: $b}}) {PAYLOAD}
    }}"""
    records = (await person(four, a))["records"]
    found = await asked(four, both, a=a, b=b)
    assert len(found["written"]["results"]) == len(records)
    assert found["told"]["userErrors"] == []
    assert found["told"]["contacts"] == found["shown"]["contacts"]
    assert [one["kind"] for one in found["told"]["judgements"]] == ["SAME"]


async def test_a_dry_run_tells_why_they_would_be_one(four: Staged) -> None:
    a, b = await strangers(four)
    why = "contacts { identity { members { links { judged } } } }"
    query = f"mutation D($a: ID!, $b: ID!) {{ told: linkContacts(input: {{a: $a, b: $b, dryRun: true}}) {{ {why} }} }}"
    (shown,) = (await asked(four, query, a=a, b=b))["told"]["contacts"]
    assert any(link["judged"] for one in shown["identity"]["members"] for link in one["links"])


async def test_what_is_said_twice_is_kept_once(four: Staged) -> None:
    a, b = await strangers(four)
    first, second = [await told(four, JUDGE, a=a, b=b, same=True) for _ in range(2)]
    assert first["judgements"] == second["judgements"]


async def test_records_that_leave_are_people_of_their_own(four: Staged) -> None:
    found = (await asked(four, "{ contacts(first: 25) { nodes { id records { source { name } id } } } }"))["contacts"]
    one = next(each for each in found["nodes"] if len(each["records"]) > 1)
    leaving = {"source": one["records"][-1]["source"]["name"], "id": one["records"][-1]["id"]}
    parted = await told(four, UNLINK, contact=one["id"], records=[leaving, leaving])
    assert parted["userErrors"] == []
    assert len(parted["judgements"]) == len(one["records"]) - 1, "A record that is named twice leaves once."
    assert len(parted["contacts"]) == 2
    assert all(each["kind"] == "DIFFERENT" for each in parted["judgements"])
    await told(four, UNDO, numbers=[each["number"] for each in parted["judgements"]])
    assert len((await person(four, one["id"]))["records"]) == len(one["records"])


async def test_two_records_that_are_one_person_bring_all_their_people_s_records_along(four: Staged) -> None:
    found = (await asked(four, "{ contacts(first: 25) { nodes { id records { source { name } id } } } }"))["contacts"]
    one, other = [each for each in found["nodes"] if len(each["records"]) > 1][:2]
    (both,) = (await told(four, JUDGE, a=one["id"], b=other["id"], same=True))["contacts"]
    assert sorted(map(str, both["records"])) == sorted(map(str, one["records"] + other["records"]))


async def test_judgements_that_contradict_each_other_are_told_with_their_cycle(four: Staged) -> None:
    a, b = await strangers(four)
    await told(four, JUDGE, a=a, b=b, same=False)
    second = await told(four, JUDGE, a=a, b=b, same=True)
    (against,) = second["contradictions"]
    assert against["numbers"] == [2, 1]
    assert against["overruled"] == 1
    assert "contradict each other" in against["message"]
    assert len(second["contacts"]) == 1


async def test_a_pinned_value_holds_and_says_who_pinned_it(four: Staged) -> None:
    a, _ = await strangers(four)
    before = await person(four, a)
    await told(four, PIN, contact=a, field="jobTitle", value="Astronaut")
    found = await person(four, a)
    assert found["jobTitle"] == "Astronaut"
    assert found["provenance"][0]["rule"] == "pinned"
    assert found["provenance"][0]["reason"].startswith("anna pinned it on 2026-11-20")
    await told(four, UNDO, numbers=1)
    assert await person(four, a) == before


async def test_everything_that_was_decided_is_told_undone_or_not(four: Staged) -> None:
    a, b = await strangers(four)
    await told(four, LINK, a=a, b=b)
    await told(four, UNDO, numbers=[1])
    query = "query H($id: ID) { judgements(contact: $id) { nodes { number kind undoes undoneBy by at } } }"
    found = (await asked(four, query, id=a))["judgements"]["nodes"]
    assert [(one["kind"], one["undoes"], one["undoneBy"]) for one in found] == [("UNDO", 1, None), ("SAME", None, 2)]


async def wrong(stage: Staged, mutation: str, **given: Any) -> str:
    """The sentence that a wrong input is answered with; nothing is kept."""
    found = await told(stage, mutation, **given)
    assert found["judgements"] == []
    (error,) = found["userErrors"]
    return str(error["message"])


async def test_what_cannot_be_meant_is_told_in_a_sentence(four: Staged) -> None:
    a, _ = await strangers(four)
    task = (await asked(four, "{ tasks(first: 1) { nodes { id } } }"))["tasks"]["nodes"][0]["id"]
    assert "the same as itself" in await wrong(four, LINK, a=a, b=a)
    assert "the id of a task" in await wrong(four, LINK, a=a, b=task)
    assert "no such contact" in await wrong(four, LINK, a=a, b=gone())
    assert "cannot be pinned" in await wrong(four, PIN, contact=a, field="emails", value="x")
    assert "which is a day" in await wrong(four, PIN, contact=a, field="birthDate", value="soon")
    assert "There is no judgement 7" in await wrong(four, UNDO, numbers=[7])
    assert (
        "is no record of this person"
        in (await told(four, UNLINK, contact=a, records=[{"source": "orgcrm", "id": "zz"}]))["userErrors"][0]["message"]
    )


def gone() -> str:
    """The id of a record that its source does not have."""
    return encode(Kind.CONTACT, Ref("leadconnector", "contact", "nobodyHasThisOne0000"))


PREVIEW = """query M($ids: [ID!]!) {
  mergePreview(contacts: $ids) { contact { displayName records { id } } fields { field before { id value } after } }
  alone: contacts(first: 2) { nodes { id } }
}"""


async def test_a_preview_tells_each_field_before_and_after_and_decides_nothing(four: Staged) -> None:
    a, b = await strangers(four)
    one, other = await person(four, a), await person(four, b)
    found = await asked(four, PREVIEW, ids=[a, b])
    merged = found["mergePreview"]
    assert len(merged["contact"]["records"]) == len(one["records"]) + len(other["records"])
    assert all([value["id"] for value in each["before"]] == [a, b] for each in merged["fields"])
    emails = next(each for each in merged["fields"] if each["field"] == "emails")
    assert sorted(emails["after"]) == sorted([*emails["before"][0]["value"], *emails["before"][1]["value"]])
    assert [each["id"] for each in found["alone"]["nodes"]] == [a, b]
    assert await person(four, a) == one


async def test_a_preview_of_one_person_is_refused_in_a_sentence(four: Staged) -> None:
    outcome = await four.app.execution.execute(PREVIEW, {"ids": ["x"]})
    assert outcome.errors[0]["message"] == "`contacts` names 1 people; name 2 to 10."
