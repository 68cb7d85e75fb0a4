"""Our own matcher on rows, as `crmgraph identity try` runs it."""

from collections.abc import Hashable, Sequence

from bench.identity.labels import Data
from crmgraph.domain.resolution import Line
from crmgraph.domain.trial import placed, profile


def ours(data: Data, line: Line) -> Sequence[Hashable]:
    """Whose each row is, by one of our two lines."""
    return [one.person_id for one in placed(map(profile, data.rows), line)]
