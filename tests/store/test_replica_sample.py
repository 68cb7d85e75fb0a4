"""Some people are asked before a list is walked: what they tell holds for all."""

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Row, case, false, func, select, true
from sqlalchemy.ext.asyncio import AsyncConnection
from tests.store.given import Crew
from tests.store.test_replica import REGION, contact

from crmgraph.domain.filtering import And, Condition, Filter, Not, Op, Or
from crmgraph.domain.model import Custom, Kind, TagName
from crmgraph.service.replica import Question
from crmgraph.store.database import Database
from crmgraph.store.replica import DatabaseReplica
from crmgraph.store.replica_candidates import Effort
from crmgraph.store.replica_filters import Conditions
from crmgraph.store.replica_sample import Sample, holding, passing_and_coming, sample_of, spread
from crmgraph.store.replica_tables import contacts, records
from crmgraph.store.replica_texts import Plain
from crmgraph.store.replica_turns import Dear, name_of

PEOPLE, TAKEN = 600, 200


async def sampled(database: Database, source: str) -> list[int]:
    """The ids that are taken."""

    async def work(connection: AsyncConnection) -> list[int]:
        found = await connection.execute(spread(source, TAKEN, connection.dialect.name))
        return [one for one in found.scalars() if one is not None]

    return await database.read(work)


async def test_people_of_one_source_are_taken_wherever_they_lie(database: Database) -> None:
    """Between and behind those of others, with gaps; each time the same."""
    replica = DatabaseReplica(database, Crew().worker(), REGION)
    for source, count in (("a", 150), ("b", 40), ("a", 300), ("c", 150)):
        await replica.take([contact(f"{source}{number}", source=source) for number in range(count)])
    rows = await database.read(_rows)
    for source in "abc":
        taken = await sampled(database, source)
        own = {row.id for row in rows if row.source == source}
        assert len(taken) == TAKEN
        assert len(own.intersection(taken)) > min(TAKEN, len(own)) * 0.5
        assert taken == await sampled(database, source)


async def _rows(connection: AsyncConnection) -> list[Row[Any]]:
    return list(await connection.execute(select(records.c.id, records.c.source).join(contacts)))


@pytest.mark.parametrize("turns", [2, 3, 4, 5, 7, 8, 10, 16, 20, 25])
async def test_those_who_come_regularly_are_met_as_often_as_they_are_there(database: Database, turns: int) -> None:
    """Owners who take turns, say: a step of equal length would meet one of them always or never."""
    replica = DatabaseReplica(database, Crew().worker(), REGION)
    await replica.take([contact(f"c{number}") for number in range(PEOPLE)])
    met = Counter(one % turns for one in await sampled(database, "sales"))
    assert len(met) == turns
    assert max(met.values()) < 2.2 * TAKEN / turns


async def test_where_nobody_is_kept_of_a_source_all_of_them_are_soon_looked_at(database: Database) -> None:
    """Whoever lies beside where they would lie is not taken for one of them."""
    replica = DatabaseReplica(database, Crew().worker(), REGION, effort=Effort(most=0))
    await replica.take([contact("1", source="a", givenName="Anna"), contact("2", source="c", givenName="Anna")])
    page = await replica.page(Question("b", Kind.CONTACT, 5, Condition("givenName", Op.CONTAINS, "ann")))
    assert page.rows == []
    assert sample_of(None, ()) == Sample(0, 0)


@given(st.integers(0, 999), st.integers(0, 999), st.lists(st.integers(0, 999), max_size=4))
def test_one_sum_counts_several_things(seen: int, passing: int, coming: list[int]) -> None:
    total = sum(count * 1_000**place for place, count in enumerate((seen, passing, *coming)))
    names = "abcd"[: len(coming)]
    assert sample_of(total, names) == Sample(seen, passing, dict(zip(names, coming, strict=True)))


async def test_a_sum_says_who_comes_and_another_for_how_many_of_them_it_holds(database: Database) -> None:
    """Of four conditions; whoever does not come to one is not asked."""
    replica = DatabaseReplica(database, Crew().worker(), REGION)
    await replica.take([contact(str(number), tags=(TagName("VIP"),) if number < 20 else ()) for number in range(200)])
    every, few, nobody = true(), contacts.c.tags.is_not(None), false()
    dear = [Dear(VIP, every, every), Dear(VIP, every, few), Dear(VIP, few, nobody), Dear(VIP, few, few)]

    async def work(connection: AsyncConnection) -> Sample:
        sums = func.sum(passing_and_coming(few, dear)), func.sum(holding(dear))
        total, held = (await connection.execute(select(*sums).select_from(contacts))).one()
        return sample_of(total, "abcd", held)

    coming, holds = {"a": 200, "b": 200, "c": 20, "d": 20}, {"a": 200, "b": 20, "c": 0, "d": 20}
    assert await database.read(work) == Sample(200, 20, coming, holds)


@pytest.mark.parametrize(
    ("passing", "rows"),
    [(200, 51 + 76), (100, 51 + 153), (10, 51 + 1530), (1, 51 + 15_300), (0, None)],
)
def test_the_fewer_pass_the_farther_a_list_is_walked(passing: int, rows: int | None) -> None:
    """Half as far again as should do; where nobody passes, nothing tells how far."""
    assert Sample(200, passing).walk(51) == rows


def test_those_with_a_custom_value_are_gathered_where_many_come_to_that_condition() -> None:
    """Who looks single values up quickly, as SQLite does, does so for more; who was not counted might be anybody."""
    sample = Sample(200, 5, {"few": 1, "some": 40, "many": 150})
    assert sample.to_gather(["few", "some", "many", "fifth"], "sqlite") == {"many", "fifth"}
    assert sample.to_gather(["few", "some", "many", "fifth"], "postgresql") == {"some", "many", "fifth"}


def test_those_with_a_custom_value_are_gathered_where_they_are_few_and_an_index_leads_to_them() -> None:
    sample = Sample(200, 5, {"nobody": 20, "everybody": 20}, {"nobody": 0, "everybody": 20})
    assert sample.to_gather(["nobody", "everybody"], "postgresql") == {"nobody"}
    assert sample.to_gather(["nobody", "everybody"], "postgresql", ["nobody", "everybody"]) == set()


GOLD, LEVEL, SCORE = (
    Condition("customFields.level", Op.EQ, "gold"),
    Condition("customFields.level", Op.STARTS_WITH, "gold"),
    Condition("customFields.score", Op.LTE, Decimal(100)),
)
ANNA, VIP = Condition("givenName", Op.EQ, "anna"), Condition("tags", Op.EQ, "vip")


@pytest.mark.parametrize(
    ("filter", "coming"),
    [
        (LEVEL, {LEVEL: 12}),
        (And((LEVEL, ANNA)), {LEVEL: 6}),
        (Or((LEVEL, ANNA)), {LEVEL: 6}),
        (And((SCORE, LEVEL)), {LEVEL: 12, SCORE: 4}),
        (Or((SCORE, And((LEVEL, ANNA)))), {SCORE: 12, LEVEL: 5}),
        (Not(And((LEVEL, VIP))), {LEVEL: 3}),
        (And((Or((ANNA, LEVEL)), Or((VIP, LEVEL)))), {LEVEL: 12}),
        (And((LEVEL, GOLD)), {LEVEL: 4}),
    ],
)
async def test_a_condition_is_come_to_by_those_of_whom_what_stands_before_it_does_not_tell(
    database: Database, filter: Filter, coming: dict[Condition, int]
) -> None:
    """What is on a person's own row, short custom values too, stands before others, one condition before several,
    ranges last.
    """
    replica = DatabaseReplica(database, Crew().worker(), REGION)
    await replica.take(
        [
            contact(
                str(number),
                givenName="Anna" if number % 2 else "Bob",
                tags=(TagName("VIP"),) if number % 4 == 0 else (),
                customFields=(Custom("level", "Gold" if number % 3 == 0 else "Tin"), Custom("score", 99 + number)),
            )
            for number in range(12)
        ]
    )

    async def work(connection: AsyncConnection) -> dict[str, int]:
        dear = Conditions("sales", Plain(), REGION, connection.dialect.name).turns(filter).dear()
        counts = [func.sum(case((one.comes, 1), else_=0)) for one in dear.values()]
        (found,) = (await connection.execute(select(*counts).select_from(contacts))).all()
        return dict(zip(dear, found, strict=True))

    assert await database.read(work) == {name_of(one): count for one, count in coming.items()}
