"""The index of pieces: what it tells of a filter, that it stays true, and that nobody is missed where there is none."""

import pytest
from msgspec.structs import replace
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection
from tests.store.given import NOON, Crew
from tests.store.test_migrations import made
from tests.store.test_replica import REGION, contact, everybody

from crmgraph.domain.columns import OPTIONS
from crmgraph.domain.filtering import And, Condition, Filter, Not, Op, Or
from crmgraph.domain.model import Custom, Email, Kind, Phone, TagName
from crmgraph.domain.records import Record, Ref
from crmgraph.service.replica import Question, Reached, SyncState
from crmgraph.store.database import Database
from crmgraph.store.migrations.upgrading import revision, upgrade
from crmgraph.store.replica import DatabaseReplica
from crmgraph.store.replica_parts import NOBODY, Matched, told
from crmgraph.store.replica_pieces import is_kept
from crmgraph.store.replica_tables import contacts
from crmgraph.store.replica_taking import Said, said_by, taken
from crmgraph.store.replica_texts import Plain
from crmgraph.store.vault import Vault

INDEX = Matched("sales", Plain(), {"qz": (), "an": ("ann", "any")})


def has(part: str, field: str = "fullName") -> Condition:
    return Condition(field, Op.CONTAINS, part)


BOB, KIM, RARE, SOON = has("bob"), has("kim"), has("qz"), Condition("createdAt", Op.GT, NOON)


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        (BOB, BOB),
        (And((BOB, SOON)), BOB),
        (And((SOON, BOB, Or((KIM, RARE)))), And((BOB, KIM))),
        (Or((BOB, SOON)), None),
        (Or((BOB, And((SOON, KIM)))), Or((BOB, KIM))),
        (And((BOB, RARE)), NOBODY),
        (Or((RARE, RARE)), NOBODY),
        (Not(BOB), None),
        (has("x"), None),
        (has("a", "phones"), NOBODY),
        (Condition("fullName", Op.EQ, "bob"), None),
        (Condition("fullName", Op.STARTS_WITH, "bo"), Condition("fullName", Op.STARTS_WITH, "bo")),
        (Condition("tags", Op.EQ, "x"), Condition("tags", Op.EQ, "x")),
        (Condition("tags", Op.IN, ("x", "y")), Or((Condition("tags", Op.EQ, "x"), Condition("tags", Op.EQ, "y")))),
        (SOON, None),
    ],
)
def test_whoever_passes_a_filter_passes_what_the_index_tells_of_it(filter: Filter, expected: Filter | None) -> None:
    """Of what must all hold, whatever it knows; of alternatives all or nothing."""
    assert told(INDEX, filter) == expected


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        (has("anna"), 'full_name : ("ann" AND "nna")'),
        (has("an"), 'full_name : ("ann" OR "any")'),
        (has('"x"'), 'full_name : ("""x""")'),
        (Condition("emails", Op.STARTS_WITH, "bo"), 'emails : ("\nbo")'),
        (has("gold", "customFields.level"), 'customs : ("gol" AND "old")'),
        (And((BOB, Or((KIM, has("+1 (55)", "phones"))))), None),
    ],
)
def test_a_filter_is_asked_in_the_language_of_the_index(filter: Filter, expected: str | None) -> None:
    """A letter that means something there is a letter like any other."""
    whole = 'full_name : ("bob")) AND ((full_name : ("kim")) OR (phones : ("155"))'
    asked = str(INDEX.look(filter).compile(compile_kwargs={"literal_binds": True}))
    assert (expected or f"({whole})") in asked


ANNA = {
    "fullName": "Anna Zimmer",
    "emails": (Email("anna@x.example"),),
    "phones": (Phone("+1 415 555 0142"),),
    "tags": (TagName("VIP"),),
    "customFields": (Custom("note", "likes tea"), Custom("more", ("one", "two"))),
}


async def sound(database: Database) -> None:
    """Raises where the index of SQLite differs from what is in the columns; PostgreSQL keeps its own."""
    check = "INSERT INTO replica_pieces (replica_pieces, rank) VALUES ('integrity-check', 1)"

    async def work(connection: AsyncConnection) -> None:
        if connection.dialect.name == "sqlite":
            await connection.execute(text(check))

    await database.write(work)


async def test_the_index_holds_what_the_columns_hold_whatever_becomes_of_people(database: Database) -> None:
    """Made, changed, gone in each of the two ways, and come again."""
    crew = Crew()
    replica = DatabaseReplica(database, crew.worker(), REGION)
    await replica.take([contact("1", **ANNA), contact("2", fullName="Bob")])
    await sound(database)
    for later, work in enumerate(("changed", "gone", "again", "swept")):
        crew.clock.pass_(60)
        if work == "gone":
            await replica.gone([Ref("sales", "contact", "1")])
        elif work == "swept":
            await replica.swept(crew.clock.now(), Reached("sales", "contact", SyncState(NOON, NOON)))
        else:
            now = {**ANNA, "fullName": f"Anna {later}", "customFields": (Custom("note", "tea and coffee"),)}
            await replica.take([contact("1", at=crew.clock.now(), **now)])
        await sound(database)
    assert await everybody(replica, Question("sales", Kind.CONTACT, 5, has("nna"))) == []


async def test_the_check_sees_an_index_that_is_not_true(database: Database) -> None:
    """Else the test before this one could not fail."""
    await DatabaseReplica(database, Crew().worker(), REGION).take([contact("1", **ANNA)])

    async def work(connection: AsyncConnection) -> bool:
        await connection.execute(text("UPDATE replica_contacts SET full_name = 'someone else'"))
        return connection.dialect.name == "sqlite"

    if await database.write(work):
        with pytest.raises(Exception, match="cannot be used"):
            await sound(database)


async def without(database: Database) -> None:
    """Take the index away, as where the database cannot keep one."""

    async def work(connection: AsyncConnection) -> None:
        sqlite = ("TABLE replica_pieces_known", "TABLE replica_pieces", "VIEW replica_between")
        postgresql = ("INDEX replica_contacts_pieces", "INDEX replica_customs_pieces")
        for one in sqlite if connection.dialect.name == "sqlite" else postgresql:
            await connection.execute(text(f"DROP {one}"))

    await database.write(work)


PEOPLE = [
    contact("1", **ANNA),
    contact("2", fullName="Hannah", tags=(TagName("vip two"),)),
    contact("3", fullName="Bob", customFields=(Custom("note", "hates tea"),)),
    contact("4", source="desk", **ANNA),
]
ASKED: list[tuple[Filter, list[str]]] = [
    (has("anna"), ["1", "2"]),
    (has("nn"), ["1", "2"]),
    (has("ah"), ["2"]),
    (has("b"), ["3"]),
    (Or((has("zimm"), has("bob"))), ["1", "3"]),
    (And((has("anna"), has("zim"))), ["1"]),
    (Or((has("anna@x", "emails"), has("hannah", "companyName"), has("bo"))), ["1", "3"]),
    (Or((has("zimm"), Condition("fullName", Op.EQ, "bob"), has("hannah"))), ["1", "2", "3"]),
    (has("5550142", "phones"), ["1"]),
    (Condition("tags", Op.EQ, "VIP"), ["1"]),
    (Condition("tags", Op.IN, (*(f"tag {number}" for number in range(499)), "VIP two")), ["2"]),
    (Not(Condition("tags", Op.IN, (*(f"tag {number}" for number in range(499)), "VIP two"))), ["1", "3"]),
    (Or(tuple(has(f"tea {number}", "customFields.note") for number in range(99))), []),
    (Or((has("zimmer" * 300), has("b" * 2_000))), []),
    (has("tea", "customFields.note"), ["1", "3"]),
    (has("tea", "customFields.more"), []),
    (Or((has("tea", "customFields.note"), has("hannah"))), ["1", "2", "3"]),
    (And((has("likes", "customFields.note"), has("anna"))), ["1"]),
    (And((Not(has("likes", "customFields.note")), has("anna"))), ["2"]),
    (Condition("customFields.more", Op.EQ, "TWO"), ["1"]),
    (Condition("customFields.more", Op.IN, ("tea", *(f"tea {number}" for number in range(199)), "one")), ["1"]),
    (Not(Condition("customFields.note", Op.IN, ("likes tea", "x" * 41))), ["2", "3"]),
    (And((Not(Condition("customFields.more", Op.EQ, "three")), has("anna"))), ["1", "2"]),
]


@pytest.mark.parametrize("pieced", [True, False])
async def test_the_same_people_are_found_with_the_index_and_without_it(database: Database, pieced: bool) -> None:
    """Of one's own source only, though the index knows all."""
    if not pieced:
        await without(database)
    assert await database.read(is_kept) is pieced
    replica = DatabaseReplica(database, Crew().worker(), REGION)
    await replica.take(PEOPLE)
    for filter, expected in ASKED:
        for order in (None, ("givenName", True)):
            found = await everybody(replica, Question("sales", Kind.CONTACT, 2, filter, order))
            assert sorted(found) == expected, (filter, order)


async def test_a_database_that_cannot_keep_the_index_is_migrated_all_the_same(url: str) -> None:
    """Here it may not, since something else has taken a name."""

    async def occupied(connection: AsyncConnection) -> None:
        await connection.run_sync(upgrade, 0, revision(14))
        for name in ("replica_between", "replica_customs_pieces"):
            await connection.execute(text(f"CREATE TABLE {name} (id INTEGER)"))

    await made(url, occupied)
    database = Database(url)
    replica = DatabaseReplica(database, Crew().worker(), REGION)
    await replica.take(PEOPLE)
    assert await everybody(replica, Question("sales", Kind.CONTACT, 5, has("anna"))) == ["1", "2"]
    assert await database.read(is_kept) is False
    await database.aclose()


def as_until_16(record: Record) -> Said:
    """What a record said before short custom values were in a person's own row, too."""
    said = said_by(record, REGION, Plain())
    assert said.columns is not None
    return replace(said, columns={name: held for name, held in said.columns.items() if name != OPTIONS})


async def test_whoever_was_found_by_a_piece_is_found_after_custom_values_have_moved(url: str) -> None:
    """Until revision 15 they lay by the field, and until 16 nowhere else; who is read anew or goes afterwards leaves
    nothing behind.
    """

    async def kept(connection: AsyncConnection) -> None:
        await connection.run_sync(upgrade, 0, revision(15))
        await taken(connection, [as_until_16(one) for one in PEOPLE], None, pieced=True)

    await made(url, kept)
    database = Database(url)
    replica = DatabaseReplica(database, Crew().worker(), REGION)
    assert await database.read(is_kept)
    for filter, expected in ASKED:
        assert sorted(await everybody(replica, Question("sales", Kind.CONTACT, 5, filter))) == expected, filter
    options = select(contacts.c.options).where(contacts.c.source == "sales").order_by(contacts.c.id)
    held = (await database.read(lambda connection: connection.execute(options))).scalars().all()
    assert [one and sorted(one.split("\n")) for one in held] == [
        ["", "", "more\tone", "more\ttwo", "note\tlikes tea"],
        None,
        ["", "", "note\thates tea"],
    ]
    await replica.gone([PEOPLE[0].ref])
    assert await everybody(replica, Question("sales", Kind.CONTACT, 5, has("anna"))) == ["2"]
    await database.aclose()


async def test_an_encrypted_replica_has_no_pieces_of_anything(database: Database) -> None:
    """Of hashes nobody asks for parts. Those of who was kept before it was encrypted go as they are read again."""
    plain, crew = DatabaseReplica(database, Crew().worker(), REGION), Crew()
    await plain.take(PEOPLE)
    crew.clock.pass_(60)
    replica = DatabaseReplica(database, crew.worker(), REGION, Vault({"one": b"k" * 32}, crew.random))
    await replica.take([contact(one.ref.id, at=crew.clock.now(), source=one.ref.source, **ANNA) for one in PEOPLE])

    async def work(connection: AsyncConnection) -> int:
        if connection.dialect.name != "sqlite":
            return 0
        return len((await connection.execute(text("SELECT term FROM replica_pieces_known"))).all())

    assert await database.read(work) == 0
