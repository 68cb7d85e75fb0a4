"""`identity try`: who is who in a file, so that the matcher can be judged before anything is connected."""

import csv
import gc
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from rich.console import Console
from rich.progress import Progress

from crmgraph.cli.ending import Code, end, give, say
from crmgraph.cli.exports import Export
from crmgraph.config.weights import weights as weights_of
from crmgraph.domain.errors import InputError
from crmgraph.domain.profiles import Profile
from crmgraph.domain.resolution import Line
from crmgraph.domain.trial import Held, Placed, placed, profile

MOST = 20
"""How many mistakes are told one by one."""

HEADER = ("source", "record_id", "person_id", "band", "reasons")


def attempt(file: Path, out: Path, line: str, weights: Path | None) -> None:
    """Write whose each record of a file is; ends with 2 and writes nothing where the file has mistakes."""
    _check(file, out)
    weighed = weights_of(weights, Path())
    with progress() as bar, _uncollected():
        profiles = read(file, bar)
        bar.add_task("comparing", total=None)
        persons, bands = _write(out, placed(profiles, Line(line), weighed))
    counts = ", ".join(f"{bands[band]:,} {band}" for band in Held if bands[band])
    give(f"{len(profiles):,} records are {persons:,} people: {counts or 'nobody'}.")


@contextmanager
def _uncollected() -> Iterator[None]:
    """A hundred thousand records hold millions of objects and no circle: looking for one takes a third of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _check(file: Path, out: Path) -> None:
    """Raise InputError where a name cannot be meant so; reading a large file first would waste time."""
    if not file.is_file():
        raise InputError(f"There is no file {file}.")
    if not out.parent.is_dir():
        raise InputError(f"There is no folder {out.parent} to write {out.name} into.")
    if out.is_dir() or (out.exists() and out.samefile(file)):
        raise InputError(f"{out} {'is a folder' if out.is_dir() else 'is what is read'}; name another file to write.")


@contextmanager
def progress() -> Iterator[Progress]:
    """A bar where somebody looks at a terminal."""
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True) as bar:
        yield bar


def read(file: Path, bar: Progress) -> list[Profile]:
    """Everybody in the file; where it has mistakes, they are told and this is the end."""
    wrong: list[str] = []
    task = bar.add_task("reading", total=file.stat().st_size)
    export = Export(file, wrong.append, lambda size: bar.advance(task, size))
    profiles = [profile(row) for row in export.rows()]
    if wrong:
        bar.stop()
        _tell(wrong)
    if export.ignored:
        named = ", ".join(f"`{name}`" for name in export.ignored)
        say(f"Nobody looks at {named}; what the file may hold is told by `crmgraph identity try --help`.")
    return profiles


def _tell(wrong: list[str]) -> None:
    for one in wrong[:MOST]:
        say(one)
    if len(wrong) > MOST:
        say(f"... and {len(wrong) - MOST:,} more.")
    say(f"{len(wrong):,} {'mistake' if len(wrong) == 1 else 'mistakes'}; nothing was written.")
    end(Code.USAGE)


def _write(out: Path, records: Iterator[Placed]) -> tuple[int, Counter[Held]]:
    """Write the whole file or none; gives how many people there are, and how many records each band has."""
    persons: set[str] = set()
    bands: Counter[Held] = Counter()
    with whole(out) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        for one in records:
            writer.writerow((one.source, one.record_id, one.person_id, one.band, one.reasons))
            persons.add(one.person_id)
            bands[one.band] += 1
    return len(persons), bands


@contextmanager
def whole(out: Path) -> Iterator[IO[str]]:
    """A file that takes its name only when it is complete."""
    part = out.with_name(f"{out.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            yield file
        part.replace(out)
    except OSError as failed:
        raise InputError(f"The file {out} cannot be written: {failed.strerror or failed}.") from None
    finally:
        part.unlink(missing_ok=True)
