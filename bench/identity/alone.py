"""One matcher on one file in a process of its own, so that its memory and time are its own.

`python -m bench.identity.alone MATCHER IN.csv OUT.csv` writes a label a row, and prints seconds and MiB as JSON.
"""

import csv
import json
import subprocess
import sys
import time
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.identity.figures import Figures, figures
from bench.identity.labels import Data
from crmgraph.domain.profiles import Profile
from crmgraph.domain.resolution import Line
from crmgraph.domain.trial import Row, placed, profile

Matcher = Callable[[Sequence[Profile]], Sequence[Hashable]]
"""From profiles to a label for each."""


@dataclass(frozen=True, slots=True)
class Run:
    """What a matcher did with one data set: how well, in how many seconds, with how many MiB at the most."""

    figures: Figures
    seconds: float
    memory: float


def alone(matcher: str, data: Data) -> Run:
    """Run one of OURS or BASELINES on data in its own process. Raises RuntimeError where it fails."""
    with TemporaryDirectory() as folder:
        told, out = Path(folder, "in.csv"), Path(folder, "out.csv")
        write(told, data.rows)
        command = [sys.executable, "-m", "bench.identity.alone", matcher, str(told), str(out)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{matcher} failed on {data.name}: {done.stderr.strip()[-600:]}")
        spent = json.loads(done.stdout.splitlines()[-1])
        return Run(figures(out.read_text().splitlines(), data.truth), spent["seconds"], spent["memory"])


def write(path: Path, rows: Sequence[Row]) -> None:
    """The rows as an export that `crmgraph identity try` reads."""
    names = Row.__struct_fields__
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        writer.writerows([getattr(row, name) for name in names] for row in rows)


def peak() -> float:
    """The most MiB that this process ever held."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))


def _ours(line: Line) -> Matcher:
    return lambda profiles: [one.person_id for one in placed(profiles, line)]


def _keys(profiles: Sequence[Profile]) -> Sequence[Hashable]:
    from bench.identity.baselines import by_keys

    return by_keys(profiles)


def _keys_and_names(profiles: Sequence[Profile]) -> Sequence[Hashable]:
    from bench.identity.baselines import by_keys_and_names

    return by_keys_and_names(profiles)


def _splink(profiles: Sequence[Profile]) -> Sequence[Hashable]:
    from bench.identity.forms import form
    from bench.identity.with_splink import Splink

    splink = Splink([form(number, one) for number, one in enumerate(profiles)])
    splink.train()
    return splink.labels()


OURS: Mapping[str, Matcher] = {
    "crmgraph, safe line": _ours(Line.SAFE),
    "crmgraph, balanced line": _ours(Line.BALANCED),
}
BASELINES: Mapping[str, Matcher] = {
    "equal keys": _keys,
    "equal keys, and names agree": _keys_and_names,
    "Splink 5": _splink,
}


def _rows(path: Path) -> Iterator[Row]:
    with path.open(newline="", encoding="utf-8") as file:
        for cells in csv.DictReader(file):
            yield Row(**cells)


def main(matcher: str, told: str, out: str) -> None:
    """Match a file; the time counts from the rows to the labels, normal forms included, and no import."""
    begun = time.perf_counter()
    labels = {**OURS, **BASELINES}[matcher]([profile(row) for row in _rows(Path(told))])
    seconds = time.perf_counter() - begun
    Path(out).write_text("\n".join(map(str, labels)) + "\n")
    print(json.dumps({"seconds": seconds, "memory": peak()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
