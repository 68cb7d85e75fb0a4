"""The key index says what a brute-force look through the last profile of every record would say."""

from collections import Counter
from datetime import UTC, datetime

from bench.identity.data import generated
from hypothesis import given
from hypothesis import strategies as st

from crmgraph.domain.candidates import FULL, alike, blocks, candidates, is_loose
from crmgraph.domain.names import person_name
from crmgraph.domain.profiles import Profile, counted, keys
from crmgraph.domain.records import Ref
from crmgraph.domain.trial import profile
from crmgraph.service.index import LEFT_OUT, MemoryIndex

NOW = datetime(2026, 1, 1, tzinfo=UTC)
REFS = st.builds(Ref, st.sampled_from("ab"), st.just("contact"), st.sampled_from("123"))
PROFILES = st.builds(
    Profile,
    REFS,
    st.sampled_from(["Anna", "Boris"]).map(lambda given: person_name(given, "Kovacs", None)),
    st.lists(st.sampled_from(["x@x.example", "y@y.example"]), unique=True).map(tuple),
    st.lists(st.sampled_from(["+14155550101"]), unique=True).map(tuple),
)
STEPS = st.lists(
    st.tuples(st.just("learn"), PROFILES)
    | st.tuples(st.just("forget"), REFS)
    | st.tuples(st.just("begin"), st.none())
    | st.tuples(st.just("complete"), st.sets(REFS)),
    max_size=15,
)


@given(STEPS)
def test_holders_are_those_of_the_last_profiles(steps: list[tuple[str, object]]) -> None:
    index, model, complete = MemoryIndex(), dict[Ref, Profile](), set[str]()
    doubtful = set[Ref]()
    for _, value in steps:
        if isinstance(value, Profile):
            index.learn([value])
            model[value.ref] = value
            doubtful.discard(value.ref)
        elif isinstance(value, Ref):
            index.forget(value)
            model.pop(value, None)
        elif isinstance(value, set):
            index.completed("a", NOW, value)
            complete.add("a")
            model = {ref: one for ref, one in model.items() if ref not in doubtful or ref in value}
            doubtful = set()
        else:
            index.begins("a")
            doubtful = {ref for ref in model if ref.source == "a"}
    for key in ("email:x@x.example", "email:y@y.example", "phone:+14155550101"):
        holders = [one for one in model.values() if key in keys(one)]
        assert {one.ref: one for one in index.holders(key)} == {one.ref: one for one in holders}
        assert index.shared(key) == max(Counter(one.ref.source for one in holders).values(), default=0)
    for source in "ab":
        assert index.size(source) == sum(1 for ref in model if ref.source == source)
        assert (index.complete_since(source) is not None) == (source in complete)
    assert all(index.known(ref) == one for ref, one in model.items())
    for one in model.values():
        assert {other.ref for other in index.alike(one)} == {ref for ref, other in model.items() if _beside(one, other)}
    told = Counter(pair for one in model.values() for pair in counted(one) if pair[1])
    held = {(kind, value): count for kind, values in index.counts().items() for value, count in values.items()}
    assert (held, index.people()) == (told, len(model) if complete else 0)


def _beside(one: Profile, other: Profile) -> bool:
    """Whether two records share a block that tells of both, of those that few share."""
    shared = {block for block in blocks(one) if not block.startswith(LEFT_OUT)}.intersection(blocks(other))
    return one.ref != other.ref and any(alike(one, other) or not is_loose(block) for block in shared)


def test_what_narrows_an_over_full_block_tells_who_is_alike() -> None:
    index = MemoryIndex()
    towns = ("Leeds", "York", "Ely")
    crowd = [
        Profile(Ref("a", "contact", f"{town}{at}"), person_name("Anna", "Kovacs", None), city=town.lower())
        for town in towns
        for at in range(FULL // 2)
    ]
    index.learn(crowd)
    assert {one.city for one in index.alike(crowd[0])} == {"leeds"}
    assert len(index.alike(crowd[0])) == FULL // 2 - 1


def test_a_block_that_is_over_full_tells_nobody() -> None:
    index = MemoryIndex()
    crowd = [Profile(Ref("a", "contact", str(at)), person_name("Anna", "Kovacs", None)) for at in range(FULL + 1)]
    index.learn(crowd[:FULL])
    assert len(index.alike(crowd[0])) == FULL - 1
    index.learn(crowd)
    assert index.alike(crowd[0]) == []


def test_whoever_is_compared_in_a_run_over_everybody_is_found_live_too() -> None:
    """Else a person would be another one in an answer than in the map of ids."""
    everyone = [profile(row) for row in generated(1_500, 5).rows]
    index = MemoryIndex()
    index.learn(everyone)
    found = {(one.ref, other.ref) for one in everyone for other in index.alike(one)}
    found |= {(one.ref, other.ref) for one in everyone for key in keys(one) for other in index.holders(key)}
    pairs = [(everyone[a], everyone[b]) for a, b in candidates(everyone).pairs]
    assert [(a.name, b.name) for a, b in pairs if (a.ref, b.ref) not in found or (b.ref, a.ref) not in found] == []
