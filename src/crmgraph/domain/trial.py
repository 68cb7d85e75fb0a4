"""A file's records as people: plain rows in, the person of each record out, with how firmly and why it is held.

Nothing is connected and nothing is kept: the rows given are all that is known, so that anybody can judge the matcher.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from heapq import heappop, heappush
from math import inf

from msgspec import Struct

from crmgraph.domain.matching import Matcher, band
from crmgraph.domain.profiles import Profile, Said, counted, profile_from
from crmgraph.domain.rarity import Counted, Shipped
from crmgraph.domain.records import Ref
from crmgraph.domain.resolution import Group, Line, Link, Policy, Resolution, resolved
from crmgraph.domain.weights import Weights

KIND = "contact"


class Held(StrEnum):
    """How firmly a record is held: `suggested` and `alone` are held by nothing, the first may be worth a look."""

    JOINED = "joined"
    LIKELY = "likely"
    SUGGESTED = "suggested"
    ALONE = "alone"


class Row(Struct, frozen=True, gc=False):
    """What a file says of one record, as it is typed there; `email` and `phone` may hold several, parted by `;`."""

    source: str
    record_id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone: str = ""
    company: str = ""
    city: str = ""
    country: str = ""
    street: str = ""
    postal_code: str = ""
    birth_date: str = ""


@dataclass(frozen=True, slots=True)
class Placed:
    """The person a record belongs to; `person_id` depends on who belongs to it alone, `reasons` are sentences."""

    source: str
    record_id: str
    person_id: str
    band: Held
    reasons: str


def profile(row: Row) -> Profile:
    """Whom a row may be."""
    return profile_from(
        Ref(row.source, KIND, row.record_id),
        Said(
            given=row.first_name,
            family=row.last_name,
            emails=_several(row.email),
            phones=_several(row.phone),
            company=row.company,
            city=row.city,
            country=row.country,
            street=row.street,
            postal_code=row.postal_code,
            birth_date=row.birth_date,
        ),
    )


def placed(profiles: Iterable[Profile], line: Line, weights: Weights | None = None) -> Iterator[Placed]:
    """The person of each record, in the order the records are given in; their (source, record_id) must differ.

    The file is the store: how common a value is, is counted over all of it. `weights` are the shipped ones otherwise.
    """
    everyone = list(profiles)
    matcher = matcher_of(everyone, weights)
    resolution = resolved(everyone, matcher, Policy(line))
    held = _Placing(resolution, {one.ref: one for one in everyone}, matcher).held()
    for one in everyone:
        yield held[one.ref]


def matcher_of(everyone: Sequence[Profile], weights: Weights | None = None) -> Matcher:
    """A matcher to which these records are all there are."""
    rarity = Counted.of((held for one in everyone for held in counted(one)), Shipped())
    return Matcher(rarity, len(everyone), weights, sources=len({one.ref.source for one in everyone}))


def _several(cell: str) -> list[str]:
    return [one for part in cell.split(";") if (one := part.strip())]


def person_id(anchor: Ref) -> str:
    """The name of the person whose first record, by source and id, is `anchor`; no two records give the same."""
    parts = (anchor.source, anchor.id) if anchor.source else (anchor.id,)
    return ":".join(part.replace("%", "%25").replace(":", "%3A") for part in parts)


class _Placing:
    """Where every record of a resolution stands, and why."""

    def __init__(self, resolution: Resolution, profiles: Mapping[Ref, Profile], matcher: Matcher) -> None:
        self.resolution = resolution
        self.profiles = profiles
        self.matcher = matcher
        self.links = _by_record(resolution.links)
        self.suggested = _by_record(resolution.suggestions)
        self.reason = lru_cache(1024)(self._reason)

    def held(self) -> dict[Ref, Placed]:
        """The place of every record."""
        held: dict[Ref, Placed] = {}
        for cluster in self.resolution.clusters:
            held |= self._together(cluster) if len(cluster) > 1 else self._alone(cluster[0].ref)
        return held

    def _alone(self, ref: Ref) -> dict[Ref, Placed]:
        """A record that is a person by itself, with the surest link that is not sure enough."""
        offered = self.suggested.get(ref)
        band, reasons = (Held.SUGGESTED, self.reason(offered[0])) if offered else (Held.ALONE, "")
        return {ref: Placed(ref.source, ref.id, person_id(ref), band, reasons)}

    def _together(self, cluster: Group) -> dict[Ref, Placed]:
        """The records of a person, each with its surest link among them."""
        first = min(one.ref for one in cluster)
        person = person_id(first)
        return {
            ref: Placed(ref.source, ref.id, person, band, self.reason(self.links[ref][0]))
            for ref, band in _bands(first, self.links).items()
        }

    def _reason(self, link: Link) -> str:
        return self.matcher.match(self.profiles[link.a], self.profiles[link.b]).reason


def _other(link: Link, ref: Ref) -> Ref:
    return link.b if link.a == ref else link.a


def _by_record(links: Iterable[Link]) -> Mapping[Ref, Sequence[Link]]:
    """The links of each record, the surest first."""
    found: defaultdict[Ref, list[Link]] = defaultdict(list)
    for link in links:
        found[link.a].append(link)
        found[link.b].append(link)
    return found


def _bands(first: Ref, links: Mapping[Ref, Sequence[Link]]) -> dict[Ref, Held]:
    """For each record the weakest band on its surest way to the first one, which is held as its surest link holds it.

    So whoever lets go of all that is `likely` keeps what is joined to the record that names the person.
    """
    weakest: dict[Ref, float] = {}
    reach = [(-inf, first)]
    while reach:
        against, ref = heappop(reach)
        if ref not in weakest:
            weakest[ref] = against
            for link in links[ref]:
                heappush(reach, (max(against, -link.bits), _other(link, ref)))
    weakest[first] = -links[first][0].bits
    return {ref: Held(band(-against).value) for ref, against in weakest.items()}
