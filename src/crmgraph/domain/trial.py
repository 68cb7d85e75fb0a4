"""A file's records as people: plain rows in, the person of each record out, with how firmly and why it is held.

Nothing is connected and nothing is kept: the rows given are all that is known, so that anybody can judge the matcher.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from heapq import heappop, heappush
from typing import NamedTuple

from msgspec import Struct

from crmgraph.domain.matching import Verdict
from crmgraph.domain.names import person_name
from crmgraph.domain.normalize import phone_key
from crmgraph.domain.profiles import Profile, joining_email
from crmgraph.domain.records import Ref
from crmgraph.domain.resolution import Group, Resolution, resolved

KIND = "contact"
CROWD = 8
"""How many records of one source may share an e-mail or a phone that still joins."""


class Band(StrEnum):
    """How firmly a record is held: `suggested` and `alone` are held by nothing, the first may be worth a look."""

    JOINED = "joined"
    LIKELY = "likely"
    SUGGESTED = "suggested"
    ALONE = "alone"


class Line(StrEnum):
    """How sure a join must be. The rules of today join by keys alone, so surely that both lines are one."""

    SAFE = "safe"
    BALANCED = "balanced"


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
    band: Band
    reasons: str


class _Link(NamedTuple):
    """What speaks for a record being the same person as another: `against` sorts the surest first."""

    against: float
    to: Ref
    band: Band
    reasons: str


Links = Mapping[Ref, Sequence[_Link]]


def profile(row: Row) -> Profile:
    """Whom a row may be."""
    region = row.country.strip().upper()
    return Profile(
        ref=Ref(row.source, KIND, row.record_id),
        name=person_name(row.first_name, row.last_name, None),
        emails=tuple(dict.fromkeys(key for one in _several(row.email) if (key := joining_email(one)))),
        phones=tuple(dict.fromkeys(key for one in _several(row.phone) if (key := phone_key(one, region)))),
    )


def placed(profiles: Iterable[Profile], line: Line) -> Iterator[Placed]:
    """The person of each record, in the order the records are given in; their (source, record_id) must differ."""
    everyone = list(profiles)
    resolution = resolved(everyone, lambda key: 0, CROWD)
    held = _held(resolution)
    for one in everyone:
        yield held[one.ref]


def _several(cell: str) -> list[str]:
    return [one for part in cell.split(";") if (one := part.strip())]


def person_id(anchor: Ref) -> str:
    """The name of the person whose first record, by source and id, is `anchor`; no two records give the same."""
    parts = (anchor.source, anchor.id) if anchor.source else (anchor.id,)
    return ":".join(part.replace("%", "%25").replace(":", "%3A") for part in parts)


def _held(resolution: Resolution) -> dict[Ref, Placed]:
    """The place of every record."""
    links = _links(resolution)
    held: dict[Ref, Placed] = {}
    for cluster in resolution.clusters:
        held |= _together(cluster, links) if len(cluster) > 1 else _alone(cluster[0].ref, links)
    return held


def _alone(ref: Ref, links: Links) -> dict[Ref, Placed]:
    """A record that is a person by itself, with the surest link that is not sure enough."""
    band, reasons = (Band.SUGGESTED, links[ref][0].reasons) if ref in links else (Band.ALONE, "")
    return {ref: Placed(ref.source, ref.id, person_id(ref), band, reasons)}


def _together(cluster: Group, links: Links) -> dict[Ref, Placed]:
    """The records of a person, each with its surest link among them."""
    refs = {one.ref for one in cluster}
    first = min(refs)
    within = {ref: [link for link in links[ref] if link.to in refs and link.band is not Band.SUGGESTED] for ref in refs}
    person = person_id(first)
    return {
        ref: Placed(ref.source, ref.id, person, band, within[ref][0].reasons)
        for ref, band in _bands(first, within).items()
    }


def _links(resolution: Resolution) -> Links:
    """What speaks for a record being the same person as another, the surest first."""
    links: defaultdict[Ref, list[_Link]] = defaultdict(list)
    for a, b, said in ((one.a, one.b, one.judgement) for one in resolution.judgements):
        if said.verdict is not Verdict.NO:
            band = Band.JOINED if said.verdict is Verdict.YES else Band.SUGGESTED
            links[a].append(_Link(-said.strength, b, band, said.reason))
            links[b].append(_Link(-said.strength, a, band, said.reason))
    for told in links.values():
        told.sort()
    return links


def _bands(first: Ref, links: Links) -> dict[Ref, Band]:
    """For each record the weakest band on its surest way to the first one, which is held as its surest link holds it.

    So whoever lets go of all that is `likely` keeps what is joined to the record that names the person.
    """
    bands: dict[Ref, Band] = {}
    reach = [(0.0, first, Band.JOINED)]
    while reach:
        _, ref, band = heappop(reach)
        if ref not in bands:
            bands[ref] = band
            for link in links[ref]:
                heappush(reach, (link.against, link.to, max(band, link.band, key=_LOOSER)))
    return bands | {first: links[first][0].band}


_LOOSER = list(Band).index
