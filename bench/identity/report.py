"""All that is told of identity, in the order of the page."""

from collections.abc import Callable

from bench.identity import telling
from bench.identity.calibration import calibration
from bench.identity.comparing import compared
from bench.identity.data import generated
from bench.identity.newcomers import newcomers
from bench.identity.pages import pages
from bench.identity.plan import Plan
from bench.identity.staying import staying
from bench.identity.survivors import survivors
from bench.page import circumstances

Say = Callable[[str], None]


def report(plan: Plan, say: Say) -> str:
    """Measure everything. Raises RuntimeError where a matcher fails."""
    parts = [
        circumstances(("rapidfuzz", "phonenumberslite", "splink", "duckdb")),
        telling.matchers(compared(plan, say)),
    ]
    say("pages and newcomers")
    parts += [telling.pages(pages(plan.rounds)), telling.newcomers(newcomers(plan.known))]
    say("calibration")
    parts.append(telling.calibration(*calibration([generated(plan.size, seed) for seed in plan.seeds])))
    say("survivorship and ids")
    parts += [telling.survivors(survivors(plan.size, plan.seeds)), telling.staying(staying(plan.size, plan.seeds[0]))]
    return "\n\n".join(parts)
