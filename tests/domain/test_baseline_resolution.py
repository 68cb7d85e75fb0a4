"""Resolution: its guards by example, its laws on random people."""

from collections import Counter, defaultdict
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from crmgraph.domain.baseline_matching import Verdict
from crmgraph.domain.baseline_resolution import resolve, resolved
from crmgraph.domain.names import Level, agreement, person_name
from crmgraph.domain.profiles import Profile, keys
from crmgraph.domain.records import Ref

LIMIT = 3


def profile(source: str, id: str, name: str, *found: str) -> Profile:
    emails = tuple(key for key in found if "@" in key)
    phones = tuple(key for key in found if "@" not in key)
    return Profile(Ref(source, "contact", id), person_name(None, None, name), emails, phones)


def nobody_else(key: str) -> int:
    return 0


def clusters(*profiles: Profile) -> list[str]:
    return ["+".join(p.ref.source + p.ref.id for p in group) for group in resolve(profiles, nobody_else, LIMIT)]


def test_records_are_joined_along_shared_keys() -> None:
    assert clusters(
        profile("a", "1", "Anna Kovács", "anna@x.example"),
        profile("b", "1", "Anna Kovács", "anna@x.example", "+14155550142"),
        profile("c", "1", "A. Kovács", "+14155550142"),
        profile("c", "2", "Peter Kovács", "+14155550142"),
    ) == ["a1+b1+c1", "c2"]


def test_a_source_is_in_a_person_once_and_the_better_match_comes_first() -> None:
    found = resolved(
        [
            profile("a", "1", "Anna Kovács", "anna@x.example", "+14155550142"),
            profile("b", "1", "Anna Kovács", "+14155550142"),
            profile("b", "2", "Anna Kovács", "anna@x.example"),
        ],
        nobody_else,
        LIMIT,
    )
    assert [len(group) for group in found.clusters] == [2, 1]
    assert [p.ref.id for p in found.clusters[0]] == ["1", "2"]
    refused = [judged.judgement.rule for judged in found.judgements if judged.judgement.verdict is Verdict.NO]
    assert refused == ["one_record_per_source"]


def test_a_nameless_record_does_not_bridge_two_people() -> None:
    found = resolved(
        [
            profile("a", "1", "Anna Kovács", "us@x.example"),
            profile("b", "1", "", "us@x.example", "me@x.example"),
            profile("c", "1", "Peter Kovács", "me@x.example"),
        ],
        nobody_else,
        LIMIT,
    )
    assert [len(group) for group in found.clusters] == [2, 1]
    assert "names_disagree_across" in {judged.judgement.rule for judged in found.judgements}


def test_a_key_seen_on_too_many_records_of_one_source_joins_nobody_even_before_the_index_knows() -> None:
    crowd = [profile("a", str(i), "Anna Kovács", "anna@x.example") for i in range(LIMIT + 1)]
    found = resolve([*crowd, profile("b", "1", "Anna Kovács", "anna@x.example")], nobody_else, LIMIT)
    assert all(len(group) == 1 for group in found)


def test_two_thousand_records_that_share_one_switchboard_are_not_compared_pair_by_pair() -> None:
    crowd = [profile("ab"[i % 2], str(i), "Anna Kovács", "+14155550142") for i in range(2000)]
    assert resolved(crowd, nobody_else, LIMIT).judgements == ()


_NAMES = ["Anna Kovács", "Anna", "A. Kovács", "", "Anna Smith", "Peter Kovács", "Kovács, Anna", "Pete Kovács"]
_KEYS = ["u@x.example", "v@x.example", "w@x.example", "+14155550142", "+14155550143"]


def _people(prefix: str) -> st.SearchStrategy[list[Profile]]:
    one = st.tuples(st.sampled_from("abcd"), st.sampled_from(_NAMES), st.lists(st.sampled_from(_KEYS), unique=True))
    return st.lists(one, max_size=9).map(
        lambda rows: [
            profile(source, f"{prefix}{i}", name, *(key.replace("u@", f"{prefix}@") + prefix for key in found))
            for i, (source, name, found) in enumerate(rows)
        ]
    )


def _index(profiles: list[Profile]) -> Counter[str]:
    sources: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for one in profiles:
        for key in keys(one):
            sources[key][one.ref.source] += 1
    return Counter({key: max(held.values()) for key, held in sources.items()})


@given(_people("k"), st.randoms())
def test_the_order_of_the_records_does_not_matter(people: list[Profile], random: Random) -> None:
    shuffled = list(people)
    random.shuffle(shuffled)
    index = _index(people)
    assert resolved(people, index.__getitem__, 2) == resolved(shuffled, index.__getitem__, 2)


@given(_people("k"), _people("m"))
def test_unrelated_people_do_not_change_who_is_who(some: list[Profile], others: list[Profile]) -> None:
    index = _index(some + others)
    together = resolve(some + others, index.__getitem__, 2)
    apart = resolve(some, index.__getitem__, 2) + resolve(others, index.__getitem__, 2)
    assert set(together) == set(apart)
    assert len(together) == len(apart)


@given(_people("k"))
def test_every_record_is_in_one_cluster_that_keeps_the_guards(people: list[Profile]) -> None:
    found = resolve(people, _index(people).__getitem__, 2)
    assert sorted(p.ref for group in found for p in group) == sorted(p.ref for p in people)
    for group in found:
        assert len({p.ref.source for p in group}) == len(group)
        assert all(agreement(a.name, b.name).level > Level.DIFFERENT for a in group for b in group)
