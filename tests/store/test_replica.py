"""The replica: each record once with its age, and pages of people in any order that hold whom a filter lets through."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection
from tests.store.given import NOON, Crew

from crmgraph.domain.comparing import OPS, Op
from crmgraph.domain.doubles import is_plain
from crmgraph.domain.filtering import And, Condition, Filter, Not, Or, field_type, passes
from crmgraph.domain.model import (
    Consent,
    ConsentState,
    Custom,
    Email,
    FieldType,
    Kind,
    Link,
    Phone,
    TagName,
)
from crmgraph.domain.naming import NAMES, name_of
from crmgraph.domain.records import Record, Ref
from crmgraph.service.replica import Beyond, Question
from crmgraph.store.database import Database
from crmgraph.store.replica import DatabaseReplica
from crmgraph.store.replica_candidates import Effort
from crmgraph.store.replica_tables import records
from crmgraph.store.rotation import resealed
from crmgraph.store.tables import metadata
from crmgraph.store.tidying import tidy
from crmgraph.store.vault import Vault

REGION = "US"


def contact(ident: str, *, at: datetime = NOON, source: str = "sales", **said: Any) -> Record:
    """A contact that says so much."""
    getters = {name: (lambda raw, tables, name=name: said[name]) for name in said}
    raw = {"id": ident, "said": {name: str(value) for name, value in said.items()}}
    return Record(Ref(source, "contact", ident), Kind.CONTACT, raw, getters, {}, at)


WORDS = st.sampled_from(
    [
        "Anna",
        "anna",
        "ANNA",
        "Änna",
        "Straße",
        "STRASSE",
        "bob",
        "a%b_c",
        "x\\y",
        "Zoë",
        " ",
        "İ",
        'my "AND" x',
        "王小明",
    ]
)
INSTANTS = st.sampled_from([NOON + timedelta(days=one) for one in (-400, -1, 0, 3)])
DAYS = st.sampled_from([date(1980, 2, 29), date(1999, 12, 31), date(2001, 1, 1)])
ADDRESSES = st.sampled_from(["Anna@x.example", "anna@X.example", "a.n.na@gmail.com", "anna@googlemail.com", "no mail"])
NUMBERS = st.sampled_from(["(415) 555-0142", "+1 415 555 0142", "0142", "ext", "+44 20 7946 0018"])
NEARLY = "7.00000000000000000001"
"""A number that no double tells from seven."""

ODD = ["x" * 41, "gold\nold", "go\tld", "GOLD\nlevel\tgold"]
"""Texts that a person's own row does not hold."""

TAGS = st.sampled_from(["VIP", "vip", "Vîp", "lead one"])
ELEMENTS = st.sampled_from(
    ["Gold", "gold", "7", "7.5", 7, NEARLY, True, "true", "2001-01-01", NOON.isoformat(), "x", "-1e400", *ODD]
)
SAID = st.fixed_dictionaries(
    {},
    optional={
        "fullName": WORDS,
        "givenName": WORDS,
        "familyName": WORDS,
        "companyName": WORDS,
        "jobTitle": WORDS,
        "company": st.builds(Link, st.sampled_from([None, "7", "8"]), WORDS),
        "owner": st.builds(Link, st.sampled_from(["7", "u8"])),
        "emails": st.lists(st.builds(Email, ADDRESSES), max_size=2).map(tuple),
        "phones": st.lists(st.builds(Phone, NUMBERS), max_size=2).map(tuple),
        "tags": st.lists(st.builds(TagName, TAGS), max_size=2).map(tuple),
        "birthDate": DAYS,
        "doNotContact": st.builds(Consent, st.sampled_from(ConsentState)),
        "createdAt": INSTANTS,
        "updatedAt": INSTANTS,
        "customFields": st.lists(
            st.builds(Custom, st.sampled_from(["level", "note"]), ELEMENTS | st.lists(ELEMENTS, max_size=2)), max_size=3
        ).map(tuple),
    },
)
TEXT = WORDS | st.sampled_from(["an", "nna", "aß", "ss", "tras", "%", "b_", "%b_", "\\y", '"AND', "王", "a", ""])
OPERANDS: dict[FieldType, st.SearchStrategy[Any]] = {
    FieldType.TEXT: TEXT,
    FieldType.EMAILS: ADDRESSES | st.sampled_from(["anna", "@x", ""]),
    FieldType.PHONES: NUMBERS | st.sampled_from(["555", "+", ""]),
    FieldType.TAGS: TAGS,
    FieldType.LINK: st.sampled_from(["7", "8", "u8"]),
    FieldType.INSTANT: INSTANTS,
    FieldType.DATE: DAYS,
    FieldType.CONSENT: st.booleans(),
}
CUSTOM = ["gold", "ol", "old", "7", *ODD], [Decimal("7"), Decimal("7.25")], [True, False], [NOON], [date(2001, 1, 1)]
FIELDS = [
    *("fullName", "givenName", "familyName", "companyName", "jobTitle", "company", "owner", "emails", "phones", "tags"),
    *("birthDate", "doNotContact", "createdAt", "updatedAt", "customFields.level"),
]


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    """One condition of the graph's."""
    field = draw(st.sampled_from(FIELDS))
    type = field_type(Kind.CONTACT, field)
    if type is FieldType.CUSTOM:
        operand = draw(st.sampled_from([one for several in CUSTOM for one in several]))
        texts = {Op.EQ, Op.IN, Op.CONTAINS, Op.STARTS_WITH, Op.IS_NULL}
        ordered = {Op.EQ, Op.IN, Op.GT, Op.GTE, Op.LT, Op.LTE, Op.IS_NULL}
        ops = texts if isinstance(operand, str) else {Op.EQ} if isinstance(operand, bool) else ordered
    else:
        operand, ops = draw(OPERANDS[type]), set(OPS[type])
    op = draw(st.sampled_from(sorted(ops)))
    if op is Op.IS_NULL:
        return Condition(field, op, draw(st.booleans()))
    return Condition(field, op, (operand,) if op is Op.IN else operand)


def _nested(inner: st.SearchStrategy[Filter]) -> st.SearchStrategy[Filter]:
    several = st.lists(inner, max_size=3).map(tuple)
    return st.builds(And, several) | st.builds(Or, several) | st.builds(Not, inner)


FILTERS: st.SearchStrategy[Filter] = st.recursive(conditions(), _nested, max_leaves=4)
ORDERS = st.none() | st.tuples(st.sampled_from(["createdAt", "updatedAt", "givenName", "familyName"]), st.booleans())


async def everybody(replica: DatabaseReplica, asked: Question) -> list[str]:
    """All pages of a question, by id."""
    found: list[str] = []
    while True:
        page = await replica.page(asked)
        found += [row.ref.id for row in page.rows]
        if page.next is None:
            return found
        assert len(page.rows) == asked.first
        asked = Question(asked.source, asked.kind, asked.first, asked.filter, asked.order, page.next)


def expected(people: Sequence[Record], filter: Filter | None, order: tuple[str, bool] | None) -> list[str]:
    """Whom a list holds, as the gateway itself filters and orders."""
    held = [one for one in people if filter is None or passes(filter, one, region=REGION)]
    if order is None:
        return [one.ref.id for one in held]
    keyed = [(key, one) for one in held if (key := _key(one, order[0])) is not None]
    places = {one.ref: place for place, one in enumerate(people)}
    keyed.sort(key=lambda pair: (pair[0], places[pair[1].ref]), reverse=order[1])
    without = [one for one in held if _key(one, order[0]) is None]
    return [one.ref.id for _, one in keyed] + [one.ref.id for one in without]


def _key(record: Record, field: str) -> Any:
    value = name_of(record, field) if field in NAMES else record.get(field)
    return (
        value.casefold() if isinstance(value, str) and value.strip() else value if not isinstance(value, str) else None
    )


LONG = "x" * 3_000 + "end"
LONG_ONE: dict[str, Any] = {
    "givenName": LONG,
    "tags": tuple(TagName(f"{number} {LONG}") for number in range(3)),
    "emails": (Email(f"{LONG}@x.example"),),
    "customFields": (Custom("note", LONG), Custom("level", "gold")),
}


@pytest.mark.parametrize(
    "filter",
    [
        Condition("givenName", Op.CONTAINS, "end"),
        Condition("givenName", Op.EQ, LONG),
        Condition("tags", Op.EQ, f"2 {LONG}"),
        Condition("emails", Op.EQ, f"{LONG}@x.example"),
        Condition("emails", Op.CONTAINS, "end@x"),
        Condition("customFields.note", Op.CONTAINS, "xend"),
        Condition("customFields.note", Op.IN, (LONG,)),
        Not(Condition("customFields.note", Op.CONTAINS, "xxend.")),
    ],
)
@pytest.mark.parametrize("effort", [Effort(), Effort(most=0)])
async def test_who_has_a_text_that_no_index_takes_is_found_by_all_of_it(
    database: Database, filter: Filter, effort: Effort
) -> None:
    replica = DatabaseReplica(database, Crew().worker(), REGION, effort=effort)
    await replica.take([contact("1", **LONG_ONE), contact("2", givenName="xxend.")])
    for order in (None, ("givenName", True)):
        assert "1" in await everybody(replica, Question("sales", Kind.CONTACT, 5, filter, order))


async def test_a_custom_text_that_no_index_takes_is_compared_to_its_end(database: Database) -> None:
    replica = DatabaseReplica(database, Crew().worker(), REGION)
    await replica.take([contact("1", **LONG_ONE), contact("2", customFields=(Custom("note", LONG + "."),))])
    for filter, found in (
        (Condition("customFields.note", Op.EQ, LONG), ["1"]),
        (Condition("customFields.note", Op.CONTAINS, "end."), ["2"]),
        (Not(Condition("customFields.note", Op.STARTS_WITH, LONG + ".")), ["1"]),
    ):
        assert await everybody(replica, Question("sales", Kind.CONTACT, 5, filter)) == found


@pytest.mark.parametrize("effort", [Effort(), Effort(most=0), Effort(most=0, walked=0)])
async def test_custom_numbers_are_compared_as_numbers_are_and_not_as_doubles(
    database: Database, effort: Effort
) -> None:
    """Nobody is missed where the number asked for has too many digits to tell it from others."""
    replica = DatabaseReplica(database, Crew().worker(), REGION, effort=effort)
    said = ("7", NEARLY, "6.99999999999999999999", 7.5, "-1e400", "1e400", "0", "1e-400", True, "seven")
    people = [contact(f"c{number}", customFields=(Custom("level", one),)) for number, one in enumerate(said)]
    await replica.take(people)
    for operand in (Decimal(7), Decimal(0), Decimal("7.5"), Decimal(NEARLY), Decimal("1e400")):
        conditions = [Condition("customFields.level", op, operand) for op in (Op.EQ, Op.GT, Op.GTE, Op.LT, Op.LTE)]
        for one in (*conditions, Condition("customFields.level", Op.IN, (operand,))):
            for filter in (one, Not(one)):
                found = await everybody(replica, Question("sales", Kind.CONTACT, 5, filter))
                told = expected(people, filter, None)
                assert found == told if is_plain(operand) else set(found) >= set(told), filter


SOURCES = count()
"""Each example has a source of its own in the one database."""


EFFORTS = st.sampled_from(
    [Effort(), Effort(most=2), Effort(most=2, sampled=3), Effort(most=0, sampled=1), Effort(most=0, walked=0)]
)


@given(st.lists(SAID, max_size=12), FILTERS, ORDERS, st.integers(1, 4), EFFORTS)
@settings(max_examples=90, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
async def test_pages_hold_whom_the_gateways_own_filter_lets_through_in_its_order(
    database: Database,
    said: list[dict[str, Any]],
    filter: Filter,
    order: tuple[str, bool] | None,
    first: int,
    effort: Effort,
) -> None:
    """However much a page may look at."""
    replica, source = DatabaseReplica(database, Crew().worker(), REGION, effort=effort), f"s{next(SOURCES)}"
    people = [contact(f"c{number}", source=source, **one) for number, one in enumerate(said)]
    await replica.take(people)
    for wanted in (filter, Not(filter), None):
        asked = Question(source, Kind.CONTACT, first, wanted, order)
        got, told = await everybody(replica, asked), expected(people, wanted, order)
        assert sorted(got) == sorted(told)
        if order is not None:
            assert got == told


def sealed(database: Database, key: bytes = b"k" * 32) -> DatabaseReplica:
    """The replica as who has the key sees it."""
    crew = Crew()
    return DatabaseReplica(database, crew.worker(), REGION, Vault({"one": key}, crew.random))


ANNA: dict[str, Any] = {
    "givenName": "Anna",
    "emails": (Email("Anna@secret.example"),),
    "tags": (TagName("Confidential"),),
    "createdAt": NOON,
    "customFields": (Custom("level", "Gold"),),
}


async def test_an_encrypted_replica_holds_no_word_of_anybody_and_still_finds_them(database: Database) -> None:
    replica = sealed(database)
    await replica.take([contact("1", **ANNA), contact("2", givenName="Bob")])

    async def held(connection: AsyncConnection) -> str:
        return repr([(await connection.execute(select(one))).all() for one in metadata.sorted_tables])

    shown = await database.read(held)
    assert not [word for word in ("nna", "secret", "onfidential", "old", "level") if word in shown]
    for found in (
        Condition("givenName", Op.EQ, "ANNA"),
        Condition("emails", Op.EQ, "anna@secret.example"),
        Condition("tags", Op.EQ, "confidential"),
        Condition("customFields.level", Op.IN, ("gold",)),
        Not(Condition("givenName", Op.EQ, "bob")),
    ):
        page = await replica.page(Question("sales", Kind.CONTACT, 5, found, ("createdAt", True)))
        assert [row.raw["id"] for row in page.rows] == ["1"], found
    assert await replica.by_keys(["email:anna@secret.example"]) == {
        "email:anna@secret.example": [Ref("sales", "contact", "1")]
    }


@pytest.mark.parametrize(
    ("filter", "order"),
    [
        (Condition("givenName", Op.CONTAINS, "nn"), None),
        (Condition("birthDate", Op.GT, date(2000, 1, 1)), None),
        (Condition("customFields.level", Op.GT, Decimal(1)), None),
        (None, ("familyName", False)),
    ],
)
async def test_what_an_encrypted_replica_cannot_compare_is_refused_in_a_sentence(
    database: Database, filter: Filter | None, order: tuple[str, bool] | None
) -> None:
    with pytest.raises(Beyond, match=r"[Ee]ncrypted replica"):
        await sealed(database).page(Question("sales", Kind.CONTACT, 5, filter, order))


async def test_keys_are_replaced_under_an_encrypted_replica(database: Database) -> None:
    await sealed(database).take([contact("1", **ANNA)])
    crew = Crew()
    both = Vault({"two": b"n" * 32, "one": b"k" * 32}, crew.random)
    assert (await resealed(database, both)).anew == 2
    replica = DatabaseReplica(database, crew.worker(), REGION, Vault({"two": b"n" * 32}, crew.random))
    page = await replica.page(Question("sales", Kind.CONTACT, 5, Condition("givenName", Op.EQ, "anna")))
    assert [row.raw["id"] for row in page.rows] == ["1"]


async def test_what_is_gone_is_remembered_for_a_while_without_a_word_of_what_it_was(database: Database) -> None:
    crew = Crew()
    worker = crew.worker()
    replica = DatabaseReplica(database, worker, REGION)
    await replica.take([contact("1", **ANNA)])
    crew.clock.pass_(60)
    await replica.gone([Ref("sales", "contact", "1")])
    await replica.take([contact("1", **ANNA)])
    assert await replica.counts() == {}, "What was read before it went does not bring it back."
    kept = select(records.c.id)
    for days, left in ((29, 1), (2, 0)):
        crew.clock.pass_(days * 86_400)
        await tidy(database, worker)
        assert len((await database.read(lambda connection: connection.execute(kept))).all()) == left
