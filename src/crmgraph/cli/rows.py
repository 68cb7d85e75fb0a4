"""The rows of a file: CSV whose header names our fields, or one JSON object a line."""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crmgraph.domain.errors import InputError
from crmgraph.service.importing.rows import COLUMNS, LISTS

CUSTOM = "custom."
_YES, _NO = frozenset({"true", "yes", "1"}), frozenset({"false", "no", "0"})


@dataclass(frozen=True, slots=True)
class Line:
    """A row and the number of the line that it begins on; `wrong` where it cannot be read."""

    number: int
    row: Mapping[str, Any]
    wrong: str | None = None


def lines_of(path: Path) -> list[Line]:
    """The rows of a file, by its ending; raises InputError where it cannot be read at all."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise InputError(f"The file {path} cannot be read as text in UTF-8.") from None
    return list(_json_lines(text) if path.suffix in (".jsonl", ".ndjson", ".json") else _csv_lines(text))


def _json_lines(text: str) -> Iterator[Line]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as wrong:
            yield Line(number, {}, f"This is not JSON: {wrong.msg} at column {wrong.colno}.")
            continue
        if isinstance(row, dict):
            yield Line(number, row)
        else:
            yield Line(number, {}, 'A line holds a JSON object, like {"email": "ada@example.com"}.')


def _csv_lines(text: str) -> Iterator[Line]:
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        _check(header)
        before = reader.line_num
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield _csv_line(before + 1, header, cells)
            before = reader.line_num
    except csv.Error as wrong:
        raise InputError(f"Line {reader.line_num} is not CSV: {wrong}.") from None


def _check(header: list[str]) -> None:
    """Raise InputError with everything that is wrong with a header."""
    if not any(header):
        raise InputError(f"The first line names no columns; there are {', '.join(_NAMES)}.")
    unknown = [f"`{name}`" for name in header if name not in _NAMES and not name.startswith(CUSTOM)]
    twice = [f"`{name}`" for name in dict.fromkeys(header) if header.count(name) > 1]
    if unknown:
        raise InputError(f"Line 1 names {', '.join(unknown)}; there are {', '.join(_NAMES)} and {CUSTOM}KEY.")
    if twice:
        raise InputError(f"Line 1 names {', '.join(twice)} more than once.")


_NAMES = tuple(name for name in COLUMNS if name != "customFields")


def _csv_line(number: int, header: list[str], cells: list[str]) -> Line:
    if len(cells) != len(header):
        return Line(number, {}, f"There are {len(cells)} cells, and line 1 names {len(header)} columns.")
    row: dict[str, Any] = {}
    for name, cell in zip(header, cells, strict=True):
        if name.startswith(CUSTOM) and cell:
            row.setdefault("customFields", {})[name.removeprefix(CUSTOM)] = cell
        elif cell.strip():
            row[name] = _cell(name, cell)
    return Line(number, row)


def _cell(name: str, cell: str) -> Any:
    """A cell as JSON would have it; what cannot be so stays a text, and is told with the other mistakes."""
    if name in LISTS:
        return [one.strip() for one in cell.split(";") if one.strip()]
    if name == "doNotContact":
        said = cell.strip().casefold()
        return True if said in _YES else False if said in _NO else cell
    return cell
