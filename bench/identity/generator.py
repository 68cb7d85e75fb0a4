"""Seeded CRM contact records whose true identity is known.

Four sources that behave like four kinds of CRM, real-life events (marriage, a new job or number, a recycled address),
shared contact points (a household's mailbox and line, role mailboxes, switchboards, placeholders, the seller's own
number) and typing errors. Everything is a function of the arguments: the same call gives the same records.
"""

from bench.identity.clerks import Labelled, Typist
from bench.identity.parameters import USUAL, Parameters
from bench.identity.worlds import World


def generate(size: int, seed: int, shares: Parameters = USUAL) -> list[Labelled]:
    """At the most `size` records, in no order that tells anything."""
    world = World(seed, size, shares)
    typist = Typist(world)
    records: list[Labelled] = []
    for person in world.people:
        for source, clerks in shares.sources.items():
            if world.hit(clerks.present):
                for _ in range(2 if world.hit(shares.within_source_dup) else 1):
                    records.append(typist.record(person, source, clerks, len(records) + 1))
    world.dice.shuffle(records)
    return records[:size]
