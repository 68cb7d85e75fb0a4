"""Who stays who they were while a CRM is away, or not known whole yet: what tells two people apart may lie there."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from crmgraph.domain.assigning import PersonId
from crmgraph.domain.records import Ref

People = Mapping[Ref, PersonId]

Same = Callable[[Ref], Collection[Ref]]
"""The records of which people decided that they are a record's person."""


def as_they_were(refs: Sequence[Ref], known: People, same: Same) -> list[tuple[Ref, ...]]:
    """Records that were put together without asking everybody, as the persons that they were before; who is new goes
    with most of them. Where people decided that two of the persons are one, nobody is parted.
    """
    most = whose(refs, known)
    person = {ref: known.get(ref, most) for ref in refs}
    if any(person[other] != person[ref] for ref in refs for other in same(ref) if other in person):
        return [tuple(refs)]
    parts: defaultdict[PersonId | None, list[Ref]] = defaultdict(list)
    for ref in refs:
        parts[person[ref]].append(ref)
    return [tuple(part) for part in parts.values()]


def whose(refs: Iterable[Ref], known: People) -> PersonId | None:
    """Whom most of the records belong to, of as many whom the first of them does."""
    people = [known[ref] for ref in refs if ref in known]
    if len(set(people)) > 1:
        return Counter(people).most_common(1)[0][0]
    return people[0] if people else None
