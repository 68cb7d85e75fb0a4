"""The store is opened when something of it is first asked for, and no sooner."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.store.given import HandClock, plan

from crmgraph.domain.errors import ConfigError
from crmgraph.store.late import LateStore


def late(folder: Path) -> LateStore:
    return LateStore(f"sqlite:///{folder / 'crmgraph.db'}", HandClock(), os.urandom)


async def test_what_nobody_asks_for_is_never_made(tmp_path: Path) -> None:
    store = late(tmp_path)
    assert store.stores.running is store.stores.running
    await store.loaded()
    await store.aclose()
    assert os.listdir(tmp_path) == []


async def test_whoever_asks_finds_the_same_stores_each_time(tmp_path: Path) -> None:
    store = late(tmp_path)
    running, journal = store.stores.running, store.stores.journal
    id = await journal.open(plan("sales"))
    assert await store.stores.journal.read(id) is not None
    assert store.stores.journal is journal
    assert store.stores.running is running
    await store.aclose()


async def test_there_are_no_other_stores_than_those_that_writing_knows(tmp_path: Path) -> None:
    assert not hasattr(late(tmp_path).stores, "cellar")


def test_a_url_that_cannot_be_used_is_told_at_once() -> None:
    with pytest.raises(ConfigError, match="mysql"):
        LateStore("mysql://u:secret@h/d", HandClock(), os.urandom)


def test_a_gateway_is_built_without_the_library_of_databases(tmp_path: Path) -> None:
    """Nor without the one that says what is wrong with a text, for in these there is nothing."""
    path = tmp_path / "crmgraph.yaml"
    path.write_text('sources: {desk: {connector: orgcrm, base_url: https://desk.example, token: "${T}", org_id: o}}')
    names = ("sqlalchemy", "aiosqlite", "crmgraph.store.opened", "ruamel")
    program = (
        "import os, sys; from crmgraph.cli import serving; os.environ['CRMGRAPH_CONFIG_FILE'] = sys.argv[1]; "
        "import asyncio\nasync def main(): serving.application()\nasyncio.run(main()); "
        f"print([one for one in {names!r} if one in sys.modules])"
    )
    environment = {"PYTHONPATH": ":".join(sys.path), "T": "token"}
    command = [sys.executable, "-c", program, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert done.stdout == "[]\n"
