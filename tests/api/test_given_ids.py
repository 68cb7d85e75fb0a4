"""The ids that people are given stay: over pages and workers, while CRMs are down, and when they are joined or part."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import event, func, select
from sqlalchemy.engine import Engine
from sqlalchemy.ext.asyncio import AsyncConnection
from tests.api.staged import Staged, staged
from tests.store.conftest import postgres_database

from crmgraph.api.manner import Manner
from crmgraph.domain.model import Kind
from crmgraph.domain.records import Ref
from crmgraph.service.callers import ADMIN, ASKABLE, Caller, Role
from crmgraph.service.ids import decode, encode, encode_key
from crmgraph.service.sights import Sight
from crmgraph.store.database import Database
from crmgraph.store.tables import persons
from crmgraph.store.urls import is_new

SOURCES = ("leadconnector", "concord", "bigcontacts", "orgcrm")
MARIA = Ref("leadconnector", "contact", "gTinjOH5r3lFb5sWl7i9")
EMAIL = "maria.fernandez@tamarind.example.org"
PAGE = """query P($of: [String!], $after: String) { contacts(first: 100, sources: $of, after: $after) {
  nodes { id records { source { name } id } } pageInfo { hasNextPage endCursor }
} }"""
PERSON = "query C($id: ID!) { contact(by: {id: $id}) { id records { source { name } id } } }"
ANNA = Caller("anna", ADMIN)


@pytest_asyncio.fixture
async def four() -> AsyncIterator[Staged]:
    async with staged(stands=True) as one:
        yield one


async def asked(stage: Staged, query: str, caller: Caller = ANNA, **variables: Any) -> Any:
    """What a question is answered, whatever is wrong besides."""
    return (await stage.app.execution.execute(query, variables, manner=Manner(caller, False, True))).data


async def people(stage: Staged, *of: str, caller: Caller = ANNA) -> dict[Ref, str]:
    """Record → the id of its person, as the list over some sources tells it, page by page."""
    told: dict[Ref, str] = {}
    after = None
    while True:
        found = (await asked(stage, PAGE, caller, of=list(of) or None, after=after))["contacts"]
        told |= {_ref(record): node["id"] for node in found["nodes"] for record in node["records"]}
        after = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            return told


async def person(stage: Staged, ident: str) -> Any:
    found = await asked(
        stage, "query C($id: ID!) { contact(by: {id: $id}) { id records { source { name } id } } }", id=ident
    )
    return found["contact"]


def _ref(record: Mapping[str, Any]) -> Ref:
    return Ref(record["source"]["name"], "contact", record["id"])


def is_kept(ident: str) -> bool:
    """Whether an id is one of those that stay."""
    return decode(ident).ref is None


@contextmanager
def statements() -> Iterator[Counter[str]]:
    """What databases are told meanwhile, by its first word."""
    told: Counter[str] = Counter()

    def note(_: Any, __: Any, statement: str, *more: Any) -> None:
        told[statement.split()[0]] += 1

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield told
    finally:
        event.remove(Engine, "before_cursor_execute", note)


EVERYWHERE = """query E($email: String!, $record: String!) {
  contact(by: {email: $email}) {
    ...who tasks { nodes { contact { ...who } contacts { ...who } } } activities { nodes { contact { ...who } } }
    opportunities { nodes { contact { ...who } contacts { ...who } } }
    companies { contacts { nodes { ...who } edges { node { ...who } } } }
  }
  byRecord: contact(by: {record: {source: "leadconnector", id: $record}}) { ...who }
  contacts(first: 100) { nodes { ...who } edges { node { ...who } } }
  tasks(first: 100) { nodes { contacts { ...who } } }
}
fragment who on Contact { id records { source { name } id } }"""


def told_in(answer: Any) -> Iterator[tuple[Ref, str]]:
    """Each record of each person anywhere in an answer, with the person's id."""
    if isinstance(answer, list):
        yield from (pair for one in answer for pair in told_in(one))
    elif isinstance(answer, dict):
        yield from ((_ref(record), answer["id"]) for record in answer.get("records", ()))
        yield from (pair for one in answer.values() for pair in told_in(one))


async def test_every_place_tells_the_same_id_and_it_leads_to_the_person(four: Staged) -> None:
    found = await asked(four, EVERYWHERE, email=EMAIL, record=MARIA.id)
    told = set(told_in(found))
    assert len({ref for ref, _ in told}) == len(told) > 100
    assert all(is_kept(ident) for _, ident in told)
    ident = dict(told)[MARIA]
    assert (await asked(four, "query N($id: ID!) { node(id: $id) { id } }", id=ident))["node"] == {"id": ident}


async def test_lists_over_everybody_tell_the_ids_that_people_have(four: Staged) -> None:
    """Whoever is met there first, too."""
    question = """{
      missingIn(source: "orgcrm", first: 100) { nodes { id contact { id } records { source id } } }
      duplicates(source: "leadconnector", first: 100) { nodes { person { id contact { id } } } }
      reviewPairs(first: 100) { nodes { a { id contact { id } } b { id contact { id } } } }
    }"""
    found = await asked(four, question)
    known = [*found["missingIn"]["nodes"], *(one["person"] for one in found["duplicates"]["nodes"])]
    known += [one[side] for one in found["reviewPairs"]["nodes"] for side in "ab"]
    assert known
    assert all(is_kept(one["id"]) for one in known)
    assert [one["id"] for one in known] == [one["contact"]["id"] for one in known]
    by_record = await people(four)
    for one in found["missingIn"]["nodes"]:
        assert {by_record[Ref(each["source"], "contact", each["id"])] for each in one["records"]} == {one["id"]}


async def test_a_page_of_known_people_costs_no_query(four: Staged) -> None:
    with statements() as first:
        given = await people(four)
    with statements() as second:
        assert await people(four) == given
    assert first["INSERT"]
    assert not second


async def test_many_people_by_their_ids_are_one_query(four: Staged) -> None:
    ids = list(dict.fromkeys((await people(four)).values()))[:50]
    with statements() as told:
        found = await asked(four, "query N($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids)
    assert [one["id"] for one in found["nodes"]] == ids
    assert told["BEGIN"] == 1


async def test_strangers_by_the_ids_of_their_records_are_one_batch(four: Staged) -> None:
    found = await asked(four, "{ contacts(first: 20) { nodes { records { source { name } id } } } }")
    ids = [encode(Kind.CONTACT, _ref(one["records"][0])) for one in found["contacts"]["nodes"]]
    with statements() as told:
        nodes = (await asked(four, "query N($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids))["nodes"]
    assert len({one["id"] for one in nodes if is_kept(one["id"])}) == 20
    assert told["BEGIN"] == 3


async def test_a_person_by_an_id_that_is_remembered_costs_no_query(four: Staged) -> None:
    ident = (await people(four))[MARIA]
    await person(four, ident)
    with statements() as told:
        assert (await person(four, ident))["id"] == ident
    assert not told


async def test_strangers_of_a_page_are_one_batch(four: Staged) -> None:
    """However many they are, they are looked for, looked at and written in one transaction each."""
    await asked(four, "{ contacts(first: 1) { nodes { id } } }")
    with statements() as told:
        await asked(four, "{ contacts(first: 100) { nodes { id } } }")
    assert told["BEGIN"] == 3


async def test_who_selects_no_id_asks_the_store_for_none(four: Staged) -> None:
    await asked(four, "{ contacts(first: 1) { nodes { displayName } } }")
    with statements() as told:
        await asked(four, "{ contacts(first: 100) { nodes { displayName records { id } tasks { nodes { id } } } } }")
    assert not told


async def test_reading_makes_no_store_and_ids_are_those_of_records() -> None:
    async with staged() as stage:
        given = await people(stage)
        assert all(decode(ident).ref in given for ident in given.values())
        assert is_new(stage.app.settings.store.url.get_secret_value())


async def born(stage: Staged) -> int:
    """How many people have an id."""
    database = Database(stage.app.settings.store.url.get_secret_value())

    async def count(connection: AsyncConnection) -> int:
        return (await connection.execute(select(func.count()).select_from(persons))).scalar() or 0

    try:
        return await database.read(count)
    finally:
        await database.aclose()


SUPPOSED = {
    "linkContacts": "mutation Q($a: ID!, $b: ID!) {"
    " told: linkContacts(input: {a: $a, b: $b, dryRun: true}) { contacts { id } } }",
    "mergePreview": "query Q($a: ID!, $b: ID!) { told: mergePreview(contacts: [$a, $b]) { contact { id } } }",
    "updateContact": "mutation Q($a: ID!) {"
    ' told: updateContact(input: {id: $a, familyName: "Ito", dryRun: true}) { contact { id } results { outcome } } }',
}
"""What only tells what would be → a question."""


@pytest.mark.parametrize("name", SUPPOSED)
async def test_what_is_only_supposed_gives_nobody_an_id(four: Staged, name: str) -> None:
    named = await asked(four, "{ contacts(first: 2) { nodes { records { source { name } id } } } }")
    two = [encode(Kind.CONTACT, _ref(one["records"][0])) for one in named["contacts"]["nodes"]]
    assert (await asked(four, SUPPOSED[name], **dict(zip("ab", two, strict=True))))["told"]
    assert await born(four) == 0


async def test_what_is_done_after_it_was_supposed_gives_an_id(four: Staged) -> None:
    named = await asked(four, "{ contacts(first: 1) { nodes { records { source { name } id } } } }")
    one = encode(Kind.CONTACT, _ref(named["contacts"]["nodes"][0]["records"][0]))
    answer = await asked(
        four,
        "mutation Q($a: ID!) {"
        ' supposed: updateContact(input: {id: $a, familyName: "Ito", dryRun: true}) { results { outcome } }'
        ' done: updateContact(input: {id: $a, familyName: "Ito"}) { contact { id } } }',
        a=one,
    )
    assert is_kept(answer["done"]["contact"]["id"])


async def test_a_run_over_the_replica_tells_the_people_that_answers_tell(four: Staged) -> None:
    told = await people(four)
    syncing, resolving = await four.app.syncing(), await four.app.resolving()
    for source in four.app.pool.sources:
        await syncing.source(source)
    run = await resolving.all(lambda step, done, total: None)
    by_id = groupby(sorted(told, key=told.__getitem__), key=told.__getitem__)
    assert {frozenset(one.ref for one in group) for group in run.resolution.clusters} == {
        frozenset(refs) for _, refs in by_id
    }
    assert await people(four) == told


@pytest.mark.parametrize("since", ["a while", "the start"])
async def test_no_id_changes_while_any_one_source_is_down(tmp_path: Path, since: str) -> None:
    """Each person by each record in each other source; the server was started before the outage, or in it."""
    url = f"sqlite:///{tmp_path}/crmgraph.db"
    async with staged(stands=True, store=url) as stage:
        before = await people(stage)
        assert all(map(is_kept, before.values()))
    for down in SOURCES:
        async with staged(stands=True, store=url, filled=since == "a while") as stage:
            stage.crms[down].faults.set("status", status=503)
            if since == "the start":
                await stage.app.filling.all([one for one in stage.app.pool.sources if one.name != down])
            for other in SOURCES:
                told = {} if other == down else await people(stage, other)
                assert told == {ref: before[ref] for ref in told}
                assert len([ref for ref in told if ref.source == other]) > 50 or other == down


async def test_who_is_read_before_everybody_is_known_is_who_they_were(tmp_path: Path) -> None:
    """While the key index is empty, too: nobody is shown as one with somebody whom all that is known tells apart."""
    url = f"sqlite:///{tmp_path}/crmgraph.db"
    async with staged(stands=True, store=url) as stage:
        before = await people(stage)
    async with staged(stands=True, store=url, filled=False) as stage:
        for name in SOURCES:
            told = await people(stage, name)
            assert told == {ref: before[ref] for ref in told}
        await stage.app.fill_index()
        assert await people(stage) == before


async def test_whom_somebody_links_while_a_source_is_down_are_one_at_once(four: Staged) -> None:
    before = await people(four)
    four.crms["concord"].faults.set("status", status=503)
    one, other = (Ref("leadconnector", "contact", ident) for ident in ("1HWItiOuXW91xYKYCAZb", "cofYimbAFpqAMolEOg20"))
    linked = (await asked(four, LINK, a=before[one], b=before[other]))["linkContacts"]
    assert len(linked["contacts"]) == 1
    records = (await person(four, before[one]))["records"]
    assert {_ref(each) for each in records} >= {one, other}


async def test_an_id_leads_on_through_other_records_while_a_source_is_down(four: Staged) -> None:
    ident = (await people(four))[MARIA]
    for down in SOURCES:
        four.crms[down].faults.set("status", status=503)
        assert (await person(four, ident))["id"] == ident
        four.crms[down].faults.clear()


async def test_who_is_first_met_in_an_outage_gets_an_id_when_it_is_over(four: Staged) -> None:
    four.crms["concord"].faults.set("status", status=503)
    first = (await person(four, encode(Kind.CONTACT, MARIA)))["id"]
    assert first == encode(Kind.CONTACT, MARIA)
    four.crms["concord"].faults.clear()
    later = (await person(four, first))["id"]
    assert is_kept(later)
    assert (await person(four, later))["id"] == later


LINK = "mutation L($a: ID!, $b: ID!) { linkContacts(input: {a: $a, b: $b}) { contacts { id } judgements { number } } }"
UNLINK = """mutation U($contact: ID!, $records: [RecordRefInput!]!) {
  unlinkContacts(input: {contact: $contact, records: $records}) { judgements { number } }
}"""
UNDO = "mutation U($numbers: [Int!]!) { undoJudgement(input: {numbers: $numbers}) { contacts { id } } }"


async def test_of_people_who_are_joined_both_ids_lead_on_and_come_back_when_it_is_undone(four: Staged) -> None:
    found = await asked(four, "{ contacts(first: 2) { nodes { id } } }")
    a, b = (one["id"] for one in found["contacts"]["nodes"])
    linked = (await asked(four, LINK, a=a, b=b))["linkContacts"]
    (kept,) = {one["id"] for one in linked["contacts"]}
    assert kept in (a, b)
    assert [(await person(four, one))["id"] for one in (a, b)] == [kept, kept]
    undone = await asked(four, UNDO, numbers=[one["number"] for one in linked["judgements"]])
    assert {one["id"] for one in undone["undoJudgement"]["contacts"]} == {a, b}
    assert [(await person(four, one))["id"] for one in (a, b)] == [a, b]


@pytest.mark.parametrize("first", [0, -1], ids=["the part that leaves is read first", "the part that stays is"])
async def test_a_person_who_is_parted_keeps_the_id_for_the_larger_part(four: Staged, first: int) -> None:
    """Although nobody asked for both parts at once: what has parted is known by what was read before."""
    ident = (await people(four))[MARIA]
    records = (await person(four, ident))["records"]
    leaving = {"source": "leadconnector", "id": MARIA.id}
    told = (await asked(four, UNLINK, contact=ident, records=[leaving]))["unlinkContacts"]
    stays = next(_ref(one) for one in records if one["id"] != MARIA.id)
    order = [MARIA, stays] if first == 0 else [stays, MARIA]
    ids = {ref: (await person(four, encode(Kind.CONTACT, ref)))["id"] for ref in order}
    assert ids[stays] == ident != ids[MARIA]
    assert is_kept(ids[MARIA])
    assert [_ref(one) for one in (await person(four, ids[MARIA]))["records"]] == [MARIA]
    await asked(four, UNDO, numbers=[one["number"] for one in told["judgements"]])
    assert (await person(four, ids[MARIA]))["id"] == ident


def desk(*sources: str) -> Caller:
    """A caller who sees some sources only."""
    return Caller("desk", Role("desk", ASKABLE, Sight(frozenset(sources))))


async def test_who_sees_one_source_is_told_the_same_ids(four: Staged) -> None:
    everybody = await people(four)
    for name in SOURCES:
        told = await people(four, caller=desk(name))
        assert {ref.source for ref in told} == {name}
        assert told == {ref: everybody[ref] for ref in told}


async def test_what_is_joined_out_of_sight_is_not_told(four: Staged) -> None:
    """Of two who are one by something hidden, one has the id and the other goes by their record, as without a store."""
    apart = await people(four, caller=desk("orgcrm"))
    one, other = sorted(apart)[:2]
    await four.app.stores.persons.assign([[one, other, MARIA]], SOURCES)
    told = await people(four, caller=desk("orgcrm"))
    assert is_kept(told[one])
    assert told[other] == encode(Kind.CONTACT, other)
    found = await asked(four, "query N($id: ID!) { node(id: $id) { id } }", desk("orgcrm"), id=told[one])
    assert found["node"]["id"] == told[one]


async def test_an_old_id_of_who_was_joined_out_of_sight_leads_to_them_alone(four: Staged) -> None:
    """Not to the other one, of whom a caller who does not see why is told nothing."""
    one, other = sorted(await people(four, caller=desk("orgcrm")))[:2]
    assign = four.app.stores.persons.assign
    old = (await assign([[one], [other]], SOURCES))[other]
    await assign([[one, other, MARIA]], SOURCES)
    question = "query N($id: ID!) { node(id: $id) { ... on Contact { records { source { name } id } } } }"
    found = await asked(four, question, desk("orgcrm"), id=encode_key(Kind.CONTACT, old))
    assert [_ref(record) for record in found["node"]["records"]] == [other]


async def test_who_sees_only_a_part_gives_nobody_an_id(four: Staged) -> None:
    told = await people(four, caller=desk("orgcrm"))
    assert not any(map(is_kept, told.values()))
    assert await born(four) == 0


@pytest.mark.parametrize("database", ["SQLite", "PostgreSQL"])
async def test_workers_that_meet_the_same_people_at_once_tell_the_same_ids(database: str, tmp_path: Path) -> None:
    if database == "SQLite":
        await _meet(f"sqlite:///{tmp_path}/crmgraph.db")
    else:
        async with postgres_database() as url:
            await _meet(url)


async def _meet(url: str) -> None:
    async with staged(stands=True, store=url) as one, staged(stands=True, store=url) as other:
        told = await asyncio.gather(*(people(stage, name) for name in SOURCES for stage in (one, other)))
        for mine, theirs in zip(told[::2], told[1::2], strict=True):
            assert mine == theirs
        whole = await people(one)
        assert all(map(is_kept, whole.values()))
        assert all(whole[ref] == ident for part in told for ref, ident in part.items())
