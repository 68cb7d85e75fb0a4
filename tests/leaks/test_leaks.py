"""What is planted comes out nowhere: not in answers that did not ask for it, not in logs, metrics, traces or files.

Every fault is tried once, and with `--leaks` every fault at every source.
"""

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import structlog
from prometheus_client import Counter
from tests.leaks.finding import Leak, leaks
from tests.leaks.gateway import VARIABLES, Gateway, lines_of, planted
from tests.leaks.journeys import ECHO, FAULTS, mistaken, read, written
from tests.leaks.planted import ALL, CREDENTIALS, PERSON, PERSONAL

from crmgraph.config.secrets import secrets_of
from crmgraph.domain.errors import CrmGraphError
from crmgraph.parts.sources import account
from crmgraph.sources.account import Account
from crmgraph.sources.auth import credential_of
from crmgraph.store.late import LateStore

SOURCES = ("leadconnector", "concord", "bigcontacts", "orgcrm", "lagoon")


async def everything(gateway: Gateway, answers: list[str]) -> list[Leak]:
    """Each planted value that came out, wherever it did."""
    await gateway.app.stores.running.settle()
    return [
        *leaks("an answer", answers, ALL),
        *leaks("the log", [gateway.said.log.getvalue()], ALL),
        *leaks("metrics", [gateway.numbers()], ALL),
        *leaks("traces", gateway.said.spans_told(), ALL),
        *leaks("the audit log", gateway.said.audited(), ALL),
        # What is to be written must be kept until it is written: the store holds people, but no credential.
        *leaks("the store", gateway.said.stored(), CREDENTIALS),
        *leaks("something printed", printed(gateway), ALL),
    ]


def printed(gateway: Gateway) -> Iterator[str]:
    """What objects that hold secrets say of themselves."""
    settings = gateway.settings
    yield from (repr(settings), str(settings.sources), repr(gateway.app.telling), repr(gateway.app.pool.sources))
    for one in settings.sources:
        known: Account = account(one)
        yield repr(known)
        yield repr(credential_of(one.name, one.connector.spec.auth, known.texts()))


def grid(config: pytest.Config) -> list[tuple[int, str]]:
    """Which fault is tried at which source: each in turn at another one, or all everywhere."""
    if config.getoption("--leaks"):
        return [(fault, source) for fault in range(len(FAULTS)) for source in SOURCES]
    return [(fault, SOURCES[fault % len(SOURCES)]) for fault in range(len(FAULTS))]


async def test_nothing_that_is_planted_comes_out_when_all_is_well(tmp_path: Path) -> None:
    async with planted(tmp_path) as gateway:
        answers = [*await written(gateway), *await read(gateway), *await mistaken(gateway)]
        assert await everything(gateway, answers) == []
        assert len(gateway.said.spans_told()) > 10
        assert "crmgraph_operations_total" in gateway.numbers()
        assert any(line["event"] == "operation" for line in lines_of(gateway.said))
        assert len(gateway.said.audited()) > 1


async def test_nothing_that_is_planted_comes_out_when_crms_fail(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """A CRM that fails may quote our credentials, or other people: neither goes on."""
    tried = grid(request.config)
    async with planted(tmp_path) as gateway:
        answers = await written(gateway)
        for fault, source in tried:
            failing = gateway.faults[source]
            failing.set(**FAULTS[fault].at(source))
            answers += await read(gateway)
            answers.append(await gateway.ask(CREATE_AGAIN, {"input": OTHER}))
            failing.clear()
        assert await everything(gateway, answers) == []
        assert any('"UNAVAILABLE"' in one for one in answers)
        assert any('"DENIED"' in one for one in answers)
        assert any('"REJECTED"' in one for one in answers)


@pytest.mark.parametrize("status", [400, 401, 500])
async def test_tokens_that_cannot_be_renewed_are_quoted_by_nobody(tmp_path: Path, status: int) -> None:
    """The token endpoint knows the refresh token and the client secret, and may say both when it refuses them."""
    async with planted(tmp_path) as gateway:
        body = {"error": ECHO, "error_description": ECHO, "message": ECHO}
        gateway.faults["leadconnector"].set("status", path="/oauth/token", status=status, body=body)
        await gateway.connect(lasts=timedelta(seconds=-1))
        answers = [*await read(gateway), *await read(gateway)]
        assert await everything(gateway, answers) == []
        assert '"source":"leadconnector"' in answers[0]
        assert '"DENIED"' in answers[0] or '"UNAVAILABLE"' in answers[0]


CREATE_AGAIN = """mutation Again($input: CreateContactInput!) { createContact(input: $input) {
  results { outcome error { code message } } userErrors { code }
} }"""
OTHER = {"givenName": "Somebody", "familyName": "Else", "emails": [{"value": PERSON.email}]}


async def test_a_failure_of_our_own_says_nothing_of_what_it_was_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What nobody foresaw is logged by its sort and place, and told by a number."""

    async def failing(*_: object, **__: object) -> None:
        raise ValueError(" ".join(ALL.values()))

    async with planted(tmp_path) as gateway:
        monkeypatch.setattr(gateway.app.execution, "execute", failing)
        answers = await read(gateway)
        lost = asyncio.get_running_loop().create_task(failing())
        await asyncio.wait([lost])
        del lost  # Nobody looked at what it came to, which asyncio says of its own.
        assert await everything(gateway, answers) == []
        assert '"INTERNAL"' in answers[0]
        failures = [line for line in lines_of(gateway.said) if "failure" in line]
        assert any("ValueError" in one for line in failures for one in line["failure"])


async def test_a_store_that_cannot_be_reached_keeps_its_password(tmp_path: Path) -> None:
    password = CREDENTIALS["the store's password"]
    async with planted(tmp_path) as gateway:
        store = LateStore(f"postgresql://crm:{password}@127.0.0.1:9/crm", gateway.app.gateway.clock, bytes)
        await store.loaded()
        with pytest.raises(CrmGraphError) as caught:
            await store.stores.journal.pending()
        said = [repr(caught.value), str(caught.value), repr(store), repr(store.stores)]
        structlog.get_logger().error("the store is away", exc_info=caught.value, error=str(caught.value))
        await store.aclose()
        assert [*leaks("something printed", said, ALL), *await everything(gateway, [])] == []


async def test_every_secret_of_the_configuration_is_known_to_the_logs_last_defence(tmp_path: Path) -> None:
    async with planted(tmp_path) as gateway:
        known = set(secrets_of(gateway.settings))
        lacking = {name for name, value in VARIABLES.items() if value.removeprefix("first:") not in known}
        assert lacking == set()


def test_no_fewer_than_sixteen_are_planted_and_each_is_its_own() -> None:
    assert len(CREDENTIALS) + len(PERSONAL) >= 16
    assert not any(one in other for one in ALL.values() for other in ALL.values() if one is not other)


def _into_the_log(gateway: Gateway) -> list[str]:
    structlog.get_logger().info(f"somebody asked for {PERSON.given}")
    return []


def _into_metrics(gateway: Gateway) -> list[str]:
    assert gateway.app.telling.metrics is not None
    counter = Counter("crmgraph_leak", "A leak.", ("who",), registry=gateway.app.telling.metrics.registry)
    counter.labels(PERSON.email).inc()
    return []


def _into_traces(gateway: Gateway) -> list[str]:
    assert gateway.app.telling.traces is not None
    gateway.app.telling.traces._tracer.start_span("a leak", attributes={"note": PERSON.note}).end()
    return []


def _into_the_store(gateway: Gateway) -> list[str]:
    (gateway.said.folder / "crmgraph.db-leak").write_text(CREDENTIALS["the refresh token of OAuth"])
    return []


def _into_something_printed(gateway: Gateway) -> list[str]:
    type(gateway.app.telling).__repr__ = lambda _: PERSON.phone.lstrip("+")  # type: ignore[method-assign]
    return []


def _into_an_answer(gateway: Gateway) -> list[str]:
    return ['{"errors": [{"message": "orgcrm said: ' + VARIABLES["ORGCRM"] + '"}]}']


CONTROLS: dict[str, Callable[[Gateway], list[str]]] = {
    "an answer": _into_an_answer,
    "the log": _into_the_log,
    "metrics": _into_metrics,
    "traces": _into_traces,
    "the store": _into_the_store,
    "something printed": _into_something_printed,
}


@pytest.mark.parametrize("channel", CONTROLS)
async def test_a_leak_that_is_made_on_purpose_is_found(
    tmp_path: Path, channel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: whoever finds nothing must be able to find something."""
    async with planted(tmp_path) as gateway:
        monkeypatch.setattr(type(gateway.app.telling), "__repr__", type(gateway.app.telling).__repr__)
        answers = CONTROLS[channel](gateway)
        await gateway.ask("{ sources { name } }")
        assert {one.channel for one in await everything(gateway, answers)} == {channel}
