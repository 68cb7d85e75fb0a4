"""Which values that did not survive say something else than the one that did, and are no mere spelling of it."""

from typing import Any

from crmgraph.domain.folding import fold, squeezed
from crmgraph.domain.survivorship.explaining import Loser
from crmgraph.domain.survivorship.filters import is_telling
from crmgraph.domain.survivorship.golden import Golden
from crmgraph.domain.survivorship.spelling import are_variants
from crmgraph.domain.survivorship.variants import SENSES


def disagreeing(field: str, found: Golden) -> tuple[Loser, ...]:
    """The losers of a single-valued field that say something else; a placeholder says nothing."""
    return tuple(one for one in found.losers if _differs(field, one.value, found.value))


def _differs(field: str, value: Any, survivor: Any) -> bool:
    if not (isinstance(value, str) and isinstance(survivor, str)):
        return bool(value != survivor)
    if field in SENSES:
        return is_telling(value, field) and not are_variants(value, survivor, field)
    # CEO and CTO are a letter apart and two things, so here only case, accents and punctuation make no difference.
    return is_telling(value, field) and squeezed(fold(value)) != squeezed(fold(survivor))
