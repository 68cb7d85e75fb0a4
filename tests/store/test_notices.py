"""What workers that share a store tell each other."""

from tests.store.given import NOON, Crew

from crmgraph.domain.names import person_name
from crmgraph.domain.profiles import Profile
from crmgraph.domain.records import Ref
from crmgraph.service.notices import Notice
from crmgraph.store.database import Database
from crmgraph.store.notices import KEPT, DatabaseNotices

ANNA = Ref("sales", "contact", "c1")
TOLD = Notice(
    ANNA, profile=Profile(ANNA, person_name("Anna", "Kovacs", None), ("anna@kovacs.example",), created_at=NOON)
)


async def test_another_worker_hears_a_notice_once_and_whole(database: Database, crew: Crew) -> None:
    teller, listener = (DatabaseNotices(database, crew.worker()) for _ in range(2))
    assert await listener.heard() == ()
    await teller.post([TOLD])
    await teller.post([Notice(ANNA, gone=True)])
    assert list(await listener.heard()) == [TOLD, Notice(ANNA, gone=True)]
    assert await listener.heard() == []


async def test_a_worker_hears_nothing_of_its_own_and_nothing_older_than_itself(database: Database, crew: Crew) -> None:
    teller, late = (DatabaseNotices(database, crew.worker()) for _ in range(2))
    assert await teller.heard() == ()
    await teller.post([TOLD])
    assert await teller.heard() == []
    assert await late.heard() == ()
    assert await late.heard() == []


async def test_what_all_have_heard_is_thrown_away_and_numbers_go_on(database: Database, crew: Crew) -> None:
    teller, listener = (DatabaseNotices(database, crew.worker()) for _ in range(2))
    await listener.heard()
    await teller.post([TOLD])
    assert list(await listener.heard()) == [TOLD]
    crew.clock.pass_(KEPT.total_seconds() + 1)
    await teller.post([Notice(ANNA, vocabulary=True)])
    assert list(await listener.heard()) == [Notice(ANNA, vocabulary=True)]
