"""Labelled data: rows as a file has them, and whose each is."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from crmgraph.domain.trial import Row


@dataclass(frozen=True, slots=True)
class Data:
    """Rows and, one for each, the person it is of."""

    name: str
    rows: Sequence[Row]
    truth: Sequence[Hashable]
