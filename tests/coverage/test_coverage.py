"""Each row of docs/coverage.md is carried out, and the simulated CRM must have been sent what the row says."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import as_file, files
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest

from crmgraph.app import App
from crmgraph.config.loading import load
from crmgraph.config.settings import Settings
from crmgraph.connectors import catalog
from crmgraph.demo import stage
from crmgraph.demo.simulator import Logged, Simulator

PAGE = Path(__file__).parents[2] / "docs" / "coverage.md"
CELL = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True, slots=True)
class Row:
    """A row: the source it speaks of, the query, and what must have been sent."""

    slug: str
    query: str
    sent: tuple[str, ...]

    @property
    def source(self) -> str:
        return self.slug.partition("-")[0]

    @property
    def writes(self) -> bool:
        return self.query.startswith("mutation")


@dataclass(frozen=True, slots=True)
class Stage:
    """The simulators, and the configuration that leads to them."""

    crms: Mapping[str, Simulator]
    settings: Settings

    def app(self) -> App:
        return App(self.settings, transport_for=lambda account: httpx.ASGITransport(app=self.crms[account.name].app))


def rows() -> list[Row]:
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if "test_coverage.py[" in line]
    return [row_of([cell.strip().replace("\\|", "|") for cell in CELL.split(line)[1:-1]]) for line in lines]


def row_of(cells: list[str]) -> Row:
    _, query, sent, test = cells
    return Row(test[test.index("[") + 1 : test.index("]")], query.strip("`"), tuple(re.findall("`([^`]+)`", sent)))


def staged() -> Stage:
    """A stage for whom a second passes with each look at the clock, so that no allowance is ever used up."""
    seconds = count()
    crms = stage.simulators(clock=lambda: datetime(2026, 11, 20, tzinfo=UTC) + timedelta(seconds=next(seconds)))
    environment = stage.environment({name: f"http://{name}.test" for name in crms}, crms)
    with as_file(files("crmgraph.demo") / stage.CONFIGURATION) as path:
        return Stage(crms, load(path, environment | stage.store_in(Path(mkdtemp())), catalog))


read_only = cache(staged)
"""The one stage of all that is only read; who writes gets a stage of their own."""


async def asked(row: Row) -> list[Logged]:
    """What the row's CRM was sent while its query was answered."""
    on = staged() if row.writes else read_only()
    for crm in on.crms.values():
        crm.clear()
    app = on.app()
    try:
        await (written if row.writes else read)(app, row.query)
    finally:
        await app.aclose()
    assert all(crm.token not in entry.query for crm in on.crms.values() for entry in crm.log)
    return list(on.crms[row.source].log)


async def read(app: App, query: str) -> None:
    """Ask; what is asked for must be there."""
    if "CURSOR" in query:
        (connection,) = (await answered(app, query.replace('after: "CURSOR", ', ""))).values()
        query = query.replace("CURSOR", connection["pageInfo"]["endCursor"])
    assert None not in (await answered(app, query)).values()


async def written(app: App, query: str) -> None:
    """Write; it must have been done at every source, and an import be carried out to its last row."""
    (payload,) = (await answered(app, query)).values()
    assert payload["userErrors"] == []
    if "import" in payload:
        await app.importing.once()
        told = f'{{ contactImport(id: "{payload["import"]["id"]}") {{ total counts {{ done }} }} }}'
        (imported,) = (await answered(app, told)).values()
        assert imported["counts"]["done"] == imported["total"] > 0
    else:
        assert [one["outcome"] for one in payload["results"]] == ["DONE"], payload["results"]


async def answered(app: App, query: str) -> Mapping[str, Any]:
    answer = await app.execution.execute(query)
    assert answer.executed, answer.errors
    assert [one["message"] for one in answer.errors] == []
    return dict(answer.data)


def fits(said: str, entry: Logged) -> bool:
    """Whether a request carries what a row says: a header, or method, path, parameters and body."""
    method, _, rest = said.partition(" ")
    if method.endswith(":"):
        return entry.headers.get(method[:-1].lower()) == rest
    target, _, body = rest.partition(" ")
    path, _, query = target.partition("?")
    held = parse_qsl(entry.query)
    wanted = [part.partition("=")[::2] for part in query.split("&")] if query else []
    return (
        (method, path) == (entry.method, entry.path)
        and all(any(name == key and fnmatchcase(value, pattern) for key, value in held) for name, pattern in wanted)
        and (not body or within(json.loads(body), entry.body))
    )


def within(part: Any, whole: Any) -> bool:
    """Whether `part` says nothing that `whole` does not say too."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(
            key in whole and within(value, whole[key]) for key, value in part.items()
        )
    if isinstance(part, list):
        same = isinstance(whole, list) and len(whole) == len(part)
        return same and all(within(one, other) for one, other in zip(part, whole, strict=True))
    return bool(part == whole)


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.slug)
async def test_a_row_of_the_page_is_what_the_crm_is_sent(row: Row) -> None:
    log = await asked(row)
    assert row.sent
    for said in row.sent:
        assert any(fits(said, entry) for entry in log), (
            f"{said} was not among {[(e.method, e.path, e.query, e.body) for e in log]}"
        )
    if row.writes:
        assert len(row.sent) == sum(e.method != "GET" and not e.path.endswith("/search") for e in log)


def test_every_row_names_its_own_test() -> None:
    slugs = [row.slug for row in rows()]
    assert len(slugs) == len(set(slugs))


@pytest.mark.parametrize("writes", [False, True])
def test_every_crm_has_rows_of_reads_and_of_writes(writes: bool) -> None:
    assert {row.source for row in rows() if row.writes is writes} == set(read_only().crms)
