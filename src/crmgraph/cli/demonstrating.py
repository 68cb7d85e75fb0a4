"""`demo` and `simulators`: the gateway over four simulated CRMs."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from importlib.resources import as_file, files
from typing import Any

from crmgraph.app import App
from crmgraph.cli.ending import Code, end, say
from crmgraph.cli.examples import EXAMPLES
from crmgraph.config.loading import load
from crmgraph.connectors import catalog
from crmgraph.demo import stage
from crmgraph.demo.serving import serving
from crmgraph.demo.simulator import Simulator

QUESTION = """query Demo {
  contact(by: {email: "maria.fernandez@tamarind.example.org"}) {
    displayName jobTitle companyName
    emails { value origins { source } } phones { value e164 origins { source } }
    addresses { street city region postalCode country origins { source } }
    tags { name sources { name } } customFields { key label text origin { source } }
    tasks(first: 100) { nodes { title dueDate record { source { name } } } }
    notes(first: 100) { nodes { title body record { source { name } } } }
    appointments(first: 100) { nodes { subject startsAt record { source { name } } } }
    opportunities(first: 100) { nodes { name amount { amount } stage { name } record { source { name } } } }
    provenance { field value rule origin { source } losers { value origin { source } } }
    records { source { name } id }
  }
}"""

_CRMS = ("bigcontacts", "concord", "orgcrm", "leadconnector")


def demo(port: int, once: bool) -> None:
    """Show one merged person; then stay with the console open, or end."""
    asyncio.run(_demo(port, once))


async def _demo(port: int, once: bool) -> None:
    async with staged() as (app, crms):
        await app.fill_index()
        for one in crms.values():
            one.clear()
        reading = app.gateway.read()
        answer = await app.execution.answer(reading, QUESTION)
        if answer.data is None or answer.data["contact"] is None:
            for error in answer.errors:
                say(error["message"])
            end(Code.UPSTREAM)
        print(told(answer.data["contact"]))
        calls = sum(meter.calls for meter in reading.session.meters.values())
        asked = sum(meter.asked for meter in reading.session.meters.values())
        per_source = ", ".join(f"{name} {meter.calls}" for name, meter in reading.session.meters.items())
        print(f"\n{calls} calls to four CRMs ({per_source}); asked one by one it would have been {asked}.")
        for error in answer.errors:
            say(error["message"])
        if not once:
            await _stay(app, port)


async def _stay(app: App, port: int) -> None:
    async with serving({"gateway": app.web(EXAMPLES)}, ports={"gateway": port}) as urls:
        say(f"\nThe console is open at {urls['gateway']} (the graph is at /graphql). Ctrl-C ends everything.")
        await _until_interrupted()


async def _until_interrupted() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(one, stop.set)
    await stop.wait()


@asynccontextmanager
async def staged() -> AsyncIterator[tuple[App, Mapping[str, Simulator]]]:
    """The simulators on free ports and a gateway over them."""
    crms = stage.simulators()
    async with serving({name: one.app for name, one in crms.items()}) as urls:
        with as_file(files("crmgraph.demo") / stage.CONFIGURATION) as path:
            app = App(load(path, stage.environment(urls, crms), catalog))
        try:
            yield app, crms
        finally:
            await app.pool.aclose()


def told(person: Mapping[str, Any]) -> str:
    """One merged person as text: each value with the sources that hold it."""
    records = ", ".join(f"{one['source']['name']} {one['id']}" for one in person["records"])
    lines = [f"{person['displayName']}   (one person, {len(person['records'])} records: {records})", ""]
    lines += _golden(person["provenance"])
    lines += _listed("e-mail", [(one["value"], _sources(one)) for one in person["emails"] or ()])
    lines += _listed("phone", [(one["value"], _sources(one)) for one in person["phones"] or ()])
    lines += _listed("address", [(_address(one), _sources(one)) for one in person["addresses"] or ()])
    tags = [(one["name"], [source["name"] for source in one["sources"]]) for one in person["tags"] or ()]
    lines += _listed("tag", tags)
    customs = [
        (_shown(f"{one['label'] or one['key']}: {one['text']}"), [one["origin"]["source"]])
        for one in person["customFields"] or ()
        if one["text"] is not None
    ]
    lines += _listed("custom field", customs)
    for title in ("tasks", "notes", "appointments", "opportunities"):
        lines.append(_counted(title, (person[title] or {"nodes": []})["nodes"]))
    return "\n".join(lines)


_LISTS = {"emails", "phones", "addresses", "tags", "customFields", "companies", "opportunities", "company", "owner"}


def _golden(provenance: list[Mapping[str, Any]]) -> list[str]:
    lines = []
    for one in provenance:
        if one["field"] in _LISTS:
            continue
        lines.append(_row(one["field"], _shown(one["value"]), [one["origin"]["source"]], one["rule"]))
        lines += [_row("", f"not {_shown(lost['value'])}", [lost["origin"]["source"]]) for lost in one["losers"]]
    return lines


def _listed(title: str, values: list[tuple[str, list[str]]]) -> list[str]:
    return [_row(title if at == 0 else "", value, sources) for at, (value, sources) in enumerate(values)]


def _row(title: str, value: str, sources: list[str], rule: str = "") -> str:
    return f"  {title:<15}{value:<46} {', '.join(dict.fromkeys(sources))}{f'  ({rule})' if rule else ''}"


def _counted(title: str, nodes: list[Mapping[str, Any]]) -> str:
    sources = [node["record"]["source"]["name"] for node in nodes]
    shares = [f"{name} {sources.count(name)}" for name in dict.fromkeys(sources)]
    return _row(title, str(len(nodes)), shares)


def _sources(one: Mapping[str, Any]) -> list[str]:
    return [origin["source"] for origin in one["origins"]]


def _address(one: Mapping[str, Any]) -> str:
    return ", ".join(one[part] for part in ("street", "city", "region", "postalCode", "country") if one[part])


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        value = value.get("name") or json.dumps(
            {key: one for key, one in value.items() if one not in (None, "UNKNOWN")}
        )
    text = " ".join(str(value).split())
    return text if len(text) <= 46 else f"{text[:45]}…"


def simulate(host: str, ports_from: int) -> None:
    """Serve the simulators alone until interrupted."""
    asyncio.run(_simulate(host, ports_from))


async def _simulate(host: str, ports_from: int) -> None:
    crms = stage.simulators()
    ports = {name: ports_from + at for at, name in enumerate(_CRMS)}
    async with serving({name: crms[name].app for name in _CRMS}, host=host, ports=ports) as urls:
        for name, url in urls.items():
            say(f"{name}: {url}")
        await _until_interrupted()
