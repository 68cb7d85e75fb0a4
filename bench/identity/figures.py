"""How good a clustering is: by pairs, by records (B-cubed) and by persons, beside the truth."""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares from 0 to 1. `exact` is of persons found whole and alone; `mixed` counts clusters of several persons."""

    precision: float
    recall: float
    f1: float
    b3: float
    exact: float
    mixed: int
    largest: int


def figures(found: Sequence[Hashable], truth: Sequence[Hashable]) -> Figures:
    """The figures of what was found, one label a record in both."""
    clusters, persons, both = Counter(found), Counter(truth), Counter(zip(found, truth, strict=True))
    right, told, true = _pairs(both), _pairs(clusters), _pairs(persons)
    precision, recall = (right / told if told else 1.0), (right / true if true else 1.0)
    squares = [(many * many, clusters[cluster], persons[person]) for (cluster, person), many in both.items()]
    b3_precision = sum(square / cluster for square, cluster, _ in squares) / len(found)
    b3_recall = sum(square / person for square, _, person in squares) / len(found)
    exact = sum(clusters[cluster] == many == persons[person] for (cluster, person), many in both.items())
    mixed = sum(many > 1 for many in Counter(cluster for cluster, _ in both).values())
    return Figures(
        precision=precision,
        recall=recall,
        f1=harmonic(precision, recall),
        b3=harmonic(b3_precision, b3_recall),
        exact=exact / len(persons),
        mixed=mixed,
        largest=max(clusters.values()),
    )


def mean(several: Sequence[Figures]) -> Figures:
    """The figures of several seeds as one; `largest` is that of all."""
    shares = [sum(getattr(one, name) for one in several) / len(several) for name in Figures.__slots__[:5]]
    mixed = round(sum(one.mixed for one in several) / len(several))
    return Figures(*shares, mixed=mixed, largest=max(one.largest for one in several))


def harmonic(a: float, b: float) -> float:
    return 2 * a * b / (a + b) if a + b else 0.0


def _pairs(counts: Counter[Any]) -> int:
    return sum(many * (many - 1) // 2 for many in counts.values())
