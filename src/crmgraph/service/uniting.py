"""What must be said for several people to be one with all the records that each of them has."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise

from crmgraph.domain.judgements import Judgement, Same, Saying, pair, refs_of, standing
from crmgraph.domain.model import Kind
from crmgraph.domain.records import Ref
from crmgraph.service.entity import Entity
from crmgraph.service.identity import Person
from crmgraph.service.ids import encode
from crmgraph.service.reading import Reading

Standing = tuple[Ref, Person]
"""A person, and the record that stands for them."""


async def uniting(reading: Reading, known: Mapping[int, Judgement], people: Sequence[Standing]) -> list[Same]:
    """The records that stand for people are one person; and so are others of theirs that would else be left behind, for
    evidence alone does not put them to somebody whom they are too unlike. `known` is everything that was said so far.
    """
    said = dict.fromkeys(Same(*pair(one, other)) for (one, _), (other, _) in pairwise(people))
    while left := await _left_behind(reading, known, list(said), people) - said.keys():
        said |= dict.fromkeys(sorted(left, key=repr))
    return list(said)


async def _left_behind(
    reading: Reading, known: Mapping[int, Judgement], said: Sequence[Same], people: Sequence[Standing]
) -> set[Same]:
    """What would still have to be said if so much were."""
    supposing = reading.beside(standing([*known.values(), *supposed(said, known, "", reading.gateway.clock.now())]))
    found = await supposing.node(encode(Kind.CONTACT, people[0][0]), ())
    united = found.person.refs if isinstance(found, Entity) else ()
    return {Same(*pair(own, ref)) for own, person in people for ref in person.refs if ref not in (own, *united)}


def supposed(
    sayings: Sequence[Saying], known: Mapping[int, Judgement], by: str, now: datetime, why: str | None = None
) -> list[Judgement]:
    """Judgements as they would be kept behind the known ones."""
    last = max(known, default=0)
    return [Judgement(last + at, one, refs_of(one, known), by, now, why) for at, one in enumerate(sayings, start=1)]
