"""`./dev faults`: every fault at every operation and place, and the controls. It takes about four minutes.

    ./dev faults [--fault NAME] [--operation NAME]

Exit code 0 when every case holds and every control has gone red.
"""

import argparse
import asyncio
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.faults.controls import CONTROLS
from tests.faults.faults import FAULTS
from tests.faults.judging import breaches
from tests.faults.operations import OPERATIONS
from tests.faults.running import DEADLINE, Ground, cases


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def grid(folder: Path, fault: str | None, operation: str | None) -> bool:
    """Whether every case holds."""
    ground, counts, longest = Ground(folder), Counter[str](), 0.0
    faults = {name: one for name, one in FAULTS.items() if fault in (None, name)}
    operations = {name: one for name, one in OPERATIONS.items() if operation in (None, name)}
    for case in cases(faults, operations):
        seen = await ground.seen(case)
        found = list(breaches(case, seen, await ground.well(case.operation), ground.deadline))
        counts["held" if not found else "broken"] += 1
        longest = max(longest, seen.seconds)
        for one in found:
            say(f"{case}: {one}")
    say(f"{counts['held']} of {counts.total()} cases hold; the longest took {longest:.2f} s of {DEADLINE:g} s.")
    return not counts["broken"]


async def controls(folder: Path) -> bool:
    """Whether every control goes red."""
    red = [(name, await control(folder)) for name, control in CONTROLS.items()]
    for name, found in red:
        say(f"control, {name}: {f'red as it must ({found[0]})' if found else 'NOT red'}")
    return all(found for _, found in red)


async def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev faults", description="Every fault at every operation and place.")
    parser.add_argument("--fault", choices=FAULTS)
    parser.add_argument("--operation", choices=OPERATIONS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        holds = await grid(Path(folder), given.fault, given.operation)
        return 0 if await controls(Path(folder)) and holds else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
