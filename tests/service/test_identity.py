"""Putting people together: how far keys are followed, and what is told when they are not."""

from collections.abc import Sequence

from tests.service.given import BEGAN, Office, TinyCrm, at, definition

from crmgraph.domain.judgements import Judged
from crmgraph.domain.profiles import profile_of
from crmgraph.domain.records import Record, Ref
from crmgraph.domain.resolution import Line
from crmgraph.service import identity as module
from crmgraph.service.identity import IdentityRules, Person
from crmgraph.service.ports import StoreUnavailable
from crmgraph.service.session import Session
from crmgraph.service.sparing import PAUSE

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


def learn_whole(office: Office, *records: Record) -> None:
    """The index knows the records' sources, and these are all that they hold."""
    office.index.learn(profile_of(one, "US") for one in records)
    for source in {one.ref.source for one in records}:
        office.index.completed(source, BEGAN, {one.ref for one in records if one.ref.source == source})


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
    seeds = [put(a, given, "all@x.example", given=given, family="") for given in ("Anna", "Boris", "Carla")]
    put(b, "Anna", "all@x.example", family="")
    found, session = await persons(office, seeds)
    assert [names(one) for one in found] == [["aAnna"], ["aBoris"], ["aCarla"]]
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


async def test_the_records_of_the_only_source_are_put_together_without_a_call() -> None:
    office = Office([crm("a")])
    seeds = [put(office.crms[0], ident, "one@x.example") for ident in ("1", "2")]
    found, session = await persons(office, seeds)
    assert ([names(one) for one in found], session.identity_partial) == ([["a1", "a2"]], True)
    assert office.crms[0].calls == []


async def test_the_only_source_is_read_for_those_whom_the_index_knows_to_be_the_same() -> None:
    office = Office([crm("a")])
    one, other = (put(office.crms[0], ident, "one@x.example") for ident in ("1", "2"))
    learn_whole(office, other)
    found, session = await persons(office, [one])
    assert ([names(one) for one in found], session.identity_partial) == ([["a1", "a2"]], False)
    assert [call.path for call in office.crms[0].calls] == ["/contacts/2"]


async def test_a_source_that_holds_nobody_twice_is_taken_at_its_word() -> None:
    office = Office([crm("a")], rules=IdentityRules(duplicate_free=frozenset("a")))
    seeds = [put(office.crms[0], ident, "one@x.example") for ident in ("1", "2")]
    found, session = await persons(office, seeds)
    assert ([names(one) for one in found], session.identity_partial) == ([["a1"], ["a2"]], False)
    assert office.crms[0].calls == []


async def test_of_two_matches_in_a_source_that_holds_nobody_twice_the_better_is_joined() -> None:
    office = Office([crm("a"), crm("b")], rules=IdentityRules(duplicate_free=frozenset("b")))
    a, b = office.crms
    seed = put(a, "1", "one@x.example", "two@x.example")
    put(b, "1", "one@x.example", family="")
    put(b, "2", "two@x.example")
    found, _ = await persons(office, [seed])
    assert [names(one) for one in found] == [["a1", "b2"]]


async def test_somebody_without_a_shared_key_is_found_by_the_index_and_read_live() -> None:
    office = Office([crm("a"), crm("b")])
    a, b = office.crms
    rare = {"given": "Thorvald", "family": "Quimbleton"}
    seed, other = put(a, "1", "one@x.example", **rare), put(b, "1", "two@y.example", **rare)
    stranger = put(b, "2", "three@y.example", given="Carla")
    learn_whole(office, other, stranger)
    found, session = await persons(office, [seed])
    assert ([names(one) for one in found], session.identity_partial) == ([["a1", "b1"]], False)
    assert [one.ref.source for one in found[0].records] == ["a", "b"]
    assert "/contacts/2" not in [call.path for call in b.calls]


async def test_the_line_says_how_sure_a_join_must_be() -> None:
    for line, joined in ((Line.BALANCED, [["a1", "b1"]]), (Line.SAFE, [["a1"]])):
        office = Office([crm("a"), crm("b")], rules=IdentityRules(line=line))
        seed = put(office.crms[0], "1", "one@gmail.com", given="", family="")
        put(office.crms[1], "1", "one@gmail.com", given="", family="")
        found, _ = await persons(office, [seed])
        assert [names(one) for one in found] == joined


async def test_whom_people_judged_to_be_one_is_read_and_joined_and_whom_they_told_apart_is_not() -> None:
    one, other, twin = (Ref(source, "contact", "1") for source in "abc")
    judged = Judged(same=frozenset([(one, other)]), different=frozenset([(one, twin)]))

    async def judging() -> Judged:
        return judged

    office = Office([crm("a"), crm("b"), crm("c")], judging=judging)
    seed = put(office.crms[0], "1", "one@x.example")
    put(office.crms[1], "1", "other@y.example", given="Carla", family="Nobody")
    put(office.crms[2], "1", "one@x.example")
    found, session = await persons(office, [seed])
    assert ([names(one) for one in found], session.identity_partial) == ([["a1", "b1"]], False)


async def test_a_store_that_fails_is_asked_again_later_and_the_answer_says_that_it_is_partial() -> None:
    asked = 0

    async def failing() -> Judged:
        nonlocal asked
        asked += 1
        raise StoreUnavailable("The store does not answer.")

    office = Office([crm("a"), crm("b")], judging=failing)
    seed = put(office.crms[0], "1", "one@x.example")
    for _ in range(2):
        found, session = await persons(office, [seed])
        assert ([names(one) for one in found], session.identity_partial, asked) == ([["a1"]], True, 1)
    office.clock.time += PAUSE
    await persons(office, [seed])
    assert asked == 2


async def test_it_can_be_told_why_two_records_were_kept_apart() -> None:
    office = Office([crm("a"), crm("b")], rules=IdentityRules(line=Line.SAFE))
    seed = put(office.crms[0], "1", "one@gmail.com", given="", family="")
    other = put(office.crms[1], "1", "one@gmail.com", given="", family="")
    session = office.session()
    identity = office.identity(session)
    await identity.persons([seed], FIELDS)
    assert "same e-mail" in identity.why(seed.ref, other.ref)
    await session.close()
