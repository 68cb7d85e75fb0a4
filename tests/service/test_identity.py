"""Putting people together: how far keys are followed, and what is told when they are not."""

from collections.abc import Sequence

from tests.service.given import BEGAN, Office, TinyCrm, at, definition

from crmgraph.domain.profiles import profile_of
from crmgraph.domain.records import Record, Ref
from crmgraph.service import identity as module
from crmgraph.service.identity import IdentityRules, Person
from crmgraph.service.session import Session

FIELDS = frozenset({"emails"})


def crm(name: str, find: str = "batched") -> TinyCrm:
    return TinyCrm(name, definition("page", "createdAt asc", find))


def put(where: TinyCrm, ident: str, *emails: str, given: str = "Anna", family: str = "Kovacs") -> Record:
    moment = at(-1)
    where.put(ident, given=given, family=family, emails=list(emails), created=moment, updated=moment, at=1, job="Baker")
    return record(where, ident)


def record(where: TinyCrm, ident: str) -> Record:
    return where.definition.resources["contact"].record(where.rows[ident], where.name, {}, BEGAN)


async def persons(office: Office, seeds: Sequence[Record], thorough: bool = False) -> tuple[list[Person], Session]:
    session = office.session()
    try:
        return await office.identity(session).persons(seeds, FIELDS, thorough), session
    finally:
        await session.close()


def names(person: Person) -> list[str]:
    return [f"{ref.source}{ref.id}" for ref in person.refs]


async def test_keys_are_followed_through_sources_that_were_not_asked() -> None:
    office = Office([crm("a"), crm("b"), crm("c")])
    a, b, c = office.crms
    seed = put(a, "1", "one@x.example")
    put(c, "1", "one@x.example", "two@x.example")
    put(b, "1", "two@x.example")
    found, session = await persons(office, [seed])
    assert [names(one) for one in found] == [["a1", "b1", "c1"]]
    assert (found[0].complete, session.identity_partial) == (True, False)


async def test_a_chain_longer_than_the_rounds_is_told_of_that_person_alone() -> None:
    sources = [crm(name) for name in "abcdef"]
    office = Office(sources)
    chained = [put(one, "1", f"k{at}@x.example", f"k{at + 1}@x.example") for at, one in enumerate(sources)]
    alone = put(sources[0], "2", "solo@x.example", given="Boris", family="Lindqvist")
    found, session = await persons(office, [chained[0], alone])
    assert [one.complete for one in found] == [False, True]
    assert session.identity_partial


async def test_a_source_without_a_look_up_leaves_it_partial_until_the_index_knows_it() -> None:
    office = Office([crm("a"), crm("b", "none")])
    a, b = office.crms
    seed, other = put(a, "1", "one@x.example"), put(b, "1", "one@x.example")
    found, session = await persons(office, [seed])
    assert (names(found[0]), session.identity_partial) == (["a1"], True)
    office.index.learn([profile_of(other, "US")])
    office.index.completed("b", BEGAN, {other.ref})
    found, session = await persons(office, [seed])
    assert (names(found[0]), session.identity_partial) == (["a1", "b1"], False)
    assert [one.ref.source for one in found[0].records] == ["a", "b"], "Members of the index are read live."


async def test_a_member_that_is_gone_is_forgotten_and_one_that_fails_leaves_it_partial() -> None:
    office = Office([crm("a"), crm("b", "none")])
    a, b = office.crms
    seed, other = put(a, "1", "one@x.example"), put(b, "1", "one@x.example")
    office.index.learn([profile_of(other, "US")])
    office.index.completed("b", BEGAN, {other.ref})
    b.hiccups = 1
    found, session = await persons(office, [seed])
    assert (names(found[0]), found[0].complete, len(found[0].records)) == (["a1", "b1"], False, 1)
    assert session.identity_partial
    del b.rows["1"]
    found, _ = await persons(office, [seed])
    assert (names(found[0]), found[0].complete) == (["a1"], True)
    assert office.index.known(Ref("b", "contact", "1")) is None


async def test_a_crowded_key_is_not_followed() -> None:
    office = Office([crm("a"), crm("b")], rules=IdentityRules(max_shared=2))
    a, b = office.crms
    seeds = [put(a, str(number), "all@x.example", given="Anna") for number in range(3)]
    put(b, "1", "all@x.example")
    found, session = await persons(office, seeds)
    assert [names(one) for one in found] == [["a0"], ["a1"], ["a2"]]
    assert (len(b.calls), session.identity_partial) == (0, False)


async def test_more_keys_than_a_round_takes_leave_it_partial() -> None:
    office = Office([crm("a"), crm("b")])
    many = [f"k{number:03d}@x.example" for number in range(module.ROUND_KEYS + 1)]
    found, _ = await persons(office, [put(office.crms[0], "1", *many)])
    assert not found[0].complete


async def test_only_a_thorough_look_asks_key_by_key_and_only_for_a_few() -> None:
    office = Office([crm("a"), crm("b", "single")])
    seed = put(office.crms[0], "1", *(f"k{number}@x.example" for number in range(module.SINGLE_KEYS + 2)))
    put(office.crms[1], "1", "k0@x.example")
    found, _ = await persons(office, [seed])
    assert (names(found[0]), len(office.crms[1].calls)) == (["a1"], 0)
    found, session = await persons(office, [seed], thorough=True)
    assert (names(found[0]), len(office.crms[1].calls)) == (["a1", "b1"], module.SINGLE_KEYS)
    assert session.identity_partial


async def test_a_thorough_look_asks_key_by_key_though_the_index_knows_the_source() -> None:
    office = Office([crm("a"), crm("b", "single")])
    seed = put(office.crms[0], "1", *(f"k{number}@x.example" for number in range(module.SINGLE_KEYS + 2)))
    office.index.completed("b", BEGAN, set())
    put(office.crms[1], "1", "k0@x.example")
    found, session = await persons(office, [seed])
    assert (names(found[0]), len(office.crms[1].calls), session.identity_partial) == (["a1"], 0, False)
    found, session = await persons(office, [seed], thorough=True)
    assert (names(found[0]), len(office.crms[1].calls)) == (["a1", "b1"], module.SINGLE_KEYS)
    assert (found[0].complete, session.identity_partial) == (True, False), "The index answers for the other keys."


async def test_the_only_source_answers_for_its_own_duplicates_without_a_call() -> None:
    office = Office([crm("a", "none")])
    seeds = [put(office.crms[0], ident, "one@x.example") for ident in ("1", "2")]
    found, session = await persons(office, seeds)
    assert ([names(one) for one in found], session.identity_partial) == ([["a1"], ["a2"]], False)
    assert office.crms[0].calls == []
