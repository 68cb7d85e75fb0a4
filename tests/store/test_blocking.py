"""An engine's pairs are the very pairs that Python gives, over-full blocks and all."""

import pytest
from bench.identity.data import generated

from crmgraph.domain.candidates import candidates
from crmgraph.domain.trial import profile
from crmgraph.store.blocking import duckdb


@pytest.mark.parametrize("full", [3, 40])
def test_duckdb_gives_the_pairs_that_python_gives(full: int) -> None:
    profiles = [profile(row) for row in generated(800, 5).rows]
    found = candidates(profiles, full)
    assert duckdb()(profiles, full) == found
    assert found.pairs


def test_nobody_has_no_pairs() -> None:
    assert duckdb()([], 40) == candidates([])
