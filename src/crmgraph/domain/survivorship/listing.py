"""Lists that survive: those of all records united, or that of one record alone."""

from collections.abc import Sequence

from crmgraph.domain.records import Ref
from crmgraph.domain.survivorship.pinning import Pin
from crmgraph.domain.survivorship.saying import Case, Said, changed
from crmgraph.domain.uniting import RANKED, Merged, united, united_alone

Elements = tuple[Merged, ...]


def together(held: Sequence[Said], case: Case) -> Elements:
    """Everything that any record holds, equal values once. E-mails and phones come in the order in which to use them:
    what can be right, what a CRM calls primary, what one person reads, what most records hold, what is newest.
    """
    elements = united(case.type, ((one.record, one.value) for one in held), case.regions)
    rank = RANKED.get(case.type)
    if rank is None or len(held) < 2 or len(elements) < 2:
        return elements
    times = {one.ref: changed(one.record, case.problems) for one in held}
    newest = sorted(elements, key=lambda one: max(times[ref] for ref in one.origins), reverse=True)
    return tuple(sorted(newest, key=lambda one: (rank(one.value, one.key), -len(one.origins))))


def alone(one: Said, case: Case) -> Elements:
    """The list of one record."""
    return united_alone(case.type, one.ref, one.value, case.regions.get(one.ref.source, ""))


def with_first(pin: Pin, elements: Elements, case: Case) -> Elements:
    """The list with what is pinned first, also where no record holds it."""
    first = united_alone(case.type, Ref("", "", ""), pin.value, "")
    known, keys = {one.key: one for one in elements}, {one.key for one in first}
    held = (known.get(one.key) or Merged(one.value, one.key, ()) for one in first)
    return (*held, *(one for one in elements if one.key not in keys))
