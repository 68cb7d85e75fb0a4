"""What OAuth gave: kept sealed, renewed by one worker at a time, and never put back to what was before."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from tests.store.given import NOON, Crew

from crmgraph.domain.errors import ConfigError
from crmgraph.domain.records import Ref
from crmgraph.service.events import Event
from crmgraph.service.tokens import Kept, Tokens, TokenStore
from crmgraph.store.database import Database
from crmgraph.store.events import DatabaseEvents
from crmgraph.store.rotation import AT_ONCE, Resealed, resealed
from crmgraph.store.tables import tokens as table
from crmgraph.store.tokens import LEASE, DatabaseTokens
from crmgraph.store.vault import Vault

OLD, NEW = b"o" * 32, b"n" * 32
FIRST = Tokens("access-1", "refresh-1", NOON, NOON + timedelta(minutes=15))
SECOND = Tokens("access-2", "refresh-2", NOON + timedelta(days=1), None)


def kept_by(database: Database, crew: Crew, **keys: bytes) -> DatabaseTokens:
    return DatabaseTokens(database, crew.worker(), Vault(keys or {"old": OLD}, crew.random))


async def test_what_was_connected_is_read_as_it_was_given(database: Database, crew: Crew) -> None:
    store: TokenStore = kept_by(database, crew)
    assert await store.read("sales") is None
    await store.connect("sales", "acme", FIRST)
    await store.connect("support", "other", Tokens("a", None))
    assert await kept_by(database, crew).read("sales") == Kept(FIRST, 1, "acme")
    assert await store.read("support") == Kept(Tokens("a", None), 1, "other")


async def test_no_token_stands_in_the_database_as_it_is(database: Database, crew: Crew) -> None:
    await kept_by(database, crew).connect("sales", "acme", FIRST)
    (row,) = await database.read(lambda connection: connection.execute(select(table)))
    assert b"access-1" not in row.access
    assert b"refresh-1" not in row.refresh


async def test_of_many_workers_one_may_renew(database: Database, crew: Crew) -> None:
    workers = [kept_by(database, crew) for _ in range(8)]
    await workers[0].connect("sales", "acme", FIRST)
    assert sorted(await asyncio.gather(*(one.lease("sales", 1) for one in workers))) == [False] * 7 + [True]


async def test_a_lease_that_was_given_back_or_ran_out_is_the_next_ones(database: Database, crew: Crew) -> None:
    one, other = (kept_by(database, crew) for _ in range(2))
    await one.connect("sales", "acme", FIRST)
    assert await one.lease("sales", 1)
    assert await one.lease("sales", 1)
    await other.release("sales", 1)
    assert not await other.lease("sales", 1)
    await one.release("sales", 1)
    assert await other.lease("sales", 1)
    crew.clock.pass_(LEASE.total_seconds())
    assert await one.lease("sales", 1)


async def test_a_version_is_renewed_once(database: Database, crew: Crew) -> None:
    """Whoever lost the lease and comes late neither overwrites what is newer nor speaks ill of it."""
    slow, quick = (kept_by(database, crew) for _ in range(2))
    await slow.connect("sales", "acme", FIRST)
    assert await slow.lease("sales", 1)
    crew.clock.pass_(LEASE.total_seconds())
    assert await quick.lease("sales", 1)
    assert await quick.renew("sales", 1, SECOND)
    assert not await slow.renew("sales", 1, Tokens("late", "late"))
    assert not await slow.refuse("sales", 1, "late")
    assert not await slow.lease("sales", 1)
    assert await slow.read("sales") == Kept(SECOND, 2, "acme")


async def test_what_a_slow_worker_was_given_counts_while_there_is_nothing_newer(database: Database, crew: Crew) -> None:
    """Even when the one after it was refused meanwhile, as it is once the CRM has forgotten the old token."""
    slow, quick = (kept_by(database, crew) for _ in range(2))
    await slow.connect("sales", "acme", FIRST)
    assert await slow.lease("sales", 1)
    crew.clock.pass_(LEASE.total_seconds())
    assert await quick.lease("sales", 1)
    assert await quick.refuse("sales", 1, "invalid")
    assert await slow.renew("sales", 1, SECOND)
    assert await quick.read("sales") == Kept(SECOND, 2, "acme")


async def test_what_was_refused_is_not_renewed_before_it_is_connected_anew(database: Database, crew: Crew) -> None:
    store = kept_by(database, crew)
    await store.connect("sales", "acme", FIRST)
    assert await store.refuse("sales", 1, "invalid")
    assert await store.read("sales") == Kept(FIRST, 1, "acme", "invalid")
    assert not await store.lease("sales", 1)
    await store.connect("sales", "globex", SECOND)
    assert await store.read("sales") == Kept(SECOND, 2, "globex")
    assert await store.lease("sales", 2)


async def test_to_connect_anew_puts_an_end_to_the_renewal_under_way(database: Database, crew: Crew) -> None:
    one, other = (kept_by(database, crew) for _ in range(2))
    await one.connect("sales", "acme", FIRST)
    assert await one.lease("sales", 1)
    await other.connect("sales", "acme", SECOND)
    assert not await one.renew("sales", 1, Tokens("late", "late"))
    assert await other.lease("sales", 2)


async def test_without_the_key_the_tokens_are_told_to_be_shut(database: Database, crew: Crew) -> None:
    await kept_by(database, crew).connect("sales", "acme", FIRST)
    with pytest.raises(ConfigError, match=r"sealed under the key `old`, which `vault\.keys` lacks"):
        await kept_by(database, crew, new=NEW).read("sales")


async def test_every_row_is_sealed_anew_under_the_first_key(database: Database, crew: Crew) -> None:
    await kept_by(database, crew).connect("sales", "acme", FIRST)
    await kept_by(database, crew).connect("support", "acme", Tokens("a", None))
    await kept_by(database, crew, new=NEW).connect("billing", "acme", SECOND)
    both = Vault({"new": NEW, "old": OLD}, crew.random)
    assert await resealed(database, both) == Resealed(anew=2, already=1)
    assert await resealed(database, both) == Resealed(already=3)
    assert await kept_by(database, crew, new=NEW).read("sales") == Kept(FIRST, 1, "acme")


async def test_what_crms_told_by_webhooks_is_sealed_anew_too_however_much_it_is(database: Database, crew: Crew) -> None:
    """Also what comes after the first page; what was kept before there was a vault stays as it is."""
    worker, old = crew.worker(), Vault({"old": OLD}, crew.random)
    event = Event(Ref("sales", "contact", "c1"), "ContactUpdate", "w", NOON, False, b"{}")
    await DatabaseEvents(database, worker).keep(event, [])
    kept = DatabaseEvents(database, worker, old)
    for number in range(AT_ONCE + 2):
        await kept.keep(replace(event, delivery=f"w{number}"), [])
    both, new = Vault({"new": NEW, "old": OLD}, crew.random), Vault({"new": NEW}, crew.random)
    assert await resealed(database, both) == Resealed(anew=AT_ONCE + 2)
    assert len(await DatabaseEvents(database, worker, new).after("sales", 0, 1000)) == AT_ONCE + 3


async def test_a_row_that_does_not_open_is_told_and_the_others_are_done(database: Database, crew: Crew) -> None:
    await kept_by(database, crew, lost=b"l" * 32).connect("sales", "acme", FIRST)
    await kept_by(database, crew).connect("support", "acme", FIRST)
    told = await resealed(database, Vault({"new": NEW, "old": OLD}, crew.random))
    assert (told.anew, told.shut) == (
        1,
        ("`access` of `sales` in `tokens` is sealed under the key `lost`, which `vault.keys` lacks; add it there.",),
    )


async def test_a_row_that_is_renewed_meanwhile_keeps_what_is_new(database: Database, crew: Crew) -> None:
    """The worker that renews it knows the old key alone; the next rotation finds it."""
    worker = kept_by(database, crew)
    await worker.connect("sales", "acme", FIRST)

    class Between(Vault):
        """Somebody renews between the reading of the row and its writing."""

        def open(self, sealed: bytes, spot: tuple[str, ...]) -> str:
            if spot[2] == "refresh":
                coming.append(asyncio.ensure_future(worker.renew("sales", 1, SECOND)))
            return super().open(sealed, spot)

    coming: list[asyncio.Future[bool]] = []
    write = database.write

    async def after_them(work, undo=None):
        for one in coming:
            await one
        coming.clear()
        return await write(work, undo)

    class Late(Database):
        def __init__(self) -> None:
            pass

        read = staticmethod(database.read)
        write = staticmethod(after_them)

    both = {"new": NEW, "old": OLD}
    assert await resealed(Late(), Between(both, crew.random)) == Resealed(changed=1)
    assert await worker.read("sales") == Kept(SECOND, 2, "acme")
    assert await resealed(database, Vault(both, crew.random)) == Resealed(anew=1)


async def test_a_value_moved_to_another_source_does_not_open(database: Database, crew: Crew) -> None:
    store = kept_by(database, crew)
    await store.connect("sales", "acme", FIRST)
    await store.connect("support", "acme", SECOND)
    moved = "UPDATE tokens SET access = (SELECT access FROM tokens WHERE source = 'sales') WHERE source = 'support'"
    await database.write(lambda connection: connection.execute(text(moved)))
    with pytest.raises(ConfigError, match="was altered"):
        await store.read("support")
