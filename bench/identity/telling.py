"""The figures as Markdown."""

from collections.abc import Iterable, Sequence

from bench.identity.calibration import Shown
from bench.identity.comparing import Compared
from bench.identity.newcomers import Newcomers
from bench.identity.pages import Page
from bench.identity.staying import Staying
from bench.identity.survivors import Surviving
from bench.tables import table


def matchers(found: Iterable[Compared]) -> str:
    heads = ["data", "matcher", "F1", "precision", "recall", "exact persons", "mixed", "seconds", "MiB"]
    return table(heads, [_matcher(one) for one in found])


def _matcher(one: Compared) -> list[str]:
    made = one.run.figures
    shares = [f"{share:.3f}" for share in (made.precision, made.recall, made.exact)]
    return [
        one.data,
        one.matcher,
        f"{made.f1:.4f}",
        *shares,
        str(made.mixed),
        f"{one.run.seconds:.1f}",
        f"{one.run.memory:,.0f}",
    ]


def pages(found: Iterable[Page]) -> str:
    heads = ["records", "crmgraph ms", "of it normal forms", "Splink ms", "Splink ÷ crmgraph"]
    rows = [
        [f"{one.size:,}", *(f"{ms:.0f}" for ms in (one.ours, one.prepared, one.splink)), f"{one.splink / one.ours:.1f}"]
        for one in found
    ]
    return table(heads, rows)


def newcomers(found: Newcomers) -> str:
    return (
        f"A new record among {found.known:,} takes {found.usual:.2f} ms as a rule and {found.slowest:.2f} ms as"
        f" the slowest of a hundred, until it is with its person; {found.compared:.0f} pairs are weighed in the mean."
    )


def calibration(bands: Sequence[Shown], bits: Sequence[Shown]) -> str:
    return table(["pairs", "how many", "probability shown", "share that are one person"], map(_shown, [*bands, *bits]))


def _shown(one: Shown) -> list[str]:
    return [one.name, f"{one.pairs:,}", f"{one.shown:.3f}", f"{one.true:.3f}"]


def survivors(found: Iterable[Surviving]) -> str:
    heads = ["what survives", "given name", "surname", "company"]
    return table(
        heads, [[one.way, *(f"{share:.3f}" for share in (one.given, one.surname, one.company))] for one in found]
    )


def staying(found: Iterable[Staying]) -> str:
    return table(
        ["what happens", "records that keep their person's id"], [[one.event, f"{one.kept:.4f}"] for one in found]
    )
