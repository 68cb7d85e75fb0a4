"""The rows of a CRM's export: CSV whose first line names columns that we know, read line by line."""

import csv
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from crmgraph.domain.errors import InputError
from crmgraph.domain.trial import Row

COLUMNS = Row.__struct_fields__
KEYS = ("source", "record_id")
_SIGNS = {";": "semicolons", "\t": "tabs", "|": "bars"}
_BOMS = (b"\xff\xfe", b"\xfe\xff")

Wrong = Callable[[str], None]
"""Takes a sentence about a mistake; reading goes on."""


class Export:
    """A file that is read once, from the first row to the last; `ignored` are the columns that nobody looks at.

    Raises InputError where it cannot be read at all. What is wrong with one row is told to `wrong`, and the row is left
    out.
    """

    def __init__(self, path: Path, wrong: Wrong, seen: Callable[[int], None]) -> None:
        self._wrong = wrong
        self._reader = csv.reader(_lines(path, wrong, seen), strict=True)
        self._header = self._first_line(path)
        self.ignored = [name for name in self._header if name not in COLUMNS]

    def rows(self) -> Iterator[Row]:
        """The rows with all that is known of them; each (source, record_id) once."""
        lines: dict[tuple[str, str], int] = {}
        for line, cells in self._cells():
            if len(cells) != len(self._header):
                self._wrong(f"line {line}: There are {len(cells)} cells, and line 1 names {len(self._header)} columns.")
                continue
            row = self._row(line, cells)
            first = lines.setdefault((row.source, row.record_id), line)
            if not row.record_id:
                self._wrong(f"line {line}, record_id: It is empty; without that column, the line's number is the id.")
            elif first != line:
                self._wrong(f"line {line}, record_id: {_called(row)} stands in line {first} already.")
            else:
                yield row

    def _first_line(self, path: Path) -> list[str]:
        try:
            header = [name.strip().casefold() for name in next(self._reader, [])]
        except csv.Error as wrong:
            raise InputError(f"The first line of {path} is not CSV: {wrong}.") from None
        lack = _lacking(header)
        if lack is not None:
            raise InputError(f"The first line of {path} {lack}")
        return header

    def _cells(self) -> Iterator[tuple[int, list[str]]]:
        """The rows that are not blank, each with the line it begins on."""
        begins = self._reader.line_num + 1
        try:
            for cells in self._reader:
                if any(cell.strip() for cell in cells):
                    yield begins, cells
                begins = self._reader.line_num + 1
        except csv.Error as wrong:
            self._wrong(f"line {begins}: This is not CSV, and nothing below it was read: {wrong}.")

    def _row(self, line: int, cells: Sequence[str]) -> Row:
        known = {name: cell.strip() for name, cell in zip(self._header, cells, strict=True) if name in COLUMNS}
        return Row(**{"source": "", "record_id": str(line), **known})


def _lines(path: Path, wrong: Wrong, seen: Callable[[int], None]) -> Iterator[str]:
    """The lines as text; `seen` is told the bytes of each."""
    try:
        with path.open("rb") as file:
            for number, raw in enumerate(file, 1):
                seen(len(raw))
                yield _text(path, number, raw, wrong)
    except OSError as failed:
        raise InputError(f"The file {path} cannot be read: {failed.strerror or failed}.") from None


def _text(path: Path, number: int, raw: bytes, wrong: Wrong) -> str:
    if number == 1 and (raw.startswith(_BOMS) or b"\0" in raw or raw.startswith(b"PK")):
        raise InputError(f"The file {path} is not CSV in UTF-8; save it as that, from a workbook with Save As.")
    try:
        return raw.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as failed:
        wrong(f"line {number}: Byte {failed.start + 1} is not UTF-8; save the file as CSV in UTF-8.")
        return raw.decode("latin-1")


def _lacking(header: list[str]) -> str | None:
    """What is wrong with a header, all of it; None when nothing is."""
    twice = [f"`{name}`" for name in dict.fromkeys(header) if name in COLUMNS and header.count(name) > 1]
    if twice:
        return f"names {', '.join(twice)} more than once."
    compared = [name for name in COLUMNS if name not in KEYS]
    if any(name in compared for name in header):
        return None
    sign = next((said for sign, said in _SIGNS.items() if any(name in compared for name in _split(header, sign))), None)
    if sign is not None:
        return f"is parted by {sign}; columns are parted by commas."
    return f"names nothing to compare people by; there are {', '.join(compared)}, and {' and '.join(KEYS)}."


def _split(header: list[str], sign: str) -> list[str]:
    return [name.strip(' "') for one in header for name in one.split(sign)]


def _called(row: Row) -> str:
    return f"`{row.record_id}` of `{row.source}`" if row.source else f"`{row.record_id}`"
