"""`demo` and `simulators`: the gateway over four simulated CRMs."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from crmgraph.app import App
from crmgraph.cli.ending import Code, end, give, say
from crmgraph.cli.examples import EXAMPLES
from crmgraph.cli.portrait import QUESTION, Part, Row, portrait
from crmgraph.config.loading import load
from crmgraph.connectors import catalog
from crmgraph.demo import stage
from crmgraph.demo.serving import serving
from crmgraph.demo.simulator import Simulator
from crmgraph.domain.errors import InputError
from crmgraph.service.reading import Reading

PAGE = """{ contacts(first: 25) { nodes {
  displayName owner { name } tags { name } company { name }
  tasks(first: 5) { nodes { title assignees { name } } }
} } }"""

_CRMS = ("bigcontacts", "concord", "orgcrm", "leadconnector")


def demo(port: int, once: bool) -> None:
    """Show one merged person; then stay with the console open, or end."""
    asyncio.run(_demo(port, once))


async def _demo(port: int, once: bool) -> None:
    async with staged() as (app, _), AsyncExitStack() as stack:
        stop = None if once else _interrupted()
        address = None if once else await stack.enter_async_context(_console(app, port))
        work = asyncio.create_task(_shown(app))
        if stop is None or not await _first(work, stop):
            await work
        if address is not None and stop is not None and not stop.is_set():
            say(f"\nThe console is open at {address}/ (the graph is at {address}/graphql). Ctrl-C ends everything.")
            await stop.wait()


async def _first(work: asyncio.Task[None], stop: asyncio.Event) -> bool:
    """Wait for the work to be done or for the interruption, which cancels it; whether it was interrupted."""
    waiting = asyncio.create_task(stop.wait())
    await asyncio.wait((work, waiting), return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if not work.done():
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        return True
    return False


async def _shown(app: App) -> None:
    await app.fill_index()
    reading = app.gateway.read()
    person = await _answer(app, reading, QUESTION)
    _print(str(person["contact"]["displayName"]), portrait(person["contact"]))
    page = app.gateway.read()
    await _answer(app, page, PAGE)
    give(f"\nThis answer took {_calls(reading)}.\n25 people with their tasks took {_calls(page)};")
    asked = sum(meter.asked for meter in page.session.meters.values())
    give(f"  asked for one by one, its records would have taken {asked}.")


async def _answer(app: App, reading: Reading, question: str) -> Mapping[str, Any]:
    answer = await app.execution.answer(reading, question)
    for error in answer.errors:
        say(error["message"])
    if answer.data is None or None in answer.data.values():
        end(Code.UPSTREAM)
    return dict(answer.data)


def _calls(reading: Reading) -> str:
    meters = reading.session.meters
    shares = ", ".join(f"{name} {meter.calls}" for name, meter in meters.items())
    return f"{sum(meter.calls for meter in meters.values())} calls: {shares}"


def _print(name: str, parts: Sequence[Part]) -> None:
    """The portrait in colours on a terminal, as plain text elsewhere."""
    if not sys.stdout.isatty():
        give("\n".join([name, *(f"\n{part.heading}\n" + "\n".join(map(str, part.rows)) for part in parts)]))
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    console.print(Text(name, "bold"))
    for part in parts:
        console.print(Text(f"\n{part.heading}", "bold cyan"))
        for row in part.rows:
            console.print(Text(str(row), "dim") if row.lost else _coloured(row), no_wrap=True, overflow="ellipsis")


def _coloured(row: Row) -> Any:
    from rich.text import Text

    text = Text(str(row))
    text.highlight_regex(r"^  [\w-][\w -]{0,13}(?=  |$)", "cyan")
    text.highlight_words(_CRMS, "green")
    text.highlight_regex(r"  \([a-z ]+\)$", "dim")
    return text


@asynccontextmanager
async def _console(app: App, port: int) -> AsyncIterator[str]:
    """The web face on a port, with the work that goes on behind what is written there, giving its address; raises
    InputError when the port is taken.
    """
    try:
        async with app.working(), serving({"gateway": app.web(EXAMPLES)}, ports={"gateway": port}) as urls:
            yield urls["gateway"]
    except OSError as wrong:
        raise InputError(f"Cannot listen on port {port}: {wrong.strerror}; name another with --port.") from None


def _interrupted() -> asyncio.Event:
    """Set once we are told to stop."""
    stop = asyncio.Event()
    for one in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(one, stop.set)
    return stop


@asynccontextmanager
async def staged() -> AsyncIterator[tuple[App, Mapping[str, Simulator]]]:
    """The simulators on free ports and a gateway over them; what is written is kept for as long as it runs."""
    crms = stage.simulators()
    async with serving({name: one.app for name, one in crms.items()}) as urls:
        with as_file(files("crmgraph.demo") / stage.CONFIGURATION) as path, TemporaryDirectory() as folder:
            environ = stage.environment(urls, crms) | stage.store_in(Path(folder))
            app = App(load(path, environ, catalog))
            try:
                yield app, crms
            finally:
                await app.aclose()


def simulate(host: str, ports_from: int) -> None:
    """Serve the simulators alone until interrupted."""
    asyncio.run(_simulate(host, ports_from))


async def _simulate(host: str, ports_from: int) -> None:
    crms = stage.simulators()
    ports = {name: ports_from + at for at, name in enumerate(_CRMS)}
    stop = _interrupted()
    try:
        async with serving({name: crms[name].app for name in _CRMS}, host=host, ports=ports) as urls:
            for name, url in urls.items():
                say(f"{name}: base_url {url}{stage.PATHS[name]}, token {crms[name].token}")
            say("orgcrm also asks for org_id org-demo, leadconnector for location_id demoLocation00000001.")
            say("A source that calls them needs `allow_private: true`.")
            await stop.wait()
    except OSError as wrong:
        last = ports_from + len(_CRMS) - 1
        raise InputError(f"Cannot listen on {host}, ports {ports_from} to {last}: {wrong.strerror}.") from None
