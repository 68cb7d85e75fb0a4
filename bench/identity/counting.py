"""A matcher to which the records at hand are all there are, as one file is to `crmgraph identity try`."""

from collections.abc import Sequence

from crmgraph.domain.matching import Matcher
from crmgraph.domain.profiles import Profile, counted
from crmgraph.domain.rarity import Counted, Shipped


def matcher_of(profiles: Sequence[Profile]) -> Matcher:
    """It counts how common each value is over all of them."""
    return Matcher(Counted.of((held for one in profiles for held in counted(one)), Shipped()), len(profiles))
