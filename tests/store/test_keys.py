"""API keys as rows: found by their id, revoked once, and telling nothing to whoever reads the database."""

from datetime import timedelta

from tests.store.given import NOON

from crmgraph.service.keys import mac_of, made, proves
from crmgraph.store.database import Database
from crmgraph.store.keys import DatabaseKeys

PEPPER = b"a pepper that lies elsewhere"


def counting(size: int) -> bytes:
    return bytes(range(size))


async def test_a_key_is_found_as_it_was_added(database: Database) -> None:
    keys = DatabaseKeys(database)
    key, text = made("boards", "reports", PEPPER, counting, NOON, NOON + timedelta(days=30))
    await keys.add(key)
    found = await keys.find(key.id)
    assert found == key
    assert found is not None
    assert proves(found, PEPPER, text)
    assert not proves(found, PEPPER, text + "x")
    assert not proves(found, b"another pepper", text)
    assert await keys.find("nobody") is None
    assert list(await keys.all()) == [key]


async def test_a_key_is_revoked_once(database: Database) -> None:
    keys = DatabaseKeys(database)
    key, _ = made("boards", "reports", PEPPER, counting, NOON, None)
    await keys.add(key)
    assert key.holds(NOON)
    assert await keys.revoke(key.id, NOON) is True
    assert await keys.revoke(key.id, NOON + timedelta(days=1)) is False
    assert await keys.revoke("nobody", NOON) is False
    found = await keys.find(key.id)
    assert found is not None
    assert (found.revoked_at, found.holds(NOON)) == (NOON, False)


def test_what_is_kept_is_not_the_key_nor_made_from_it_alone() -> None:
    key, text = made("boards", "reports", PEPPER, counting, NOON, None)
    assert text.encode() not in key.mac
    assert key.mac == mac_of(PEPPER, text) != mac_of(b"", text)
    assert len(key.mac) == 32
    assert len(text.rsplit("_", 1)[1]) == 43, "256 random bits in 43 letters."
