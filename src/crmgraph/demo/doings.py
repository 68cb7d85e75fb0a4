"""What was done and is to be done with the people: opportunities, tasks, notes, calls, meetings and appointments.

A CRM gets only what it can hold: BigContacts has no opportunities, orgcrm no tasks and events and one note per contact.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import TypeVar

from crmgraph.demo import flagship
from crmgraph.demo.cast import Deal, Event, Memo, Sighting, Todo
from crmgraph.demo.names import CURRENCIES, PIPELINES, STAFF

Doing = TypeVar("Doing", Deal, Todo, Memo, Event)

_DEALS = ("Annual licence", "Pilot project", "Renewal 2027", "Training days", "Extra seats")
_TODOS = (
    ("Send the revised offer", "With the volume discount we spoke about."),
    ("Call back about the invoice", "They could not find number 2041."),
    ("Book a room for the demo", "Six people, a projector, coffee."),
    ("Ask for a reference", "A short quotation for the website would do."),
    ("Check the contract with legal", "Clause 7 is still open."),
    ("Prepare the migration plan", "Two weekends, starting with the archive."),
)
_MEMOS = (
    ("First conversation", "Met at the fair; wants one place for all customer data."),
    ("Preferences", "Prefers e-mail before noon & dislikes surprise calls."),
    ("Competition", "Also talks to two other vendors; price < speed for them."),
    ("Decision", "The board decides in the first week of the quarter."),
    ("Support", "Asked twice about exports; sent the guide."),
)
_EVENTS = (
    ("CALL", "Introductory call", "Walked through the needs.", "CONFIRMED", "Reached"),
    ("MEETING", "Product demonstration", "Showed reporting and the phone app.", "SHOWED", None),
    ("CALL", "Follow-up call", "Left a message.", "CONFIRMED", "Left voicemail"),
    ("APPOINTMENT", "Contract signing", "Bring two printed copies.", "CONFIRMED", None),
    ("MEETING", "Quarterly review", "Numbers of the last three months.", "NEW", None),
)
_PLACES = ("Video call", "Their office", "Our office", None)


def numbered(drafts: Iterable[Doing]) -> tuple[Doing, ...]:
    """The drafts with running numbers, counted from 1 in each CRM."""
    counts: dict[str, int] = {}
    done: list[Doing] = []
    for draft in drafts:
        counts[draft.crm] = counts.get(draft.crm, 0) + 1
        done.append(replace(draft, number=counts[draft.crm]))
    return tuple(done)


def deals(rng: Random, sighting: Sighting) -> Iterator[Deal]:
    """A person's opportunities in one CRM: three for the flagship (one surely open, one
    renewal), none or one for the others."""
    if sighting.crm == "bigcontacts":
        return
    for count in range(_how_many(rng, sighting, 3, 1)):
        pipeline = rng.choice(tuple(PIPELINES))
        status = rng.choice(("open", "won", "lost", "abandoned" if sighting.crm == "leadconnector" else "open"))
        if _is_flagship(sighting):
            pipeline, status = tuple(PIPELINES)[count // 2], "open" if count == 0 else status
        created, updated = _times(rng, sighting)
        yield Deal(
            crm=sighting.crm,
            number=0,
            contact=sighting.number,
            name=f"{_DEALS[count] if _is_flagship(sighting) else rng.choice(_DEALS)} for {sighting.name}",
            amount=Decimal(rng.randrange(500, 90_000)) + Decimal(rng.choice(("0", "0.50", "0.99"))),
            currency=CURRENCIES.get(sighting.country or "", "USD"),
            status=status,
            lost_reason="Too expensive" if status == "lost" else None,
            pipeline=pipeline,
            stage=rng.choice(PIPELINES[pipeline]),
            expected_close=(sighting.updated + timedelta(days=rng.randint(20, 150))).date(),
            closed=None if status == "open" else updated,
            company=sighting.company,
            owner=rng.choice(STAFF).key,
            lead_source=sighting.lead_source,
            created=created,
            updated=updated,
        )


def todos(rng: Random, sighting: Sighting, known: Sequence[Deal]) -> Iterator[Todo]:
    """A person's tasks in one CRM."""
    if sighting.crm == "orgcrm":
        return
    for count in range(_how_many(rng, sighting, 6, 2)):
        title, body = _TODOS[count] if _is_flagship(sighting) else rng.choice(_TODOS)
        created, updated = _times(rng, sighting)
        due = _office_hour(created + timedelta(days=rng.randint(3, 40), hours=rng.randint(0, 8)))
        completed = rng.random() < 0.35
        yield Todo(
            crm=sighting.crm,
            number=0,
            contact=sighting.number,
            title=title,
            body=body,
            priority=rng.choice(("NORMAL", "NORMAL", "HIGH", "URGENT")),
            due=due,
            start=created.date() if rng.random() < 0.5 else None,
            completed=completed,
            completed_at=updated if completed else None,
            is_todo=rng.random() < 0.5,
            assignee=rng.choice(STAFF).key,
            deal=_deal_of(sighting, known),
            created=created,
            updated=updated,
        )


def memos(rng: Random, sighting: Sighting, known: Sequence[Deal]) -> Iterator[Memo]:
    """A person's notes in one CRM; orgcrm has room for one."""
    most = 1 if sighting.crm == "orgcrm" else 5
    for count in range(_how_many(rng, sighting, most, min(most, 2))):
        title, body = _MEMOS[count] if _is_flagship(sighting) else rng.choice(_MEMOS)
        created, updated = _times(rng, sighting)
        yield Memo(
            crm=sighting.crm,
            number=0,
            contact=sighting.number,
            title=title,
            body=body,
            pinned=rng.random() < 0.2,
            author=rng.choice(STAFF).key,
            deal=_deal_of(sighting, known) if rng.random() < 0.3 else None,
            created=created,
            updated=updated,
        )


def events(rng: Random, sighting: Sighting) -> Iterator[Event]:
    """A person's calls, meetings and appointments in one CRM."""
    if sighting.crm == "orgcrm":
        return
    for count in range(_how_many(rng, sighting, 5, 2)):
        kind, title, body, status, outcome = _EVENTS[count] if _is_flagship(sighting) else rng.choice(_EVENTS)
        created, updated = _times(rng, sighting)
        starts = _office_hour(created + timedelta(days=rng.randint(1, 30)))
        yield Event(
            crm=sighting.crm,
            number=0,
            contact=sighting.number,
            kind=kind,
            title=title,
            body=body,
            starts=starts,
            ends=starts + timedelta(minutes=rng.choice((15, 30, 60))),
            status=status,
            outcome=outcome,
            location=rng.choice(_PLACES),
            owner=rng.choice(STAFF).key,
            created=created,
            updated=updated,
        )


def _how_many(rng: Random, sighting: Sighting, flagship_has: int, others_at_most: int) -> int:
    return flagship_has if _is_flagship(sighting) else rng.randint(0, others_at_most)


def _is_flagship(sighting: Sighting) -> bool:
    return sighting.person == flagship.KEY


def _times(rng: Random, sighting: Sighting) -> tuple[datetime, datetime]:
    """When it was made and last changed, both while the contact was known."""
    known_for = sighting.updated - sighting.created
    created = sighting.created + known_for * rng.random()
    return _full_second(created), _full_second(created + (sighting.updated - created) * rng.random())


def _full_second(instant: datetime) -> datetime:
    return instant.replace(microsecond=0)


def _office_hour(instant: datetime) -> datetime:
    """A full hour of the same day between 8 and 16."""
    return instant.replace(hour=8 + instant.hour % 9, minute=0, second=0, microsecond=0)


def _deal_of(sighting: Sighting, known: Sequence[Deal]) -> int | None:
    """The first opportunity of this contact, if there is one."""
    own = (deal.number for deal in known if deal.crm == sighting.crm and deal.contact == sighting.number)
    return next(own, None)
