"""A person's id that stays leads to them wherever an id is taken, whoever of their records is gone or away."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from tests.api.staged import Staged, staged

from crmgraph.api.manner import Manner
from crmgraph.api.outcome import Outcome
from crmgraph.domain.model import Kind
from crmgraph.domain.records import Ref
from crmgraph.service.callers import ADMIN, ASKABLE, Caller, Role
from crmgraph.service.ids import encode, encode_key
from crmgraph.service.sights import Sight

MARIA = (
    Ref("leadconnector", "contact", "gTinjOH5r3lFb5sWl7i9"),
    Ref("concord", "contact", "1001"),
    Ref("bigcontacts", "contact", "40010"),
    Ref("orgcrm", "contact", "c7d3e36e-d93b-5775-8bb5-b3fdcf561b72"),
)
NEVER = encode_key(Kind.CONTACT, "0" * 24)
WRONG = f"`{NEVER}` is not an id that this server gave; take ids from its answers, unchanged."
"""What an id is told that was never given."""

READ = ("leadconnector", "concord", "bigcontacts", "orgcrm")
PERSON = "query P($id: ID!) { contact(by: {id: $id}) { displayName records { id } } node(id: $id) { __typename } }"


@pytest_asyncio.fixture
async def four() -> AsyncIterator[Staged]:
    async with staged(stands=True) as one:
        yield one


async def asked(stage: Staged, query: str, **variables: Any) -> Outcome:
    return await stage.app.execution.execute(query, variables, manner=Manner(Caller("anna", ADMIN), False, True))


async def told(stage: Staged, query: str, **variables: Any) -> Any:
    """What a question is answered; it goes without errors."""
    outcome = await asked(stage, query, **variables)
    assert not outcome.errors, outcome.errors
    return outcome.data


async def kept(stage: Staged, *refs: Ref) -> str:
    """The id that the store keeps for these records."""
    people = await stage.app.stores.persons.assign([refs], READ)
    return encode_key(Kind.CONTACT, people[refs[0]])


async def test_it_leads_to_the_person(four: Staged) -> None:
    found = await told(four, PERSON, id=await kept(four, *MARIA))
    assert found["contact"]["displayName"] == "María Fernández Oliveira"
    assert [one["id"] for one in found["contact"]["records"]] == [one.id for one in MARIA]
    assert found["node"] == {"__typename": "Contact"}


async def test_one_that_redirects_leads_to_whoever_it_was_joined_with(four: Staged) -> None:
    old = await kept(four, *MARIA[2:])
    await kept(four, *MARIA[:2])
    await kept(four, *MARIA)
    assert (await told(four, PERSON, id=old))["contact"]["displayName"] == "María Fernández Oliveira"


async def test_a_record_that_is_gone_is_passed_over(four: Staged) -> None:
    gone = Ref("leadconnector", "contact", "nobodyHasThisOne0000")
    ident = await kept(four, gone, *MARIA)
    assert len((await told(four, PERSON, id=ident))["contact"]["records"]) == 4


async def test_a_source_that_is_away_is_passed_over_and_the_answer_says_so(four: Staged) -> None:
    ident = await kept(four, *MARIA)
    four.crms["leadconnector"].faults.set("status", status=503)
    outcome = await asked(four, PERSON, id=ident)
    assert outcome.data["contact"]["displayName"]
    assert outcome.extensions["crmgraph"]["identity"] == "PARTIAL"
    assert {one["extensions"]["source"] for one in outcome.errors} == {"leadconnector"}


async def test_whoever_is_gone_everywhere_is_null(four: Staged) -> None:
    ident = await kept(four, Ref("leadconnector", "contact", "nobodyHasThisOne0000"))
    assert await told(four, PERSON, id=ident) == {"contact": None, "node": None}


async def test_one_that_was_never_given_is_told_like_any_wrong_id(four: Staged) -> None:
    for _ in range(2):
        outcome = await asked(four, PERSON, id=NEVER)
        assert [one["message"] for one in outcome.errors] == [WRONG, WRONG]
        await kept(four, *MARIA)  # The second time there is a store.


INPUTS = {
    "updateContact": '{id: $id, jobTitle: "Chair", dryRun: true}',
    "deleteContact": '{id: $id, sources: ["concord"], dryRun: true}',
    "addTags": '{id: $id, tags: ["VIP"], dryRun: true}',
    "removeTags": '{id: $id, tags: ["VIP"], dryRun: true}',
    "setCustomFieldValues": '{id: $id, values: [{key: "segment", value: "A"}], dryRun: true}',
    "createTask": '{title: "Call", contact: $id, dryRun: true}',
    "createNote": '{body: "Called", contacts: [$id], dryRun: true}',
    "createOpportunity": '{name: "Sale", contact: $id, dryRun: true}',
    "attachAssociations": "{id: $company, contacts: [$id], dryRun: true}",
    "detachAssociations": "{id: $id, companies: [$company], dryRun: true}",
}
"""Mutations that write and take a person's id → an input."""

DECISIONS = {
    "pinField": '{contact: $id, field: "jobTitle", value: "Chair", dryRun: true}',
    "linkContacts": "{a: $id, b: $other, dryRun: true}",
    "judgePair": "{a: $other, b: $id, same: true, dryRun: true}",
    "unlinkContacts": '{contact: $id, records: [{source: "concord", id: "1001"}], dryRun: true}',
}
"""Mutations that decide about people → an input."""

WRITTEN = "results { outcome source { name } ignoredFields calls { method path body } } userErrors { field message }"
DECIDED = "judgements { kind records { source id } } userErrors { field message }"

OTHERS = """{
  people: contacts(first: 2, sources: ["orgcrm"]) { nodes { id } }
  companies(first: 1, sources: ["concord"]) { nodes { id } }
}"""


@pytest.mark.parametrize(("name", "payload"), [*((one, WRITTEN) for one in INPUTS), *((x, DECIDED) for x in DECISIONS)])
async def test_a_mutation_takes_it_as_it_takes_a_records_id(four: Staged, name: str, payload: str) -> None:
    """It is told the same, and one that was never given is a mistake in the input."""
    others = await told(four, OTHERS)
    given = (INPUTS | DECISIONS)[name]
    known = {"other": others["people"]["nodes"][1]["id"], "company": others["companies"]["nodes"][0]["id"]}
    more = {one: ident for one, ident in known.items() if f"${one}" in given}
    declared = "".join(f", ${one}: ID!" for one in more)
    mutation = f"mutation M($id: ID!{declared}) {{ told: {name}(input: {given}) {{ {payload} }} }}"
    by_record = (await told(four, mutation, id=encode(Kind.CONTACT, MARIA[0]), **more))["told"]
    assert by_record["userErrors"] == []
    assert (await told(four, mutation, id=await kept(four, *MARIA), **more))["told"] == by_record
    wrong = (await told(four, mutation, id=NEVER, **more))["told"]["userErrors"]
    assert [one["message"] for one in wrong] == [WRONG]


QUESTIONS = {
    "whyNot": ("whyNot(a: $id, b: $other)", "{ one verdict link { bits } }"),
    "judgements": ("judgements(contact: $id)", "{ totalCount }"),
    "mergePreview": ("mergePreview(contacts: [$id, $other])", "{ contact { id } fields { field after } }"),
}


@pytest.mark.parametrize("name", QUESTIONS)
async def test_a_question_takes_it_as_it_takes_a_records_id(four: Staged, name: str) -> None:
    call, selection = QUESTIONS[name]
    others = await told(four, OTHERS)
    more = {"other": others["people"]["nodes"][1]["id"]} if "$other" in call else {}
    declared = ", $other: ID!" if more else ""
    question = f"query Q($id: ID!{declared}) {{ told: {call} {selection} }}"
    by_record = await told(four, question, id=encode(Kind.CONTACT, MARIA[0]), **more)
    assert await told(four, question, id=await kept(four, *MARIA), **more) == by_record
    assert [one["message"] for one in (await asked(four, question, id=NEVER, **more)).errors] == [WRONG]


async def test_a_filter_refuses_it_as_it_refuses_a_records_id(four: Staged) -> None:
    question = "query Q($id: ID!) { tasks(filter: {contact: {eq: $id}}) { nodes { title } } }"
    messages = [
        (await asked(four, question, id=one)).errors[0]["message"] for one in (NEVER, encode(Kind.CONTACT, MARIA[0]))
    ]
    assert messages[0] == messages[1]
    assert "takes no id" in messages[0]


async def test_whoever_may_not_see_a_source_is_told_nothing_of_it(four: Staged) -> None:
    """Somebody who has no record where the caller may look is told of as an id that was never given."""
    seen = Role("desk", ASKABLE, Sight(frozenset({"orgcrm"})))
    manner = Manner(Caller("desk", seen), False, True)
    both, hidden = await kept(four, *MARIA), await kept(four, Ref("concord", "contact", "1002"))
    found = await four.app.execution.execute(PERSON, {"id": both}, manner=manner)
    assert [one["id"] for one in found.data["contact"]["records"]] == [MARIA[3].id]
    found = await four.app.execution.execute(PERSON, {"id": hidden}, manner=manner)
    assert {one["message"] for one in found.errors} == {WRONG.replace(NEVER, hidden)}
