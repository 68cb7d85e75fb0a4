"""Whether the replica gives a page of people in time, over many records of one source: every condition of the graph's
filters, rare and common, several together, and free text, in every order, from its start and from its middle; and
filters that chance has put together. The yardstick is one look at each row by the database alone.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import func, select

from bench.filters import DAY, LETTERS, NOW, by_chance, single, together
from crmgraph.domain.columns import ORDERS
from crmgraph.domain.model import Consent, ConsentState, Custom, Email, Kind, Link, Phone, TagName
from crmgraph.domain.records import Record, Ref
from crmgraph.service.replica import Place, Question, Reached, SyncState
from crmgraph.sources.clock import SystemClock
from crmgraph.store.database import Database
from crmgraph.store.replica import DatabaseReplica
from crmgraph.store.replica_tables import contacts
from crmgraph.store.worker import new_worker

AIM = 0.05
"""Seconds in which a page is to be there."""

PAGE, TOGETHER, TIMES, CHANCES = 50, 500, 5, 500
ORDERED = (None, *((field, falls) for field in ORDERS for falls in (False, True)))


@dataclass(frozen=True, slots=True)
class Took:
    """The median and the slowest time of a question in seconds; `kind` is what sort of question it is, `place` where in
    the list its page begins.
    """

    kind: str
    question: str
    order: str
    place: str
    median: float
    slowest: float


@dataclass(frozen=True, slots=True)
class Measured:
    """What one store took for each question, and for a look at each row."""

    store: str
    rows: int
    look: float
    took: Sequence[Took]


async def measured(store: str, url: str, rows: int, say: Callable[[str], None]) -> Measured:
    """Fill a replica and ask it everything."""
    database, random = Database(url), Random(1)
    replica = DatabaseReplica(database, new_worker(SystemClock(), random.randbytes), "US")
    try:
        for at in range(0, rows, TOGETHER):
            await replica.take([_person(random, number) for number in range(at, min(at + TOGETHER, rows))])
            if at % 20_000 == 0:
                say(f"  {store}: {at:,} of {rows:,} records are kept")
        await replica.swept(datetime.fromtimestamp(0, UTC), Reached("crm", "contact", SyncState(NOW, NOW)))
        look = await _fastest(lambda: _look(database))
        lists = [(order, after) for order in ORDERED for after in (None, await _middle(replica, order, rows))]
        asked = [
            (kind, name, filter, place)
            for place in lists
            for kind, questions in (("one condition", single()), ("several, free text", together()))
            for name, filter in questions
        ]
        asked += [("by chance", name, filter, random.choice(lists)) for name, filter in by_chance(random, CHANCES)]
        took = [
            await _asked(replica, kind, name, Question("crm", Kind.CONTACT, PAGE, filter, order, after))
            for kind, name, filter, (order, after) in asked
        ]
        return Measured(store, rows, look, took)
    finally:
        await database.aclose()


def told(several: Sequence[Measured]) -> str:
    """The figures as a table, the slowest questions, and the judgement."""
    lines = [
        "| store | records | asked | questions | p50 | p99 | p99 / a look at each row |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in several:
        for kind in dict.fromkeys(took.kind for took in one.took):
            times = _times(one, kind)
            p50, p99 = _share(times, 0.5), _share(times, 0.99)
            figures = f"{len(times)} | {_ms(p50)} | {_ms(p99)} | {p99 / one.look:.1f}"
            lines.append(f"| {one.store} | {one.rows:,} | {kind} | {figures} |")
    for one in several:
        slow = sorted(one.took, key=lambda took: -took.median)[:3]
        said = "; ".join(f"{took.question}, {took.order}, {took.place}: {_ms(took.median)}" for took in slow)
        word = "reached" if holds(one) else "not reached"
        lines.append(
            f"\n* {one.store}: p99 < {_ms(AIM)} asked of each kind, {word}; a look at each row took {_ms(one.look)}."
            f" The slowest: {said}."
        )
    return "\n".join(lines)


def holds(one: Measured) -> bool:
    """Whether a page is there in time, whatever kind of question it is."""
    return all(_share(_times(one, kind), 0.99) < AIM for kind in {took.kind for took in one.took})


def _times(one: Measured, kind: str) -> list[float]:
    return sorted(took.median for took in one.took if took.kind == kind)


def _share(times: list[float], share: float) -> float:
    return times[min(len(times) - 1, int(share * len(times)))]


async def _middle(replica: DatabaseReplica, order: tuple[str, bool] | None, rows: int) -> Place | None:
    """The place in the middle of a list."""
    page = await replica.page(Question("crm", Kind.CONTACT, rows // 2, None, order))
    return page.next


async def _asked(replica: DatabaseReplica, kind: str, name: str, asked: Question) -> Took:
    times = []
    for _ in range(TIMES):
        began = time.perf_counter()
        await replica.page(asked)
        times.append(time.perf_counter() - began)
    order = asked.order
    shown = "as they lie" if order is None else f"by {order[0]} {'falling' if order[1] else 'rising'}"
    place = "from the start" if asked.after is None else "from the middle"
    return Took(kind, name, shown, place, sorted(times)[TIMES // 2], max(times))


async def _fastest(work: Callable[[], Any]) -> float:
    times = []
    for _ in range(TIMES):
        began = time.perf_counter()
        await work()
        times.append(time.perf_counter() - began)
    return min(times)


async def _look(database: Database) -> None:
    everything = select(func.count()).where(contacts.c.source == "crm", func.length(contacts.c.website) < 0)
    await database.read(lambda connection: connection.execute(everything))


def _person(random: Random, number: int) -> Record:
    given, family, company = _word(random, 6), _word(random, 7), _word(random, 8)
    said: dict[str, Any] = {
        "givenName": given,
        "familyName": family,
        "fullName": f"{given} {family}",
        "emails": (Email(f"{given}.{family}{number}@{company}.example"),),
        "phones": (Phone(f"+1415555{random.randrange(10_000):04}"),),
        "companyName": f"{company} Inc",
        "company": Link(_word(random, 16)),
        "owner": Link(f"u{random.randrange(40)}"),
        "jobTitle": _word(random, 10),
        "leadSource": random.choice(("web", "fair", "call")),
        "website": f"https://www.{company}.example",
        "timezone": "Europe/Berlin",
        "birthDate": date(1950, 1, 1) + random.randrange(20_000) * DAY,
        "doNotContact": Consent(random.choice(list(ConsentState))),
        "createdAt": NOW - timedelta(seconds=random.randrange(259_200_000)),
        "updatedAt": NOW - timedelta(seconds=random.randrange(259_200_000)),
        "tags": tuple(map(TagName, random.sample(("VIP", "Lead", "Cold", "Newsletter"), 2))),
        "customFields": (
            Custom("level", random.choice(("Gold", "Silver"))),
            Custom("score", random.randrange(1000)),
            Custom("note", _word(random, 20)),
        ),
    }
    getters = {name: (lambda raw, tables, value=value: value) for name, value in said.items()}
    ref = Ref("crm", "contact", f"{number:07}")
    return Record(ref, Kind.CONTACT, {"id": ref.id, "filler": "x" * 500}, getters, {}, NOW)


def _word(random: Random, length: int) -> str:
    """A word in which nothing rare is by chance."""
    return "".join(random.choices(LETTERS, k=length)).title()


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms"
