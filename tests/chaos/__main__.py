"""`./dev chaos`: the whole storm, its control, and many tags at once. It ends within 12 minutes.

    ./dev chaos [--control] [--seed N] [--operations N] [--kills N]

`--control` makes the control alone. Exit code 0 when everything holds and the control has gone red. What the processes
say is left in the folder that is named first.
"""

import argparse
import asyncio
import secrets
import sys
import tempfile
from pathlib import Path

from tests.chaos.figures import breaches, figures
from tests.chaos.judging import judged
from tests.chaos.parallel import tagged
from tests.chaos.running import Size, ran

WHOLE = Size(operations=2000, kills=30, known=40)
CONTROL = Size(operations=120, kills=4, known=10, clients=8)
TAGS = 200

LONGEST = 12 * 60 - 15
"""Seconds after which it gives up: a machine that is too slow for it has shown nothing."""


def say(*lines: str) -> None:
    for line in lines:
        sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def chaos(size: Size, seed: int, folder: Path) -> bool:
    """Whether a storm breaks no rule."""
    outcome = await ran(size, seed, _made(folder / "storm"))
    verdict = judged(outcome.evidence)
    say("", *breaches(verdict), "", *figures(size, outcome, verdict))
    return verdict.holds


async def control(seed: int, folder: Path) -> bool:
    """Whether a storm over a journal that forgets is found out."""
    outcome = await ran(CONTROL, seed, _made(folder / "control"), forgets=True)
    verdict = judged(outcome.evidence)
    found = ", ".join(f"{count} {rule}" for rule, count in verdict.counts().items() if count)
    # The CRMs alone must show it, whatever a journal says that has forgotten everything.
    is_red = bool(verdict.breaches["duplicates"])
    say("", f"control: {'red as it must' if is_red else 'NOT red'} ({found or 'no breach'})")
    return is_red


async def concurrency(folder: Path) -> bool:
    """Whether many tags at once all arrive everywhere."""
    outcome = await tagged(_made(folder / "tags"), TAGS)
    missing = outcome.missing()
    say("", f"{TAGS} tags at once over 2 gateways took {outcome.seconds:.0f} s, asked for again: {outcome.again()}")
    say(*(f"tags missing at {source}: {len(tags)}" for source, tags in missing.items()))
    return len(missing) == 4 and not any(missing.values())


async def main(told: argparse.Namespace) -> bool:
    """Whether all that was asked for holds."""
    folder = Path(tempfile.mkdtemp(prefix="crmgraph-chaos-"))
    say(f"seed {told.seed}, folder {folder}")
    if told.control:
        return await control(told.seed, folder)
    size = Size(told.operations, told.kills, WHOLE.known)
    holds = [await control(told.seed, folder), await concurrency(folder), await chaos(size, told.seed, folder)]
    say("everything holds" if all(holds) else "NOT everything holds")
    return all(holds)


def within_time(told: argparse.Namespace) -> bool:
    """What `main` says; False where it does not end in time."""

    async def bounded() -> bool:
        async with asyncio.timeout(LONGEST):
            return await main(told)

    try:
        return asyncio.run(bounded())
    except TimeoutError:
        say(f"It did not end within {LONGEST} s: this machine is too slow for it at the moment.")
        return False


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev chaos", description="Writes while calls fail and gateways are killed.")
    parser.add_argument("--control", action="store_true", help="the control alone, which must go red")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--operations", type=int, default=WHOLE.operations)
    parser.add_argument("--kills", type=int, default=WHOLE.kills)
    return parser.parse_args()


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


if __name__ == "__main__":
    sys.exit(not within_time(_arguments()))
