"""Ids that stay: over runs, over merges and splits and back, and while sources are away."""

from collections.abc import Callable, Iterable, Sequence
from itertools import count, islice, pairwise

from hypothesis import given
from hypothesis import strategies as st

from crmgraph.domain.assigning import NO_CHANGE, Assignment, Known, PersonId, after, assigned
from crmgraph.domain.records import Ref

SOURCES = ("org", "sales", "support")
A, B, C, D, E = (Ref("sales", "contact", f"c{number}") for number in range(1, 6))
ORG = Ref("org", "contact", "o1")


def drawing(numbers: Iterable[int] | None = None) -> Callable[[], PersonId]:
    """Ids as they are counted, beginning with p1."""
    counted = iter(count(1) if numbers is None else numbers)
    return lambda: PersonId(f"p{next(counted)}")


class House:
    """What is known, changed by one assignment after the other."""

    def __init__(self) -> None:
        self.known = Known()
        self.new = drawing()
        self.ever: set[PersonId] = set()

    def put(self, *clusters: Sequence[Ref], read: Sequence[str] = SOURCES) -> Assignment:
        change = assigned(self.known, clusters, read, self.new)
        assert self.ever.isdisjoint(change.born)
        self.ever.update(change.born)
        self.known = after(self.known, change)
        return change

    def of(self, *refs: Ref) -> list[PersonId]:
        return [self.known.members[ref] for ref in refs]


def test_everybody_new_gets_an_id_in_the_order_of_records() -> None:
    house = House()
    assert house.put((C,), (B, A)).born == ("p1", "p2")
    assert house.of(A, B, C) == ["p1", "p1", "p2"]


def test_who_is_put_together_keeps_the_id_of_the_greater_part_and_the_other_redirects() -> None:
    house = House()
    house.put((A,), (B, C))
    change = house.put((A, B, C))
    assert house.of(A, B, C) == ["p2", "p2", "p2"]
    assert (change.aliases, change.former, change.born) == ({"p1": "p2"}, {"p1": {A}}, ())


def test_of_equal_parts_the_older_id_stays() -> None:
    house = House()
    house.put((B,))
    house.put((A,))
    house.put((A, B))
    assert (house.of(A, B), house.known.aliases) == (["p1", "p1"], {"p2": "p1"})


def test_ids_that_redirect_to_one_that_redirects_now_follow_it() -> None:
    house = House()
    house.put((A,), (B,), (C, D, E))
    house.put((A, B), (C, D, E))
    house.put((A, B, C, D, E))
    assert house.known.aliases == {"p1": "p3", "p2": "p3"}


def test_a_split_leaves_the_id_with_the_greater_part_and_tells_what_came_off() -> None:
    house = House()
    house.put((A, B, C))
    change = house.put((A,), (B, C))
    assert house.of(A, B, C) == ["p2", "p1", "p1"]
    assert change.splits == {"p2": "p1"}


def test_a_link_that_is_undone_gives_everybody_the_id_they_had() -> None:
    """Whichever of them comes first, and whoever was joined since."""
    house = House()
    house.put((B,))
    house.put((A,), (C,))
    before = house.known
    house.put((A, B), (C,))
    house.put((A, B, C))
    house.put((A, C), (B,))
    assert house.of(A, B, C) == ["p3", "p1", "p3"]
    house.put((A,), (B,), (C,))
    assert house.known == before


def test_a_split_that_is_undone_gives_the_id_back() -> None:
    house = House()
    house.put((A, B))
    house.put((A,), (B,))
    house.put((A, B))
    assert (house.of(A, B), house.known.aliases) == (["p1", "p1"], {"p2": "p1"})


def test_a_source_that_is_down_keeps_its_records_and_those_of_everybody_with_them() -> None:
    house = House()
    house.put((A, B, ORG), (C,))
    read = ("sales", "support")
    assert house.put((A,), (B,), (C,), read=read) == NO_CHANGE
    assert house.put((A, C), (B,), read=read) == NO_CHANGE
    assert house.put((A,), (B,), (C,)).splits == {"p3": "p1"}


def test_a_new_record_joins_a_person_who_was_not_read_whole() -> None:
    house = House()
    house.put((A, ORG))
    assert house.put((A, B), read=("sales",)) == Assignment(members={B: PersonId("p1")})


def test_a_record_that_is_gone_follows_whom_it_belonged_to() -> None:
    house = House()
    house.put((A, E), (B, C))
    house.put((A, B, C))
    assert (house.of(E), house.known.former) == (["p2"], {"p1": {A, E}})


def test_an_id_is_never_drawn_twice() -> None:
    house = House()
    house.put((A,), (B,))
    change = assigned(house.known, [(C,)], SOURCES, drawing([1, 2, 2, 3]))
    assert change.born == ("p3",)


REFS = [Ref(source, "contact", f"{number}") for source in SOURCES for number in range(4)]


@st.composite
def clusterings(draw: st.DrawFn, refs: Sequence[Ref] = REFS) -> list[tuple[Ref, ...]]:
    """Some of the records, put together somehow."""
    places = draw(st.lists(st.integers(0, 7), min_size=len(refs), max_size=len(refs)))
    groups = [tuple(ref for ref, at in zip(refs, places, strict=True) if at == place) for place in range(1, 8)]
    return [group for group in groups if group]


READ = st.sets(st.sampled_from(SOURCES)).map(sorted)
RUNS = st.lists(st.tuples(clusterings(), READ), max_size=5)


def lived(runs: Iterable[tuple[list[tuple[Ref, ...]], Sequence[str]]]) -> House:
    house = House()
    for clusters, read in runs:
        house.put(*clusters, read=read)
    return house


@given(RUNS, clusterings(), READ)
def test_the_same_clusters_once_more_change_nothing(runs, clusters, read) -> None:
    house = lived(runs)
    house.put(*clusters, read=read)
    assert house.put(*clusters, read=read) == NO_CHANGE


@given(RUNS, clusterings(), READ, st.randoms())
def test_the_order_of_clusters_and_records_means_nothing(runs, clusters, read, random) -> None:
    known = lived(runs).known
    shuffled = [random.sample(cluster, len(cluster)) for cluster in random.sample(clusters, len(clusters))]
    mixed = Known(
        {ref: known.members[ref] for ref in random.sample(list(known.members), len(known.members))},
        dict(reversed(known.ages.items())),
        dict(reversed(known.aliases.items())),
        dict(reversed(known.former.items())),
        known.retired,
    )
    one, other = (
        assigned(of, how, read, drawing(range(100, 200))) for of, how in ((known, clusters), (mixed, shuffled))
    )
    assert one == other


@given(RUNS, clusterings())
def test_when_everything_was_read_each_cluster_has_one_id_and_no_two_share_one(runs, clusters) -> None:
    house = lived(runs)
    house.put(*clusters)
    people = [{house.known.members[ref] for ref in cluster} for cluster in clusters]
    assert all(len(one) == 1 for one in people)
    assert len(set.union(set(), *people)) == len(clusters)


@given(RUNS, clusterings(), st.sampled_from(SOURCES), st.data())
def test_an_outage_of_any_source_changes_nothing(runs, clusters, down, data) -> None:
    """However those are put together whom the lost records held together or kept apart."""
    house = lived(runs)
    house.put(*clusters)
    torn = [ref for cluster in clusters if any(one.source == down for one in cluster) for ref in cluster]
    rest = [cluster for cluster in clusters if not set(cluster) & set(torn)]
    again = data.draw(clusterings([ref for ref in torn if ref.source != down]))
    read = [source for source in SOURCES if source != down]
    assert house.put(*rest, *again, read=read) == NO_CHANGE


@given(RUNS, clusterings(), st.sampled_from(SOURCES), st.data())
def test_an_outage_while_everything_is_judged_changes_nobody_whatever_is_said(runs, clusters, down, data) -> None:
    """Only records that were unknown come to somebody."""
    house = lived(runs)
    house.put(*clusters)
    known = house.known.members
    others = [ref for ref in REFS if ref.source != down]
    joined = {person for ref, person in known.items() if ref.source == down}
    again = [*data.draw(clusterings(others))]
    read = [source for source in SOURCES if source != down]
    change = assigned(house.known, again, read, house.new, whole=True)
    if any(known.get(ref) in joined for cluster in again for ref in cluster):
        assert (known.keys().isdisjoint(change.members), change.aliases, change.splits) == (True, {}, {})


@given(RUNS)
def test_redirections_lead_to_living_people_at_once_and_never_in_a_circle(runs) -> None:
    known = lived(runs).known
    assert known.aliases.keys() == known.former.keys()
    assert known.aliases.keys().isdisjoint(known.members.values())
    assert set(known.aliases.values()) <= set(known.members.values())
    assert known.aliases.keys() | set(known.members.values()) == known.ages.keys()


@given(RUNS, clusterings())
def test_nobody_who_is_not_in_a_cluster_with_a_moved_record_is_touched(runs, clusters) -> None:
    """What is not among the clusters, nor of anybody among them, stays."""
    house = lived(runs)
    before = house.known
    touched = {before.members[ref] for cluster in clusters for ref in cluster if ref in before.members}
    change = house.put(*clusters)
    assert all(before.members.get(ref) in {None, *touched} for ref in change.members)


@given(st.lists(clusterings(), min_size=1, max_size=3), clusterings())
def test_a_link_undone_gives_back_every_id_whatever_came_before(runs, clusters) -> None:
    """Joining two people and parting them again leaves the map as it was."""
    house = lived((one, SOURCES) for one in [*runs, clusters])
    before = house.known
    for first, second in islice(pairwise(clusters), 3):
        others = [one for one in clusters if one not in (first, second)]
        house.put(first + second, *others)
        house.put(*clusters)
        assert house.known.members == before.members
        assert house.known.aliases == before.aliases
