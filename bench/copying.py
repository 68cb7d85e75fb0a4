"""Whether the replica gives a page of people in time: every condition of the graph's filters, rare and common, in every
order, from its start and from its middle, over many records of one source. The yardstick is one look at each row by the
database alone.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from sqlalchemy import func, select

from crmgraph.domain.columns import ORDERS
from crmgraph.domain.filtering import And, Condition, Filter, Not, Op, Or
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

PAGE, TOGETHER, TIMES = 50, 500, 5
NOW = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Took:
    """The median and the slowest time of a question in seconds; `place` is where in the list its page begins."""

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
        took = [
            await _asked(replica, name, Question("crm", Kind.CONTACT, PAGE, filter, order, after))
            for order in (None, *((field, falls) for field in ORDERS for falls in (False, True)))
            for after in (None, await _middle(replica, order, rows))
            for name, filter in _questions()
        ]
        return Measured(store, rows, look, took)
    finally:
        await database.aclose()


def told(several: Sequence[Measured]) -> str:
    """The figures as a table, the slowest questions, and the judgement."""
    lines = ["| store | records | questions | p50 | p99 | p99 / a look at each row |", "|---|---|---|---|---|---|"]
    for one in several:
        p50, p99 = _share(one, 0.5), _share(one, 0.99)
        figures = f"{_ms(p50)} | {_ms(p99)} | {p99 / one.look:.1f}"
        lines.append(f"| {one.store} | {one.rows:,} | {len(one.took)} | {figures} |")
    for one in several:
        slow = sorted(one.took, key=lambda took: -took.median)[:3]
        said = "; ".join(f"{took.question}, {took.order}, {took.place}: {_ms(took.median)}" for took in slow)
        word = "reached" if holds(one) else "not reached"
        lines.append(f"\n* {one.store}: p99 < {_ms(AIM)} asked, {word}. The slowest: {said}.")
    return "\n".join(lines)


def holds(one: Measured) -> bool:
    """Whether a page is there in time."""
    return _share(one, 0.99) < AIM


def _share(one: Measured, share: float) -> float:
    times = sorted(took.median for took in one.took)
    return times[min(len(times) - 1, int(share * len(times)))]


async def _middle(replica: DatabaseReplica, order: tuple[str, bool] | None, rows: int) -> Place | None:
    """The place in the middle of a list."""
    page = await replica.page(Question("crm", Kind.CONTACT, rows // 2, None, order))
    return page.next


async def _asked(replica: DatabaseReplica, name: str, asked: Question) -> Took:
    times = []
    for _ in range(TIMES):
        began = time.perf_counter()
        await replica.page(asked)
        times.append(time.perf_counter() - began)
    order = asked.order
    shown = "as they lie" if order is None else f"by {order[0]} {'falling' if order[1] else 'rising'}"
    place = "from the start" if asked.after is None else "from the middle"
    return Took(name, shown, place, sorted(times)[TIMES // 2], max(times))


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


def _questions() -> Iterator[tuple[str, Filter | None]]:
    """Every field of the graph's filter with every word it knows, and some together."""
    yield "everybody", None
    texts = ("fullName", "givenName", "familyName", "companyName", "jobTitle", "leadSource", "website", "timezone")
    for field in (*texts, "emails"):
        yield f"{field} contains, rare", Condition(field, Op.CONTAINS, "qzqz")
        yield f"{field} contains, common", Condition(field, Op.CONTAINS, "a")
        yield f"{field} starts, rare", Condition(field, Op.STARTS_WITH, "qzqz")
        yield f"{field} equals nobody's", Condition(field, Op.EQ, "qzqz")
        yield f"{field} is missing", Condition(field, Op.IS_NULL, True)
        yield f"{field} is one of 100", Condition(field, Op.IN, tuple(f"q{number}" for number in range(100)))
    yield "phone contains", Condition("phones", Op.CONTAINS, "5550142")
    yield "phone equals", Condition("phones", Op.EQ, "+14155550142")
    yield "tag, common", Condition("tags", Op.EQ, "vip")
    yield "tag, nobody's", Condition("tags", Op.EQ, "nobody")
    yield "owner", Condition("owner", Op.EQ, "u1")
    yield "company, nobody's", Condition("company", Op.EQ, "none")
    yield "born before", Condition("birthDate", Op.LT, date(1950, 1, 3))
    yield "not to be contacted", Condition("doNotContact", Op.EQ, True)
    yield "changed lately", Condition("updatedAt", Op.GTE, NOW - DAY)
    yield "made long ago", Condition("createdAt", Op.LT, NOW - 2990 * DAY)
    yield "custom text, rare", Condition("customFields.note", Op.CONTAINS, "qzqz")
    yield "custom option, common", Condition("customFields.level", Op.EQ, "gold")
    yield "custom number, rare", Condition("customFields.score", Op.GTE, Decimal(999))
    yield "custom number, all but few", Not(Condition("customFields.score", Op.GTE, Decimal(1)))
    rare = Condition("jobTitle", Op.CONTAINS, "qzqz")
    yield "and, or, not", And((Or((Condition("tags", Op.EQ, "vip"), rare)), Not(Condition("owner", Op.EQ, "u2")), rare))


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
    """A word without the letter q, so that nothing rare is in it by chance."""
    return "".join(random.choices("abcdefghijklmnoprstuvwxyz", k=length)).title()


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms"
