"""Whether other engines give the very pairs and people that Python gives, and in what time."""

import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.identity import fetching
from bench.identity.data import generated
from crmgraph.domain.candidates import FULL, Candidates, candidates
from crmgraph.domain.profiles import Profile, order
from crmgraph.domain.resolution import clustered
from crmgraph.domain.trial import matcher_of, profile
from crmgraph.store.blocking import Finding, duckdb, spark

SIZE = 10_000
SEED = 42
SPARK = ("pyspark>=4", "py4j>=0.10.9")
LOCAL = "--master local[2] --conf spark.sql.shuffle.partitions=8 --conf spark.ui.enabled=false pyspark-shell"
"""Spark's own settings for one small machine."""


@dataclass(frozen=True, slots=True)
class Run:
    """What an engine found in how many seconds."""

    found: Candidates
    seconds: float


def compared() -> tuple[list[str], bool]:
    """A line for each engine, and whether all are there and agree; Spark is fetched where it is missing."""
    engines: dict[str, Finding] = {"python": candidates, "duckdb": duckdb()}
    wrong = fetching.fetched(fetching.HOME / "pyspark", *SPARK)
    if wrong is None:
        sys.path.append(str(fetching.HOME))
        os.environ.setdefault("PYSPARK_SUBMIT_ARGS", LOCAL)
        engines["spark"] = spark()
    lines, agreed = told(engines, SIZE)
    return [*lines, *([wrong] if wrong else [])], agreed and wrong is None


def told(engines: Mapping[str, Finding], size: int) -> tuple[list[str], bool]:
    """As `compared`, of these engines, python among them, on so many records."""
    everyone = sorted((profile(row) for row in generated(size, SEED).rows), key=lambda one: order(one.ref))
    runs = {name: _run(engine, everyone) for name, engine in engines.items()}
    people = {name: _people(everyone, run.found) for name, run in runs.items()}
    lines, agreed = [f"{size:,} records", "engine     pairs    people  seconds  as python"], True
    for name, run in runs.items():
        same = run.found == runs["python"].found and people[name] == people["python"]
        agreed = agreed and same
        figures = f"{len(run.found.pairs):9,} {len(people[name]):9,} {run.seconds:8.1f}"
        lines.append(f"{name:7}{figures}  {'the same' if same else 'OTHER'}")
    return lines, agreed


def _run(engine: Finding, everyone: Sequence[Profile]) -> Run:
    begun = time.perf_counter()
    found = engine(everyone, FULL)
    return Run(found, time.perf_counter() - begun)


def _people(everyone: Sequence[Profile], found: Candidates) -> Sequence[Sequence[Profile]]:
    return clustered(everyone, found.pairs, matcher_of(everyone)).clusters
