"""Some people are asked before a list is walked: what they tell holds for all."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection
from tests.store.given import Crew
from tests.store.test_replica import REGION, contact

from crmgraph.domain.filtering import Condition, Op
from crmgraph.domain.model import Kind
from crmgraph.service.replica import Question
from crmgraph.store.database import Database
from crmgraph.store.replica import DatabaseReplica
from crmgraph.store.replica_candidates import Effort
from crmgraph.store.replica_sample import Sample, sample_of, spread
from crmgraph.store.replica_tables import contacts, records

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
    assert sample_of(None) == Sample(0, 0)


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 500))
def test_one_sum_counts_three_things(seen: int, passing: int, depending: int) -> None:
    assert sample_of(seen + passing * 10**6 + depending * 10**12) == Sample(seen, passing, depending)


@pytest.mark.parametrize(
    ("passing", "rows"),
    [(200, 51 + 76), (100, 51 + 153), (10, 51 + 1530), (1, 51 + 15_300), (0, None)],
)
def test_the_fewer_pass_the_farther_a_list_is_walked(passing: int, rows: int | None) -> None:
    """Half as far again as should do; where nobody passes, nothing tells how far."""
    assert Sample(200, passing).walk(51) == rows


def test_custom_values_are_looked_up_one_by_one_where_they_matter_for_few() -> None:
    """SQLite does so quicker than PostgreSQL."""
    for depending, single in ((0, {"sqlite", "postgresql"}), (50, {"sqlite"}), (150, set[str]())):
        assert {one for one in ("sqlite", "postgresql") if Sample(200, 5, depending).single(one)} == single
