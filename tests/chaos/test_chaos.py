"""The storm in small, its control, and many tags at once; `./dev chaos` makes all of it at length."""

from pathlib import Path

from tests.chaos.figures import breaches, figures
from tests.chaos.judging import judged
from tests.chaos.operations import SOURCES
from tests.chaos.parallel import tagged
from tests.chaos.running import Size, ran

SEED = 150
"""It kills early, so that what dead gateways held comes free while others still ask."""


async def test_a_gateway_that_is_killed_among_failing_crms_tells_the_truth(tmp_path: Path) -> None:
    size = Size(operations=60, kills=2, known=6, clients=8)
    outcome = await ran(size, SEED, tmp_path)
    verdict = judged(outcome.evidence)
    assert verdict.holds, "\n".join(breaches(verdict))
    assert sum(outcome.counts.values()) - outcome.counts["calls"] > 60, "\n".join(figures(size, outcome, verdict))
    assert any(heard.died for heard in outcome.evidence.heard)


async def test_a_journal_that_forgets_is_found_out(tmp_path: Path) -> None:
    """The control: keys, intents and holds are gone with each gateway, and the judge sees what comes of it."""
    outcome = await ran(Size(operations=50, kills=3, known=4, clients=8), SEED, tmp_path, forgets=True)
    found = judged(outcome.evidence).breaches
    assert found["unknown and listed nowhere"]
    assert found["written without the journal"]


async def test_200_tags_that_come_at_once_through_two_gateways_all_arrive_in_every_crm(tmp_path: Path) -> None:
    outcome = await tagged(tmp_path, 200)
    assert outcome.missing() == {source: [] for source in SOURCES}
