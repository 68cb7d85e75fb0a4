"""People kept up while records come, change and go are the same as those of a run over everything."""

from collections.abc import Sequence

from bench.identity.data import generated
from hypothesis import given, settings
from hypothesis import strategies as st

from crmgraph.domain.block_index import BlockIndex
from crmgraph.domain.candidates import candidates
from crmgraph.domain.incremental import People
from crmgraph.domain.judgements import Judged
from crmgraph.domain.matching import Matcher
from crmgraph.domain.profiles import Profile, order
from crmgraph.domain.rarity import Shipped
from crmgraph.domain.records import Ref
from crmgraph.domain.resolution import Line, Policy, resolved
from crmgraph.domain.trial import Row, profile

MATCHER = Matcher(Shipped())

ROWS = st.builds(
    Row,
    source=st.sampled_from(["hub", "desk"]),
    record_id=st.sampled_from("123456789"),
    first_name=st.sampled_from(["", "Ada", "Bo", "Bob", "Robert", "A"]),
    last_name=st.sampled_from(["Row", "Rowe", "Stern", ""]),
    email=st.sampled_from(["", "ada@oars.example", "bo.row@oars.example", "b.o.row@oars.example;borow@x.example"]),
    phone=st.sampled_from(["", "+1 415 555 0142", "+1 415 555 0143"]),
    company=st.sampled_from(["", "Oars Ltd", "Stern AG"]),
    city=st.sampled_from(["", "Leeds", "York"]),
)
REFS = st.builds(Ref, st.sampled_from(["hub", "desk"]), st.just("contact"), st.sampled_from("123456789"))
PAIRS = st.lists(st.tuples(REFS, REFS, st.booleans()), max_size=4)
STEPS = st.tuples(st.lists(ROWS, max_size=6), st.frozensets(REFS, max_size=3), st.none() | PAIRS)
POLICIES = st.builds(
    Policy, st.sampled_from(Line), st.sampled_from([frozenset(), frozenset({"hub"})]), st.sampled_from([2, 3, 5, 40])
)


def judged(said: Sequence[tuple[Ref, Ref, bool]]) -> Judged:
    """The last word on each pair of two records."""
    words = {(min(a, b, key=order), max(a, b, key=order)): same for a, b, same in said if a != b}
    return Judged(
        same=frozenset(pair for pair, same in words.items() if same),
        different=frozenset(pair for pair, same in words.items() if not same),
    )


@settings(max_examples=120, deadline=None)
@given(POLICIES, st.lists(STEPS, min_size=1, max_size=6))
def test_after_any_changes_everybody_is_who_a_run_over_everything_says(policy, steps) -> None:  # type: ignore[no-untyped-def]
    people = People(MATCHER, policy)
    known: dict[Ref, Profile] = {}
    standing = Judged()
    for rows, gone, said in steps:
        came = [profile(row) for row in rows]
        standing = standing if said is None else judged(said)
        people.change(came, gone, None if said is None else standing)
        known = {ref: one for ref, one in known.items() if ref not in gone} | {one.ref: one for one in came}
        assert people.whole() == resolved(known.values(), MATCHER, policy, standing)


@settings(max_examples=120, deadline=None)
@given(st.lists(st.tuples(ROWS, st.booleans()), max_size=30), st.sampled_from([2, 3, 5]))
def test_the_index_gives_the_pairs_that_all_records_at_once_give(steps, full: int) -> None:  # type: ignore[no-untyped-def]
    index = BlockIndex(full)
    for row, leaves in steps:
        one = profile(row)
        if one.ref in index.profiles:
            index.remove(one.ref)
        if not leaves:
            index.add(one)
    profiles = list(index.profiles.values())
    found = candidates(profiles, full)
    beside = {frozenset({ref, other}) for ref in index.profiles for other in index.beside(index.profiles[ref])}
    assert beside == {frozenset({profiles[a].ref, profiles[b].ref}) for a, b in found.pairs}
    assert index.skipped() == found.skipped


class Counting(Matcher):
    """A matcher that counts how often it is asked."""

    asked = 0

    def bits(self, a: Profile, b: Profile) -> float:
        self.asked += 1
        return super().bits(a, b)


def test_generated_people_who_come_one_by_one_are_those_of_a_run_over_everything() -> None:
    profiles = [profile(row) for row in generated(600, 3).rows]
    people = People(MATCHER, profiles=profiles[:500])
    people.anew(one.ref for one in profiles[:500])
    for one in profiles[500:]:
        people.change([one])
    assert people.whole() == resolved(profiles, MATCHER)


def test_a_newcomer_costs_a_few_comparisons_however_many_are_known() -> None:
    profiles = [profile(row) for row in generated(3_000, 4).rows]
    matcher = Counting(Shipped())
    people = People(matcher, profiles=profiles[100:])
    people.anew(one.ref for one in profiles[100:])
    matcher.asked = 0
    for one in profiles[:100]:
        people.change([one])
    assert matcher.asked <= 100 * 30


def test_what_changed_nothing_is_not_looked_at() -> None:
    profiles = [profile(row) for row in generated(100, 5).rows]
    matcher = Counting(Shipped())
    people = People(matcher, profiles=profiles)
    people.anew(one.ref for one in profiles)
    matcher.asked = 0
    assert people.change(profiles).clusters == ()
    assert matcher.asked == 0


def test_only_those_who_are_asked_about_are_put_together_and_all_whom_links_reach() -> None:
    rows = [
        Row("hub", "1", "Ada", "Row", "ada@oars.example"),
        Row("desk", "2", "Ada", "Row", "ada@oars.example"),
        Row("desk", "3", "Bo", "Stern", "bo@stern.example"),
    ]
    people = People(MATCHER, profiles=map(profile, rows))
    found = people.anew([Ref("hub", "contact", "1"), Ref("hub", "contact", "no such record")])
    assert [[one.ref.id for one in group] for group in found.clusters] == [["2", "1"]]
