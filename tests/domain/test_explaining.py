"""Why records are one person, and why others are not."""

from hypothesis import given
from hypothesis import strategies as st

from crmgraph.domain.explaining import Verdict, between, path, tree, weakest
from crmgraph.domain.judgements import Judged
from crmgraph.domain.matching import Match, Matcher
from crmgraph.domain.profiles import Profile, Said, profile_from
from crmgraph.domain.rarity import Shipped
from crmgraph.domain.records import Ref
from crmgraph.domain.resolution import Line, Link, Policy, resolved

MATCHER = Matcher(Shipped())


def ref(name: str) -> Ref:
    return Ref("crm", "contact", name)


def link(a: str, b: str, bits: float) -> Link:
    return Link(ref(a), ref(b), bits)


def person(name: str, given: str, family: str = "Kovacs", email: str = "", source: str = "crm") -> Profile:
    said = Said(given=given, family=family, emails=[email] if email else [])
    return profile_from(Ref(source, "contact", name), said, "US")


AB, BC, AC = link("a", "b", 9.0), link("b", "c", 5.0), link("a", "c", 1.0)


def test_a_person_is_held_by_the_surest_links_that_connect_their_records() -> None:
    assert tree([ref("a"), ref("b"), ref("c")], [AC, BC, AB]) == (AB, BC)


def test_the_weakest_bridge_is_the_link_that_would_go_first() -> None:
    assert weakest((AB, BC)) == BC


def test_a_person_of_one_record_has_no_bridge() -> None:
    assert weakest(tree([ref("a")], [])) is None


def test_a_link_to_somebody_else_holds_nobody() -> None:
    assert tree([ref("a"), ref("b")], [AB, BC]) == (AB,)


def test_the_path_leads_from_link_to_link() -> None:
    assert path((AB, BC), ref("c"), ref("a")) == (BC, AB)


def test_nothing_leads_to_a_record_that_no_link_connects() -> None:
    assert path((AB,), ref("c"), ref("a")) == ()


pairs = st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(lambda one: one[0] < one[1])
graphs = st.dictionaries(pairs, st.integers(-5, 20), max_size=20)


@given(graphs)
def test_no_other_set_of_links_has_a_surer_weakest_link_on_the_way(graph: dict[tuple[int, int], int]) -> None:
    """On the tree's way from one record to another the weakest link is as sure as on any way there is."""
    links = [link(str(a), str(b), float(bits)) for (a, b), bits in graph.items()]
    members = [ref(str(n)) for n in range(8)]
    held = tree(members, links)
    for one in links:
        way = path(held, one.a, one.b)
        assert way
        assert min(each.bits for each in way) >= one.bits


def told(ours: Profile, theirs: Profile, policy: Policy = Policy(), judged: Judged = Judged()) -> Verdict:
    resolution = resolved([ours, theirs], MATCHER, policy, judged)
    return between([ours], [theirs], resolution.refusals, MATCHER.match, policy.line, judged.different).verdict


def test_records_that_somebody_parted_are_apart_for_that_reason() -> None:
    a, b = person("a", "Anna", email="anna@kovacs.example"), person("b", "Anna", email="anna@kovacs.example")
    assert told(a, b, judged=Judged(different=frozenset({(a.ref, b.ref)}))) is Verdict.JUDGED


def test_two_records_of_a_source_that_holds_nobody_twice_are_apart_for_that_reason() -> None:
    a, b = person("a", "Anna", email="anna@kovacs.example"), person("b", "Anna", email="anna@kovacs.example")
    assert told(a, b, Policy(duplicate_free=frozenset({"crm"}))) is Verdict.DUPLICATE_FREE


def test_people_whose_evidence_does_not_reach_the_line_are_apart_for_that_reason() -> None:
    a, b = person("a", "Anna"), person("b", "Anna")
    found = between([a], [b], (), lambda x, y: Match(2.0, ()), Line.SAFE)
    assert found.verdict is Verdict.BELOW_THE_LINE


def test_people_with_nothing_in_common_are_too_unlike() -> None:
    assert told(person("a", "Anna"), person("b", "Bruno", "Okafor")) is Verdict.UNLIKE


def test_what_two_people_match_by_is_their_most_alike_records() -> None:
    ours = [person("a", "Anna", email="anna@kovacs.example"), person("b", "Anna", email="ak@private.example")]
    theirs = [person("c", "Anna", email="ak@private.example")]
    resolution = resolved([*ours, *theirs], MATCHER)
    found = between(ours, theirs, resolution.refusals, MATCHER.match, Line.BALANCED)
    assert (found.a, found.b) == (ref("b"), ref("c"))


def test_every_verdict_has_its_sentence() -> None:
    assert all(one.reason.endswith(".") for one in Verdict)
