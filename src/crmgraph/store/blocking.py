"""Candidate pairs from an engine that scales where one process does not: Splink's blocking, on DuckDB or on Spark.

The blocks are ours, one list for each record, and so are the judgements that follow; the engine joins the records that
share one. It gives the very pairs that `candidates` gives.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from crmgraph.domain.candidates import Candidates, alike, is_loose, opened
from crmgraph.domain.errors import ConfigError
from crmgraph.domain.profiles import Profile

COLUMNS = ("firm", "loose")
"""The blocks of a record that say something of the given name, and those that do not."""

Finding = Callable[[Sequence[Profile], int], Candidates]
"""From profiles and how full a block may be to the pairs that are worth comparing."""


def duckdb() -> Finding:
    """Pairs joined by DuckDB in this process; raises ConfigError where the extra is missing."""
    try:
        from splink.backends.duckdb import DuckDBAPI
    except ImportError:
        raise ConfigError("The engine duckdb needs Splink and DuckDB; install crmgraph[scale].") from None
    return partial(_found, DuckDBAPI())


def spark() -> Finding:
    """Pairs joined by Spark, on the cluster that its own settings name or else on this machine; raises ConfigError
    where the extra or Spark is missing.
    """
    try:
        from pyspark.sql import SparkSession
        from splink.backends.spark import SparkAPI
    except ImportError:
        raise ConfigError("The engine spark needs Splink (install crmgraph[scale]), and PySpark with Java.") from None
    session = SparkSession.builder.appName("crmgraph").config("spark.ui.showConsoleProgress", "false").getOrCreate()
    # Persisting needs no folder that all machines of a cluster share.
    return partial(
        _found, SparkAPI(spark_session=session, break_lineage_method="persist", register_udfs_automatically=False)
    )


def _found(api: Any, profiles: Sequence[Profile], full: int) -> Candidates:
    skipped: Counter[str] = Counter()
    table = _table(profiles, full, skipped)
    pairs = _joined(api, table) if profiles else ()
    return Candidates(frozenset((a, b) for a, b, firm in pairs if firm or alike(profiles[a], profiles[b])), skipped)


def _table(profiles: Sequence[Profile], full: int, skipped: Counter[str]) -> dict[str, list[Any]]:
    """A row for each record: its place and its blocks, those left out that nothing narrows enough."""
    firm: list[list[str]] = [[] for _ in profiles]
    loose: list[list[str]] = [[] for _ in profiles]
    for block, places in opened(profiles, full, skipped):
        held = loose if is_loose(block) else firm
        for place in places:
            held[place].append(block)
    return {"unique_id": list(range(len(profiles))), "firm": firm, "loose": loose}


def _joined(api: Any, table: dict[str, list[Any]]) -> Iterable[tuple[int, int, bool]]:
    """Pairs of places, the smaller first, and whether they share a firm block."""
    from splink import Linker, SettingsCreator, block_on

    settings = SettingsCreator(
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=[block_on(one, arrays_to_explode=[one]) for one in COLUMNS],
    )
    linker = Linker(api.register(table), settings, log_level="ERROR")
    for row in linker.inference.deterministic_link().as_record_list():
        yield row["unique_id_l"], row["unique_id_r"], row["match_key"] == "0"
