"""Resolution: its guards by example, its laws on random people."""

from datetime import UTC, datetime
from itertools import product
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from crmgraph.domain.judgements import Different, Judged, Judgement, Same, standing
from crmgraph.domain.matching import Matcher
from crmgraph.domain.profiles import Profile, Said, order, profile_from
from crmgraph.domain.rarity import Shipped
from crmgraph.domain.records import Ref
from crmgraph.domain.resolution import Line, Obstacle, Policy, Resolution, resolved

MATCHER = Matcher(Shipped(), 10_000)
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def profile(source: str, ident: str, name: str, *found: str, **said: Any) -> Profile:
    emails = [key for key in found if "@" in key]
    phones = [key for key in found if "@" not in key]
    return profile_from(Ref(source, "contact", ident), Said(full=name, emails=emails, phones=phones, **said), "US")


def clusters(found: Resolution) -> list[str]:
    return ["+".join(one.ref.source + one.ref.id for one in group) for group in found.clusters]


def test_records_are_joined_along_what_they_share() -> None:
    found = resolved(
        [
            profile("a", "1", "Anna Smith", "anna@x.example"),
            profile("b", "1", "Anna Smith", "anna@x.example", "+14155550142"),
            profile("c", "1", "Anna Smith", "+14155550142"),
            profile("c", "2", "Peter Smith", "+14155550142"),
        ],
        MATCHER,
    )
    assert clusters(found) == ["a1+b1+c1", "c2"]
    assert {(one.a.source, one.b.source) for one in found.links} >= {("a", "b"), ("b", "c")}


def test_two_records_of_one_source_are_joined_unless_it_holds_nobody_twice() -> None:
    twice = [profile("a", ident, "Anna Kovács", "anna@x.example", "+14155550142") for ident in "12"]
    assert clusters(resolved(twice, MATCHER)) == ["a1+a2"]
    found = resolved(twice, MATCHER, Policy(duplicate_free=frozenset("a")))
    assert clusters(found) == ["a1", "a2"]
    assert [one.obstacle for one in found.refusals] == [Obstacle.DUPLICATE_FREE]


def test_two_mailboxes_of_one_company_are_two_people_unless_they_have_a_line_in_common() -> None:
    namesakes = [
        profile("a", "1", "Dora Hellwig", "dora.h@loos.example", company="Loos"),
        profile("b", "1", "Dora Hellwig", "dora.h2@loos.example", company="Loos", city="Aue"),
    ]
    found = resolved(namesakes, MATCHER)
    assert clusters(found) == ["a1", "b1"]
    moved = [profile(one.ref.source, "1", "Dora Hellwig", *one.emails, "+493021014795") for one in namesakes]
    assert not any(one.obstacle is Obstacle.COLLEAGUES for one in resolved(moved, MATCHER).refusals)


def test_people_of_one_home_are_not_one() -> None:
    """Neither a couple nor neighbours, nor whoever lived there before, as far as anybody writes to or calls them."""
    home = {"street": "64 Kiln Yard", "city": "Boston", "postal_code": "02108", "country": "US"}
    found = resolved(
        [
            profile("a", "1", "Eva Miller", **home),
            profile("b", "1", "Thomas Miller", **home),
            profile("b", "2", "Yuki Amano", "yuki@x.example", **home),
            profile("c", "1", "Helen Brandt", **{**home, "street": "43 Kiln Yard"}, birth_date="1959-09-30"),
            profile("c", "2", "Yuki Amano", **home),
        ],
        MATCHER,
    )
    assert clusters(found) == ["a1", "b1", "b2+c2", "c1"]


def test_a_register_knows_people_by_their_home_and_day_of_birth() -> None:
    """So another given name may be a clerk's mistake there."""
    home = {"street": "64 Kiln Yard", "city": "Boston", "postal_code": "02108"}
    people = [
        profile("a", "1", "Eva Miller", **home, birth_date="1959-09-30"),
        profile("b", "1", "Thomas Miller", **home, birth_date="1959-09-30"),
    ]
    assert clusters(resolved(people, MATCHER)) == ["a1+b1"]


def test_people_whom_machines_numbered_are_not_one() -> None:
    numbered = [profile("a", str(n), f"Test Contact {n}", f"test-{n}@loos.example") for n in range(5)]
    assert len(resolved(numbered, MATCHER).clusters) == 5


def test_a_source_that_holds_nobody_twice_is_in_a_person_once_by_its_better_match() -> None:
    found = resolved(
        [
            profile("a", "1", "Anna Kovács", "anna@x.example", "+14155550142"),
            profile("b", "1", "Anna Kovács", "+14155550142"),
            profile("b", "2", "Anna Kovács", "anna@x.example", "+14155550142"),
        ],
        MATCHER,
        Policy(duplicate_free=frozenset("b")),
    )
    assert clusters(found) == ["a1+b2", "b1"]


def test_a_nameless_record_does_not_chain_two_people() -> None:
    found = resolved(
        [
            profile("a", "1", "Anna Kovács", "us@gmail.com"),
            profile("b", "1", "", "us@gmail.com", "me@gmail.com"),
            profile("c", "1", "Peter Lindqvist", "me@gmail.com"),
        ],
        MATCHER,
    )
    assert sorted(len(group) for group in found.clusters) == [1, 2]
    assert [one.obstacle for one in found.refusals] == [Obstacle.STRANGERS]
    assert all(one.reason.endswith(".") for one in Obstacle)


def test_what_is_only_likely_is_joined_on_the_balanced_line_and_offered_on_the_safe_one() -> None:
    two = [profile(source, "1", "", "anna@gmail.com") for source in "ab"]
    assert clusters(resolved(two, MATCHER, Policy(Line.BALANCED))) == ["a1+b1"]
    found = resolved(two, MATCHER, Policy(Line.SAFE))
    assert clusters(found) == ["a1", "b1"]
    assert [(one.a.source, one.b.source) for one in found.suggestions] == [("a", "b")]


def test_two_thousand_records_of_one_switchboard_are_not_compared_pair_by_pair() -> None:
    crowd = [profile("ab"[at % 2], str(at), "", "+14155550142") for at in range(2000)]
    found = resolved(crowd, MATCHER)
    assert len(found.clusters) == 2000
    assert found.skipped


_NAMES = ["Anna Kovács", "Anna", "A. Kovács", "", "Anna Smith", "Peter Kovács", "Kovács, Anna", "Thorvald Quimbleton"]
_KEYS = ["u@x.example", "v@gmail.com", "w@x.example", "+14155550142", "+14155550143"]
_TOWNS = ["", "Boston", "Paris"]


def _people(prefix: str = "") -> st.SearchStrategy[list[Profile]]:
    """People; those of one prefix share no name and no key with those of another."""
    one = st.tuples(
        st.sampled_from("abcd"),
        st.sampled_from(_NAMES),
        st.lists(st.sampled_from(_KEYS), unique=True),
        st.sampled_from(_TOWNS),
    )
    return st.lists(one, max_size=9).map(
        lambda rows: [
            profile(source, f"{prefix}{at}", _apart(name, prefix), *(_apart(key, prefix) for key in found), city=town)
            for at, (source, name, found, town) in enumerate(rows)
        ]
    )


def _apart(text: str, prefix: str) -> str:
    if not prefix or not text:
        return text
    if "@" in text:
        return text.replace("@", f"{prefix}@").replace(".", f"{prefix}.", 1)
    return f"+49301234{text[-4:]}" if text.startswith("+") else "Zbigniew Xochitl"


@given(_people(), st.randoms())
def test_the_order_of_the_records_does_not_matter(people: list[Profile], random: Random) -> None:
    shuffled = list(people)
    random.shuffle(shuffled)
    assert resolved(people, MATCHER) == resolved(shuffled, MATCHER)


@given(_people(), _people("q"))
def test_unrelated_people_do_not_change_who_is_who(some: list[Profile], others: list[Profile]) -> None:
    together = resolved(some + others, MATCHER).clusters
    apart = resolved(some, MATCHER).clusters + resolved(others, MATCHER).clusters
    assert sorted(map(str, together)) == sorted(map(str, apart))


@given(_people(), st.sampled_from(Line), st.sets(st.sampled_from("abcd")))
def test_every_record_is_in_one_cluster_that_keeps_the_guards(
    people: list[Profile], line: Line, duplicate_free: set[str]
) -> None:
    found = resolved(people, MATCHER, Policy(line, frozenset(duplicate_free)))
    assert sorted(one.ref for group in found.clusters for one in group) == sorted(one.ref for one in people)
    for group in found.clusters:
        held = [one.ref.source for one in group if one.ref.source in duplicate_free]
        assert len(set(held)) == len(held)
    together = {one.ref: at for at, group in enumerate(found.clusters) for one in group}
    assert all(one.bits >= line.least and together[one.a] == together[one.b] for one in found.links)
    assert all(one.bits < line.least and together[one.a] != together[one.b] for one in found.suggestions)


@given(_people(), st.data())
def test_what_people_judged_holds_whatever_the_records_say(people: list[Profile], data: st.DataObject) -> None:
    judged = _standing(people, data)
    found = resolved(people, MATCHER, Policy(duplicate_free=frozenset("ab")), judged)
    together = {one.ref: at for at, group in enumerate(found.clusters) for one in group}
    assert all(together[a] == together[b] for a, b in judged.same)
    assert all(together[a] != together[b] for a, b in judged.different)


def _standing(people: list[Profile], data: st.DataObject) -> Judged:
    """What stands after some sayings about these people."""
    pairs = [(a.ref, b.ref) for a, b in product(people, people) if order(a.ref) < order(b.ref)]
    if not pairs:
        return Judged()
    said = data.draw(st.lists(st.tuples(st.sampled_from((Same, Different)), st.sampled_from(pairs)), max_size=6))
    return standing(
        Judgement(number, word(*pair), pair, "anna", NOON) for number, (word, pair) in enumerate(said, start=1)
    )
