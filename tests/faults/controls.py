"""Answers and gateways that break what must hold, so that whoever judges is seen to find it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path

from tests.faults.faults import ELSEWHERE, FAULTS
from tests.faults.judging import breaches
from tests.faults.operations import OPERATIONS
from tests.faults.running import Case, Ground, Seen

Control = Callable[[Path], Awaitable[list[str]]]

CASE = Case(FAULTS["500"], OPERATIONS["list of contacts"], "first")


async def _without_deadline(folder: Path) -> list[str]:
    """A gateway that waits as long as the CRM likes."""
    ground = Ground(folder, guarded=False)
    case = Case(FAULTS["hang"], OPERATIONS["list of contacts"], "first")
    found = breaches(case, await ground.seen(case), await ground.well(case.operation), ground.deadline)
    return [one for one in found if "promised" in one]


def _answer(changed: Callable[[Seen], Seen], word: str) -> Control:
    """An answer that was changed on its way to the judge, who must say `word` of it."""

    async def control(folder: Path) -> list[str]:
        ground = Ground(folder)
        seen, well = await ground.seen(CASE), await ground.well(CASE.operation)
        assert not list(breaches(CASE, seen, well, ground.deadline)), "Unchanged it holds."
        return [one for one in breaches(CASE, changed(seen), well, ground.deadline) if word in one]

    return control


def _with(seen: Seen, **changed: object) -> Seen:
    assert seen.outcome is not None
    return replace(seen, outcome=replace(seen.outcome, **changed))  # type: ignore[arg-type]


def _list(seen: Seen, change: Callable[[list[object]], list[object]]) -> Seen:
    """Another list of one of the sources that are well."""
    assert seen.outcome is not None
    data = seen.outcome.data
    return _with(seen, data={**data, "orgcrm": {"nodes": change(data["orgcrm"]["nodes"])}})


CONTROLS: Mapping[str, Control] = {
    "a gateway without deadline": _without_deadline,
    "an answer that lost one of the others' people": _answer(
        lambda seen: _list(seen, lambda nodes: nodes[1:]), "are missing"
    ),
    "an answer that tells somebody twice": _answer(
        lambda seen: _list(seen, lambda nodes: [*nodes, nodes[0]]), "told twice"
    ),
    "an answer without data": _answer(lambda seen: _with(seen, data=None), "no data"),
    "an answer that tells no failure": _answer(lambda seen: _with(seen, errors=()), "nobody is told"),
    "an error of ours": _answer(
        lambda seen: _with(seen, errors=({"message": "", "extensions": {"code": "INTERNAL"}},)), "none of the source's"
    ),
    "a gateway that goes where it is led": _answer(
        lambda seen: replace(seen, targets=(*seen.targets, ELSEWHERE)), "followed"
    ),
    "a fault that did not strike": _answer(lambda seen: replace(seen, struck=0), "never struck"),
}
