"""How many ids stay, on labelled records: put together rightly, and as our own matcher puts them."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence

import pytest
from bench.identity.data import Data, generated
from bench.identity.ours import ours
from tests.domain.test_assigning import drawing

from crmgraph.domain.assigning import Known, after, assigned
from crmgraph.domain.records import Ref
from crmgraph.domain.trial import Line

Matcher = Callable[[Data], Sequence[Hashable]]

MATCHERS: dict[str, Matcher] = {"the truth": lambda data: data.truth, "our matcher": lambda data: ours(data, Line.SAFE)}


def clusters(data: Data, matcher: Matcher) -> list[list[Ref]]:
    found: defaultdict[Hashable, list[Ref]] = defaultdict(list)
    for row, person in zip(data.rows, matcher(data), strict=True):
        found[person].append(Ref(row.source, "contact", row.record_id))
    return list(found.values())


def part(data: Data, *places: int) -> Data:
    return Data(data.name, [data.rows[place] for place in places], [data.truth[place] for place in places])


def kept(before: Known, now: Known) -> float:
    """The share of the records that were known whose id is what it was."""
    return sum(now.members[ref] == person for ref, person in before.members.items()) / len(before.members)


@pytest.mark.parametrize("matcher", MATCHERS.values(), ids=MATCHERS)
def test_every_id_stays_through_an_outage_of_any_source_and_its_return(matcher: Matcher) -> None:
    data, new = generated(2_000, 1), drawing()
    sources = sorted({row.source for row in data.rows})
    everybody = clusters(data, matcher)
    known = after(Known(), assigned(Known(), everybody, sources, new, whole=True))
    for down in sources:
        left = part(data, *(place for place, row in enumerate(data.rows) if row.source != down))
        read = [source for source in sources if source != down]
        during = after(known, assigned(known, clusters(left, matcher), read, new, whole=True))
        again = after(during, assigned(during, everybody, sources, new, whole=True))
        assert (kept(known, during), kept(known, again)) == (1.0, 1.0)


@pytest.mark.parametrize("matcher", MATCHERS.values(), ids=MATCHERS)
def test_ids_stay_when_a_tenth_of_the_records_is_new(matcher: Matcher) -> None:
    """A new record may show that two persons are one; whoever loses their id then is few."""
    data, new = generated(2_000, 2), drawing()
    sources = sorted({row.source for row in data.rows})
    first = part(data, *range(len(data.rows) * 9 // 10))
    known = after(Known(), assigned(Known(), clusters(first, matcher), sources, new, whole=True))
    then = after(known, assigned(known, clusters(data, matcher), sources, new, whole=True))
    assert kept(known, then) >= 0.995
