"""Every fault once, each at another operation and place; `./dev faults` makes the whole grid."""

from pathlib import Path

import pytest
from tests.faults.controls import CONTROLS
from tests.faults.faults import FAULTS
from tests.faults.judging import breaches
from tests.faults.operations import OPERATIONS
from tests.faults.running import POSITIONS, Case, Ground

OPERATION, PLACE = list(OPERATIONS.values()), len(POSITIONS)
SOME = [
    Case(fault, OPERATION[number % len(OPERATION)], POSITIONS[number % PLACE])
    for number, fault in enumerate(FAULTS.values())
]


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    return Ground(tmp_path_factory.mktemp("faults"))


@pytest.mark.parametrize("case", SOME, ids=str)
async def test_it_ends_in_time_with_the_others_data_and_the_name_of_who_failed(case: Case, ground: Ground) -> None:
    seen, well = await ground.seen(case), await ground.well(case.operation)
    assert not list(breaches(case, seen, well, ground.deadline)), seen


@pytest.mark.parametrize("name", CONTROLS)
async def test_who_judges_finds_what_breaks_the_rules(name: str, tmp_path: Path) -> None:
    assert await CONTROLS[name](tmp_path)


def test_there_are_28_faults_and_5_operations() -> None:
    assert (len(FAULTS), len(OPERATIONS)) == (28, 5)
