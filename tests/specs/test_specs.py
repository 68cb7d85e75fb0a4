"""Every page beside this file is a specification that is tested here; `pages` says how one is written."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from difflib import unified_diff
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from tests.specs.pages import Block, Count, From, Opaque, blocks, read_yaml
from tests.specs.upstreams import Clock, Upstreams

from crmgraph.api.manner import FREELY, Manner
from crmgraph.api.outcome import Outcome
from crmgraph.app import App
from crmgraph.config.loading import load
from crmgraph.connectors import catalog
from crmgraph.service.callers import Caller

HERE = Path(__file__).parent
PAGES = sorted(HERE.glob("*.md"))
ACCOUNTS = read_yaml((HERE / "accounts.yaml").read_text(encoding="utf-8"))
FILLING = 10.0
"""Seconds after which a page whose index cannot be filled has failed."""

WORKING = 20.0
"""Seconds after which background work that a page waits for has failed."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
async def test_the_page_holds(page: Path, tmp_path: Path) -> None:
    """What the page says is what happens."""
    wrong = [one async for one in differences(list(blocks(page)), tmp_path)]
    assert not wrong, "\n".join(["", *wrong])


def test_a_page_says_one_behaviour_that_no_other_says() -> None:
    """The first sentences of the pages differ."""
    sentences = [page.read_text(encoding="utf-8").partition("\n")[0] for page in PAGES]
    assert len(set(sentences)) == len(sentences)


_WRONG = """# A page that is wrong.

```yaml config
sources: {support: orgcrm}
```

```yaml replies
- call: support GET /contacts?limit=26&offset=0
  reply: {items: [{id: k1, name: Anna Kovacs}], total: 1}
- call: support GET /tags
```

```graphql
{ contacts { nodes { displayName } } users { name } savedViews { name } }
```

```yaml answer
data: {contacts: {nodes: [{displayName: Anna Nagy}]}, users: [], savedViews: []}
calls: {support: 1}
```
"""


async def test_a_wrong_page_fails_with_each_thing_that_went_otherwise(tmp_path: Path) -> None:
    """A value, an error, a count, an unlisted call and a call that was not made are all told."""
    page = tmp_path / "wrong.md"
    page.write_text(_WRONG, encoding="utf-8")
    told = "\n".join([one async for one in differences(list(blocks(page)), tmp_path)])
    for part in (
        '-    "displayName": "Anna Nagy"',
        '+    "displayName": "Anna Kovacs"',
        '+  "message": "support is failing (HTTP 500).",',
        '- "support": 1',
        "support GET /contacts/views was called, body None, but the page does not list it.",
        "support GET /tags was called 0 times, where the page says 1.",
    ):
        assert part in told


async def differences(page: list[Block], folder: Path) -> AsyncIterator[str]:
    """Each thing that went otherwise than the page says."""
    upstreams = Upstreams()
    config = next((one.content for one in page if one.word == "config"), {})
    for own in (one.content for one in page if one.word == "definition"):
        (folder / "own.yaml").write_text(json.dumps(own), encoding="utf-8")
    app = App(
        configured(config, folder, upstreams), transport_for=upstreams.transport_for, clock=Clock(), chance=lambda: 0.0
    )
    manner = FREELY
    variables: Any = {}
    questions: list[str] = []
    outcomes: list[Outcome] = []
    data: Any = None
    filled_once = False
    for at, block in enumerate(page):
        if block.word == "replies":
            upstreams.expect(block.content or [])
        elif block.word == "simulators":
            upstreams.simulate((block.content or {}).get("faults", {}), (block.content or {}).get("edits", {}))
            if filled_once:
                upstreams.fail()
        elif block.word == "variables":
            variables = filled(block.content, data)
        elif block.word == "caller":
            manner = Manner(caller_of(block.content, app))
        elif block.word == "graphql":
            questions = [block.content]
        elif block.word == "beside":
            questions.append(block.content)
        elif block.word == "answer":
            if not filled_once:
                if "store" in config:
                    await app.stores.notices.heard()
                await _fill(app, upstreams)
                filled_once = True
            wrongs: list[str] = []
            if not outcomes:
                upstreams.made.clear()
                asked = (app.execution.execute(one, variables, manner=manner) for one in questions)
                outcomes = list(await asyncio.gather(*asked))
                wrongs += miscounted(outcomes, upstreams)
            outcome = outcomes.pop(0)
            wrongs += answered(filled(block.content, data), outcome, upstreams)
            data, variables = outcome.data, {}
            for wrong in wrongs:
                yield f"Block {at + 1}: {wrong}"
        elif block.word == "meanwhile":
            await asyncio.wait_for(app.importing.once(), WORKING)
            for wrong in diff("calls", block.content["calls"], called(upstreams, block.content["calls"])):
                yield f"Block {at + 1}: {wrong}"
            upstreams.made.clear()
    upstreams.end_script()
    for wrong in upstreams.wrong:
        yield wrong
    await app.aclose()


def caller_of(said: Mapping[str, Any], app: App) -> Caller:
    """Who a page says is asking."""
    tokens = tuple(sorted(said.get("tokens", {}).items()))
    return Caller(f"page:{said['role']}{tokens}", app.settings.roles[said["role"]], tokens)


async def _fill(app: App, upstreams: Upstreams) -> None:
    upstreams.filling = True
    await asyncio.wait_for(app.fill_index(), FILLING)
    if app.settings.replica.sync:
        syncing = await app.syncing()
        await asyncio.wait_for(asyncio.gather(*map(syncing.source, app.pool.sources)), FILLING)
    upstreams.filling = False
    upstreams.fail()


def configured(config: Mapping[str, Any], folder: Path, upstreams: Upstreams) -> Any:
    """The settings of a page, its accounts completed; without sources of its own it has all four."""
    sources = {}
    for name, said in (config.get("sources") or {name: name for name in ACCOUNTS}).items():
        own = {"connector": said} if isinstance(said, str) else said
        sources[name] = {**ACCOUNTS.get(own["connector"], {}), **own}
    identity = {"index": "off", **config.get("identity", {})}
    path = folder / "crmgraph.yaml"
    path.write_text(json.dumps({**config, "sources": sources, "identity": identity}))
    return load(path, upstreams.environment(), catalog)


def answered(wanted: Mapping[str, Any], outcome: Outcome, upstreams: Upstreams) -> Iterator[str]:
    """How an answer differs from the page."""
    calls = called(upstreams, wanted.get("calls", {}))
    told = (outcome.extensions or {}).get("crmgraph", {})
    asked = wanted.get("crmgraph", {})
    said = {name: _part(told.get(name), part) for name, part in asked.items()}
    errors = [_error(one, want) for one, want in zip(outcome.errors, _padded(wanted, outcome), strict=True)]
    yield from diff("data", wanted["data"], outcome.data)
    yield from diff("errors", wanted.get("errors", []), errors)
    yield from diff("extensions.crmgraph", _part(asked, asked), said)
    if "calls" in wanted:
        yield from diff("calls", {name: one for name, one in wanted["calls"].items() if one}, calls)


def miscounted(outcomes: Sequence[Outcome], upstreams: Upstreams) -> Iterator[str]:
    """How the calls that were made differ from those that the answers tell, each of which one of them counts."""
    counted: Counter[str] = Counter()
    for outcome in outcomes:
        told = (outcome.extensions or {}).get("crmgraph", {}).get("sources", {})
        counted.update({name: one["calls"] for name, one in told.items()})
    if any(outcome.extensions for outcome in outcomes):
        yield from diff("calls as the answers tell them", called(upstreams, {}), dict(+counted))


def called(upstreams: Upstreams, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The calls per source, as the page wants them: how many, or which."""
    found: dict[str, list[str]] = {}
    for made in upstreams.made:
        found.setdefault(made.source, []).append(str(made))
    return {name: sorted(one) if isinstance(wanted.get(name), list) else len(one) for name, one in found.items()}


def _padded(wanted: Mapping[str, Any], outcome: Outcome) -> list[Any]:
    said = wanted.get("errors", [])
    return [*said, *([{}] * len(outcome.errors))][: len(outcome.errors)]


def _error(error: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """An error as pages write it; its path only where the page asks for it."""
    flat = {"message": error["message"], **error.get("extensions", {})}
    path = {"path": error.get("path")} if "path" in wanted else {}
    return {name: one for name, one in flat.items() if one is not None} | path


def _part(told: Any, wanted: Any) -> Any:
    if isinstance(told, Mapping) and isinstance(wanted, Mapping):
        return {name: _part(one, wanted[name]) for name, one in told.items() if name in wanted and one is not None}
    return told


def filled(wanted: Any, data: Any) -> Any:
    """Variables, or an answer, with the values of the answer before."""
    if isinstance(wanted, From):
        return reduce(lambda held, step: held[int(step) if step.isdigit() else step], wanted.path.split("."), data)
    if isinstance(wanted, Mapping):
        return {name: filled(one, data) for name, one in wanted.items()}
    return [filled(one, data) for one in wanted] if isinstance(wanted, list) else wanted


def fitted(wanted: Any, found: Any) -> Any:
    """What was found, with the page's placeholder wherever it stands for it."""
    if isinstance(wanted, Opaque) and found is not None:
        return wanted
    if isinstance(wanted, Count) and isinstance(found, list) and len(found) == wanted.of:
        return wanted
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        return {name: fitted(wanted.get(name), one) for name, one in found.items()}
    if isinstance(wanted, list) and isinstance(found, list):
        rest = [None] * (len(found) - len(wanted))
        return [fitted(want, one) for want, one in zip([*wanted, *rest], found, strict=False)]
    return found


def diff(what: str, wanted: Any, found: Any) -> Iterator[str]:
    """The two as lines, where they differ."""
    expected, actual = (_lines(one) for one in (wanted, fitted(wanted, found)))
    if expected != actual:
        yield "\n".join(unified_diff(expected, actual, f"{what}: the page", f"{what}: the answer", n=3, lineterm=""))


def _lines(value: Any) -> list[str]:
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False, default=repr).splitlines()
