"""A gateway over five simulated CRMs in which everything is planted, and all that it says of itself."""

import io
import json
import logging
import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, closing, contextmanager, redirect_stderr
from dataclasses import dataclass, field
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import structlog
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import generate_latest
from tests.fifth.lagoon import Lagoon
from tests.leaks.planted import CREDENTIALS, HEADER

from crmgraph.app import App
from crmgraph.cli import logs
from crmgraph.config.loading import load
from crmgraph.config.secrets import secrets_of
from crmgraph.config.settings import Settings
from crmgraph.connectors import catalog
from crmgraph.demo import stage
from crmgraph.demo.bigcontacts import bigcontacts
from crmgraph.demo.concord import concord
from crmgraph.demo.faults import Faults
from crmgraph.demo.leadconnector import leadconnector
from crmgraph.demo.leadconnector_oauth import REFRESH_LIFETIME, Access, Refresh
from crmgraph.demo.orgcrm import orgcrm
from crmgraph.demo.people import world
from crmgraph.demo.serving import serving
from crmgraph.service.tokens import Tokens
from crmgraph.telemetry.labels import Labels
from crmgraph.telemetry.metrics import Metrics
from crmgraph.telemetry.telling import Telling, Wanted

_OF = {name.partition(",")[0]: value for name, value in CREDENTIALS.items()}
_CALLER = CREDENTIALS["an API key of a caller"]

VARIABLES = {
    "BIGCONTACTS": _OF["bigcontacts' token"],
    "CONCORD": _OF["concord's token"],
    "ORGCRM": _OF["orgcrm's token"],
    "LAGOON": _OF["lagoon's key"],
    "CLIENT": _OF["the client secret of OAuth"],
    "CURSORS": _OF["the key that seals cursors"],
    "PEPPER": _OF["the pepper of API keys"],
    "CALLER": _CALLER,
    "VAULT": f"first:{_OF['a key of the vault']}",
    "COLLECTOR": _OF["the collector's authorization"],
}

LIMITS = "limits: {timeout: 0.4, attempts: 1}, breaker: {mode: off}, allow_private: true"

TEXT = f"""
sources:
  leadconnector: {{connector: leadconnector, base_url: "${{URL_LEADCONNECTOR}}", client_id: demo-client,
    client_secret: "${{CLIENT}}", location_id: demoLocation00000001, company_id: demoCompany000000001, {LIMITS}}}
  concord: {{connector: concord, base_url: "${{URL_CONCORD}}/api", token: "${{CONCORD}}", {LIMITS}}}
  bigcontacts: {{connector: ./by_query.yaml, base_url: "${{URL_BIGCONTACTS}}/api", token: "${{BIGCONTACTS}}", {LIMITS}}}
  orgcrm: {{connector: orgcrm, base_url: "${{URL_ORGCRM}}/api/v1", token: "${{ORGCRM}}", org_id: org-demo, {LIMITS}}}
  lagoon: {{connector: ./lagoon.yaml, base_url: "${{URL_LAGOON}}/v2", key: "${{LAGOON}}", {LIMITS}}}
custom_fields:
  accountCode: {{type: text, sources: {{concord: cf_account_code, bigcontacts: Account code}}}}
identity: {{index: off}}
auth: {{pepper: "${{PEPPER}}", keys: {{probe: {{key: "${{CALLER}}", role: admin}}}}}}
vault: {{keys: "${{VAULT}}"}}
server: {{cursor_key: "${{CURSORS}}", deadline: 5}}
telemetry: {{log: debug, metrics_port: 9464, otlp: "https://collector.example", otlp_authorization: "${{COLLECTOR}}"}}
"""


@dataclass
class Said:
    """All that a gateway said: its answers as (what was asked, bytes as text), its log, numbers, spans and files."""

    log: io.StringIO = field(default_factory=io.StringIO)
    spans: InMemorySpanExporter = field(default_factory=InMemorySpanExporter)
    folder: Path = Path()

    def spans_told(self) -> list[str]:
        return [one.to_json() for one in self.spans.get_finished_spans()]

    def stored(self) -> list[str]:
        """The files of the store, byte by byte."""
        return [one.read_bytes().decode("latin-1") for one in self.folder.glob("crmgraph.db*")]

    def audited(self) -> list[str]:
        """The rows of the audit log."""
        with closing(sqlite3.connect(self.folder / "crmgraph.db")) as database:
            return [repr(row) for row in database.execute("SELECT * FROM audit_entries")]


@dataclass
class Gateway:
    """The gateway, who fails behind it, and how it is asked."""

    app: App
    settings: Settings
    faults: Mapping[str, Faults]
    client: httpx.AsyncClient
    said: Said

    async def connect(self, lasts: timedelta | None = None) -> None:
        """Keep the planted tokens of OAuth, good for so long, or for ever."""
        ends = None if lasts is None else stage.now() + lasts
        tokens = Tokens(_OF["the access token of OAuth"], _OF["the refresh token of OAuth"], ends, ends)
        await (await self.app.store.tokens()).connect("leadconnector", "demoLocation00000001", tokens)

    async def ask(self, query: str, variables: Mapping[str, Any] | None = None, **more: Any) -> str:
        """What comes back for a question, headers and all, as one text."""
        body = {"query": query, "variables": variables}
        return told(await self.client.post("/graphql", json=body, **more))

    def numbers(self) -> str:
        """What Prometheus is told."""
        assert self.app.telling.metrics is not None
        return generate_latest(self.app.telling.metrics.registry).decode()


def told(response: httpx.Response) -> str:
    """A whole answer as one text."""
    return f"{response.status_code} {dict(response.headers)} {response.text}"


@asynccontextmanager
async def planted(folder: Path) -> AsyncIterator[Gateway]:
    """The gateway while it runs, its log at its most talkative."""
    cast, clock = world(), stage.now
    crms = {
        "bigcontacts": bigcontacts(cast, token=VARIABLES["BIGCONTACTS"], clock=clock),
        "concord": concord(cast, token=VARIABLES["CONCORD"], clock=clock, per_minute=100_000),
        "orgcrm": orgcrm(cast, token=VARIABLES["ORGCRM"], clock=clock),
        "leadconnector": leadconnector(cast, client_secret=VARIABLES["CLIENT"], clock=clock, rate_limit=100_000),
    }
    lagoon = Faults()
    apps = {name: one.app for name, one in crms.items()} | {"lagoon": lagoon.around(Lagoon().app)}
    async with serving(apps) as urls:
        settings = _settings(folder, urls)
        said = Said(folder=folder)
        with _listened_to(said, settings):
            app = App(settings, telling=Telling(_WANTED, SimpleSpanProcessor(said.spans), Metrics(Labels())))
            _issue(crms["leadconnector"].state.tokens)
            async with app.running():
                headers = {"authorization": f"Bearer {_CALLER}", "x-mood": HEADER, "cookie": HEADER}
                transport = httpx.ASGITransport(app.web())
                async with httpx.AsyncClient(
                    transport=transport, base_url="http://localhost", headers=headers, timeout=30
                ) as client:
                    faults = {name: one.faults for name, one in crms.items()} | {"lagoon": lagoon}
                    gateway = Gateway(app, settings, faults, client, said)
                    await gateway.connect()
                    yield gateway


_WANTED = Wanted(access=True, metrics=True, otlp="https://collector.example.com", sample=1.0)


def _issue(tokens: Any) -> None:
    """Have the CRM know the planted tokens."""
    tokens.access[_OF["the access token of OAuth"]] = Access("Location", None)
    tokens.refresh[_OF["the refresh token of OAuth"]] = Refresh("Location", stage.now() + REFRESH_LIFETIME)


def _settings(folder: Path, urls: Mapping[str, str]) -> Settings:
    definitions = files("crmgraph.connectors") / "definitions"
    by_header = (definitions / "bigcontacts.yaml").read_text(encoding="utf-8")
    by_query = by_header.replace('auth: {bearer: "{token}"}', 'auth: {query: {access_token: "{token}"}}')
    assert by_query != by_header
    (folder / "by_query.yaml").write_text(by_query, encoding="utf-8")
    lagoon = Path(__file__).parents[1] / "fifth" / "lagoon.yaml"
    (folder / "lagoon.yaml").write_text(lagoon.read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "crmgraph.yaml").write_text(TEXT, encoding="utf-8")
    addresses = {f"URL_{name.upper()}": url for name, url in urls.items()}
    return load(folder / "crmgraph.yaml", VARIABLES | addresses, catalog)


@contextmanager
def _listened_to(said: Said, settings: Settings) -> Iterator[None]:
    """All log lines, those of libraries too, down to the last detail."""
    root = logging.getLogger()
    levels = {name: logging.getLogger(name).level for name in ("", *logs.NOISY, "asyncio")}
    with redirect_stderr(said.log):
        logs.configure(level="debug", secrets=secrets_of(settings))
        for name in levels:
            logging.getLogger(name).setLevel(logging.DEBUG)
        try:
            yield
        finally:
            for name, level in levels.items():
                logging.getLogger(name).setLevel(level)
            root.handlers = [one for one in root.handlers if type(one).__module__ != logs.__name__]
            logging.captureWarnings(False)
            structlog.reset_defaults()


def lines_of(said: Said) -> list[dict[str, Any]]:
    """The log's lines, parsed."""
    return [json.loads(line) for line in said.log.getvalue().splitlines() if line.startswith("{")]
