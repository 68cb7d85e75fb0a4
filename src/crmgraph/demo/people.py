"""The seeded world: about 120 people, four CRMs that each know about 60 of them, and what was done with them.

The same seed gives the same world to the byte, on every machine and every day: nothing here reads a clock.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import combinations
from random import Random

from anyascii import anyascii

from crmgraph.demo import doings, flagship, spelling, traps
from crmgraph.demo.cast import (
    CHANNELS,
    CRMS,
    CustomSpec,
    Deal,
    Event,
    Firm,
    Memo,
    Person,
    Sighting,
    Staff,
    Todo,
    World,
)
from crmgraph.demo.names import (
    CUSTOM_FIELDS,
    FAMILY,
    FIRMS,
    GIVEN,
    LEAD_SOURCES,
    LIFECYCLE,
    PIPELINES,
    PLACES,
    STAFF,
    STREETS,
    TAGS,
    TITLES,
)

__all__ = [
    "CRMS",
    "NOW",
    "CustomSpec",
    "Deal",
    "Event",
    "Firm",
    "Memo",
    "Person",
    "Sighting",
    "Staff",
    "Todo",
    "World",
    "world",
]

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
"""The world's present: everything is created and updated before it, some tasks and appointments lie after it."""

_SEEN_IN = tuple(
    crms for size, times in ((1, 10), (2, 7), (3, 6), (4, 7)) for crms in combinations(CRMS, size) for _ in range(times)
)
_EMAILS = {"bigcontacts": 3, "concord": 1, "orgcrm": 1, "leadconnector": 2}
_PHONES = {"bigcontacts": 2, "concord": 2, "orgcrm": 1, "leadconnector": 2}


def world(seed: int = 7) -> World:
    """The world that grows from this seed."""
    rng = Random(seed)
    people = (flagship.PERSON, *traps.PEOPLE, *_ordinary_people(rng, len(_SEEN_IN)))
    known_to = {person.key: crms for person, crms in zip(people[-len(_SEEN_IN) :], _SEEN_IN, strict=True)}
    drafts = [draft for person in people for draft in _drafts(rng, person, known_to.get(person.key, ()))]
    sightings = tuple(sighting for crm in CRMS for sighting in _numbered(drafts, crm))
    deals = doings.numbered(draft for sighting in sightings for draft in doings.deals(rng, sighting))
    todos = doings.numbered(draft for sighting in sightings for draft in doings.todos(rng, sighting, deals))
    memos = doings.numbered(draft for sighting in sightings for draft in doings.memos(rng, sighting, deals))
    events = doings.numbered(draft for sighting in sightings for draft in doings.events(rng, sighting))
    return World(people, STAFF, FIRMS, CUSTOM_FIELDS, PIPELINES, sightings, deals, todos, memos, events)


def _ordinary_people(rng: Random, count: int) -> list[Person]:
    """People without a trap: no two share a name, an e-mail or a phone."""
    taken = {(person.given, person.family) for person in (flagship.PERSON, *traps.PEOPLE)}
    pairs = [(given, family) for given in GIVEN for family in FAMILY if (given, family) not in taken]
    return [_person(rng, number, *pair) for number, pair in enumerate(rng.sample(pairs, count))]


def _person(rng: Random, number: int, given: str, family: str) -> Person:
    place = PLACES[number % len(PLACES)]
    firm = rng.choice((*FIRMS, None))
    line = str(number // len(PLACES) * 2 + 20)
    phones = [place.prefix + line.rjust(place.digits, "0")]
    if rng.random() < 0.4:
        phones.append(place.prefix + str(int(line) + 1).rjust(place.digits, "0"))
    mailbox = ".".join(anyascii(part).lower().replace("'", "").replace(" ", "") for part in (given, family))
    private = f"{mailbox}.invented{number}@gmail.com"
    emails = (private,) if firm is None else (f"{mailbox}@{firm.domain}", private)
    return Person(
        key=f"p{number:03}",
        given=given,
        family=family,
        emails=emails,
        phones=tuple(phones),
        company=None if firm is None else firm.key,
        title=rng.choice(TITLES),
        street=f"{rng.randint(2, 98)} {rng.choice(STREETS)}",
        city=place.city,
        region=place.region,
        postal_code=place.postal_code,
        country=place.country,
        timezone=place.timezone,
        birth_date=date(1955, 1, 1) + timedelta(days=rng.randrange(365 * 45)),
    )


def _drafts(rng: Random, person: Person, crms: Sequence[str]) -> list[Sighting]:
    """What the CRMs that know this person have typed, not yet numbered."""
    written = {**traps.TYPED, **flagship.TYPED}
    crms = crms or [crm for crm in CRMS if (person.key, crm) in written]
    return [replace(_typed(rng, person, crm), **written.get((person.key, crm), {})) for crm in crms]


def _typed(rng: Random, person: Person, crm: str) -> Sighting:
    """One CRM's entry of a person: mostly right, incomplete, and spelled in its own way."""
    given, family = spelling.names(rng, person.given, person.family)
    created = datetime(2024, 1, 8, 8, tzinfo=UTC) + timedelta(minutes=rng.randrange(60 * 24 * 1000))
    maybe = partial(_kept, rng)
    return Sighting(
        crm=crm,
        number=0,
        person=person.key,
        given=given,
        family=family,
        emails=_some(rng, [spelling.email(rng, email) for email in person.emails], _EMAILS[crm]),
        phones=_some(rng, [spelling.phone(rng, phone) for phone in person.phones], _PHONES[crm]),
        company=_employer(rng, person),
        title=rng.choice(TITLES) if rng.random() < 0.2 else maybe(person.title),
        street=maybe(person.street),
        city=maybe(person.city),
        region=person.region,
        postal_code=maybe(person.postal_code),
        country=person.country,
        tags=tuple(rng.sample(TAGS, rng.randrange(4))),
        custom=_custom(rng),
        owner=rng.choice(STAFF).key,
        lead_source=maybe(rng.choice(LEAD_SOURCES)),
        stage=rng.choice(LIFECYCLE),
        dnc=frozenset(channel for channel in CHANNELS if rng.random() < 0.06),
        birth_date=person.birth_date if rng.random() < 0.6 else None,
        website=None,
        timezone=person.timezone,
        created=created,
        updated=created + (datetime(2026, 11, 1, tzinfo=UTC) - created) * rng.random(),
    )


def _kept(rng: Random, value: str) -> str | None:
    """The value, or nothing where nobody bothered."""
    return value if rng.random() < 0.8 else None


def _some(rng: Random, values: list[str], most: int) -> tuple[str, ...]:
    """One or more of the values; most CRMs do not have them all."""
    first = 1 if len(values) > 1 and rng.random() < 0.25 else 0
    ordered = values[first:] + values[:first]
    return tuple(ordered[: rng.randint(1, most)])


def _employer(rng: Random, person: Person) -> str | None:
    """Where they work; sometimes an earlier employer, sometimes nothing."""
    dice = rng.random()
    if dice < 0.08:
        return rng.choice(FIRMS).key
    return person.company if dice < 0.9 else None


def _custom(rng: Random) -> dict[str, object]:
    """Values of some custom fields."""
    plan, interests = CUSTOM_FIELDS[4].options, CUSTOM_FIELDS[5].options
    values: dict[str, object] = {
        "account_code": f"AC-{rng.randint(1000, 9999)}",
        "seats": rng.randint(1, 250),
        "renewal": (date(2027, 1, 1) + timedelta(days=rng.randrange(365))).isoformat(),
        "reference_customer": rng.random() < 0.5,
        "plan": rng.choice(plan),
        "interests": tuple(rng.sample(interests, rng.randint(1, 3))),
    }
    return {key: value for key, value in values.items() if rng.random() < 0.45}


def _numbered(drafts: Iterable[Sighting], crm: str) -> list[Sighting]:
    """This CRM's sightings in the order they were made, the flagship first."""
    own = [draft for draft in drafts if draft.crm == crm]
    own.sort(key=lambda draft: (draft.person != flagship.PERSON.key, draft.created, draft.person))
    return [replace(draft, number=number) for number, draft in enumerate(own, 1)]
