"""Generated records as labelled data."""

from bench.identity.clerks import Labelled
from bench.identity.generator import generate
from bench.identity.labels import Data
from bench.identity.parameters import VARIATIONS
from crmgraph.domain.trial import Row

TUNING = range(1, 21)
"""The seeds to tune on."""

REPORTING = range(42, 45)
"""Seeds that nothing is tuned on."""


def generated(size: int, seed: int, variation: str = "usual") -> Data:
    """Generated records of a seed; `variation` is one of VARIATIONS."""
    records = generate(size, seed, VARIATIONS[variation])
    return Data(variation, [row_of(one) for one in records], [one.person_id for one in records])


def row_of(record: Labelled) -> Row:
    """What a matcher may see of a generated record."""
    return Row(
        source=record.source,
        record_id=record.record_id,
        first_name=record.first_name,
        last_name=record.last_name,
        email=record.email,
        phone=record.phone,
        company=record.company,
        city=record.city,
        country=record.country,
    )
