"""How much a page of the replica looks at: looks go to places in indexes, and rows are come to by their key."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Executable
from sqlalchemy.ext.asyncio import AsyncConnection
from tests.store.given import NOON, Crew
from tests.store.test_replica import REGION, contact

from crmgraph.domain.columns import ORDERS
from crmgraph.domain.filtering import And, Condition, Filter, Not, Op, Or
from crmgraph.domain.model import Custom, Kind
from crmgraph.service.replica import Place, Question, Reached, SyncState
from crmgraph.store.database import Database
from crmgraph.store.replica import DatabaseReplica
from crmgraph.store.replica_candidates import Effort
from crmgraph.store.replica_pages import Paging
from crmgraph.store.replica_tables import contacts, customs, keys
from crmgraph.store.replica_texts import Plain

PEOPLE = 400


@dataclass
class Watched:
    """A connection that tells, for each statement, how the database goes about it: `looks` are for ids alone."""

    connection: AsyncConnection
    looks: list[Sequence[str]] = field(default_factory=list)
    rows: list[Sequence[str]] = field(default_factory=list)

    @property
    def dialect(self) -> Any:
        return self.connection.dialect

    async def execute(self, asked: Executable) -> Any:
        said = str(asked.compile(dialect=self.dialect, compile_kwargs={"literal_binds": True}))
        way = "EXPLAIN QUERY PLAN" if self.dialect.name == "sqlite" else "EXPLAIN (COSTS OFF)"
        plan = [str(row[-1]) for row in await self.connection.exec_driver_sql(f"{way} {said}")]
        reads = [line for line in plan if "replica_" in line and ("Scan" in line or "SCAN" in line or "SEARCH" in line)]
        (self.looks if "json_agg" in said or "json_group" in said else self.rows).append(reads)
        return await self.connection.execute(asked)


async def watched(database: Database, asked: Question, effort: Effort = Effort(), pieced: bool = False) -> Watched:
    """What the statements of a page read, with the index of pieces or without it."""

    async def work(connection: AsyncConnection) -> Watched:
        if connection.dialect.name != "sqlite":
            # So few rows as a test has are quicker gone through.
            await connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            await connection.exec_driver_sql(f"SET LOCAL enable_bitmapscan = {'on' if pieced else 'off'}")
            await connection.exec_driver_sql(f"SET LOCAL enable_indexonlyscan = {'off' if pieced else 'on'}")
        found: Any = Watched(connection)
        await Paging(asked, Plain(), REGION, connection.dialect.name, effort, pieced).page(found)
        watched: Watched = found
        return watched

    return await database.read(work)


async def filled(database: Database) -> None:
    """People of whom every tenth is rare."""
    replica = DatabaseReplica(database, Crew().worker(), REGION)
    people = [
        contact(
            f"c{number}",
            givenName=f"G{number}",
            jobTitle="rare" if number % 10 == 0 else "usual",
            fullName=f"G{number}",
            familyName=f"G{number}",
            createdAt=NOON,
            updatedAt=NOON,
            customFields=(Custom("level", "Gold" if number % 10 == 0 else "Tin"), Custom("score", number)),
        )
        for number in range(PEOPLE)
    ]
    await replica.take(people)
    await database.surveyed((contacts, customs, keys))


TEXTS = ("fullName", "givenName", "familyName", "companyName", "jobTitle", "leadSource", "lifecycleStage", "website")
PLACES: list[Filter] = [
    *(Condition(name, op, "rare") for name in (*TEXTS, "timezone") for op in (Op.STARTS_WITH, Op.EQ)),
    *(Condition(name, Op.IS_NULL, True) for name in (*TEXTS, "emails", "phones", "tags", "owner", "birthDate")),
    *(Condition(name, Op.EQ, "a@b.example") for name in ("emails", "owner", "company")),
    Condition("phones", Op.IN, ("+14155550142", "0142")),
    Condition("birthDate", Op.LT, date(2000, 1, 1)),
    Condition("doNotContact", Op.EQ, True),
    Condition("createdAt", Op.GT, NOON),
    Condition("customFields.level", Op.EQ, "gold"),
    Condition("customFields.level", Op.IN, ("gold", "silver")),
    Condition("customFields.score", Op.GTE, Decimal(399)),
    Condition("customFields.score", Op.IN, (Decimal(1), Decimal(2))),
    Condition("customFields.level", Op.IS_NULL, False),
    And((Not(Condition("tags", Op.EQ, "a")), Condition("fullName", Op.CONTAINS, "g"), Condition("owner", Op.EQ, "u"))),
    Or((Condition("jobTitle", Op.EQ, "rare"), Condition("givenName", Op.STARTS_WITH, "g9"))),
]


async def test_who_could_pass_is_told_by_places_in_indexes_and_only_they_are_looked_at(database: Database) -> None:
    """Whatever the filter asks: every look stays within one index, and rows are come to by their ids."""
    await filled(database)
    for filter in PLACES:
        for order in (None, ("updatedAt", True)):
            found = await watched(database, Question("sales", Kind.CONTACT, 50, filter, order))
            assert found.looks, filter
            assert all(_is_of_an_index(line) for look in found.looks for line in look), (filter, found.looks)
            assert all(_is_by_id(line) for rows in found.rows for line in rows), (filter, found.rows)


async def test_only_who_compares_texts_asks_for_those_that_are_kept_in_part(database: Database) -> None:
    """One look more, which a filter on times need not take."""
    await filled(database)
    for filter, looks in ((Condition("createdAt", Op.LT, NOON), 1), (Condition("jobTitle", Op.EQ, "none"), 2)):
        found = await watched(database, Question("sales", Kind.CONTACT, 50, filter))
        assert len(found.looks) == looks, found.looks


PIECES: list[Filter] = [
    *(Condition(name, Op.CONTAINS, "rare") for name in (*TEXTS, "timezone", "emails", "customFields.level")),
    Condition("phones", Op.CONTAINS, "555"),
    Or(tuple(Condition(name, Op.CONTAINS, f"rare{name}") for name in TEXTS)),
    And((Condition("jobTitle", Op.CONTAINS, "usu"), Or((Condition("fullName", Op.CONTAINS, "g399"),)))),
]


async def test_whoever_has_a_part_of_a_text_is_found_by_its_pieces(database: Database) -> None:
    """One look into one index, however many columns and alternatives there are; of several of them PostgreSQL combines
    what it likes best for so few people as a test has.
    """
    await filled(database)
    for filter in PIECES:
        found = await watched(database, Question("sales", Kind.CONTACT, 50, filter), Effort(), True)
        if isinstance(filter, Condition) or found.dialect.name == "sqlite":
            assert any("pieces" in line for look in found.looks for line in look), (filter, found.looks)
        reads = [line for look in found.looks for line in look if "Seq Scan" in line]
        reads += [line for rows in found.rows for line in rows if not _is_by_id(line)]
        assert reads == [], (filter, reads)


async def test_where_no_index_tells_all_rows_are_gone_through_once(database: Database) -> None:
    """After some people told that too few pass for the first rows to hold a page; both parts of the list at once."""
    await filled(database)
    rare = And((Condition("jobTitle", Op.CONTAINS, "r"), Condition("fullName", Op.CONTAINS, "8")))
    found = await watched(database, Question("sales", Kind.CONTACT, 50, rare, ("givenName", False)), Effort(20, 40, 0))
    sample, every = found.rows
    assert all(_is_by_key(line) or _is_of_an_index(line) for line in sample), sample
    assert len(every) == 1, every


async def test_where_many_pass_the_first_rows_of_the_orders_index_hold_a_page(database: Database) -> None:
    """From the start as from a place deep in the list: nothing before it is gone through, and not all behind it."""
    await filled(database)
    many = Condition("jobTitle", Op.CONTAINS, "usual")
    for order in [(name, falls) for name in ORDERS for falls in (False, True)]:
        place: Place = [0, NOON.isoformat() if order[0].endswith("At") else "g2", 200]
        for after in (None, place):
            found = await watched(database, Question("sales", Kind.CONTACT, 5, many, order, after), Effort(20, 40))
            sample, walk = found.rows
            assert all(_is_by_key(line) or _is_of_an_index(line) for line in sample), sample
            assert any(f"replica_contacts_{ORDERS[order[0]]}" in line for line in walk), (order, walk)
            assert all(_is_by_id(line) or _is_of_an_index(line) for line in walk), (order, walk)


async def test_where_fewer_pass_among_the_first_rows_than_among_all_they_are_walked_once_more(
    database: Database,
) -> None:
    """As far as the density that was found there tells."""
    await filled(database)
    rarely_at_first = Or((Condition("familyName", Op.CONTAINS, "g3"), Condition("jobTitle", Op.CONTAINS, "rar")))
    asked = Question("sales", Kind.CONTACT, 8, rarely_at_first, ("familyName", False))
    found = await watched(database, asked, Effort(0, 40))
    _, first, second = found.rows
    assert all(_is_by_id(line) or _is_of_an_index(line) for line in (*first, *second)), (first, second)


async def test_custom_values_are_looked_up_for_those_of_whom_nothing_else_tells(database: Database) -> None:
    """By the person, who has all of them in one place; where they matter for many, they are gathered by the field."""
    await filled(database)
    tin, usual = Condition("customFields.level", Op.CONTAINS, "i"), Condition("jobTitle", Op.CONTAINS, "u")
    for other, single in ((Condition("fullName", Op.CONTAINS, "77"), True), (usual, False)):
        filter = And((tin, other, Not(Condition("companyName", Op.CONTAINS, "x"))))
        found = await watched(database, Question("sales", Kind.CONTACT, 50, filter), Effort(0, 40, 0))
        values = [line for line in found.rows[-1] if "replica_customs" in line]
        assert values
        assert all(_is_by_id(line) for line in values) is single, (other, values)


async def test_at_the_end_of_a_whole_reading_every_row_is_known_to_be_visible(database: Database) -> None:
    """Before PostgreSQL knows, it looks into each row beside the index; SQLite never does."""
    replica = DatabaseReplica(database, Crew().worker(), REGION)
    await replica.take([contact(f"c{number}") for number in range(PEOPLE)])

    async def unknown(connection: AsyncConnection) -> int:
        if connection.dialect.name == "sqlite":
            return 0
        asked = "SELECT relpages - relallvisible FROM pg_class WHERE relname = 'replica_contacts' AND relpages > 0"
        return int((await connection.exec_driver_sql(asked)).scalar_one())

    await replica.swept(NOON - timedelta(days=1), Reached("sales", "contact", SyncState(NOON, NOON)))
    assert await database.read(unknown) == 0


def _is_of_an_index(line: str) -> bool:
    """Whether only an index is gone into that holds all that is asked for; SQLite's tables lie in that of their key."""
    return any(
        word in line for word in ("COVERING INDEX", "PRIMARY KEY (source=? AND key=?", "(key=?)", "Index Only Scan")
    )


def _is_by_id(line: str) -> bool:
    """Whether rows are come to by their ids; PostgreSQL names the index alone."""
    return any(word in line for word in (" id=?", "(id=?", "replica_contacts_id", "_pkey"))


def _is_by_key(line: str) -> bool:
    """Whether rows are looked for in the order of their key."""
    return _is_by_id(line) or "USING PRIMARY KEY" in line
