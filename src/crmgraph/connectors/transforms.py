"""Named transforms: pairs of pure functions on one value, used in a mapping line after `|`.

`read` turns the CRM's value into ours, `write` turns it back; a transform without `write` makes its field read-only.
Each takes the value and its argument: the text after the name, empty where there is none.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from crmgraph.domain.zones import zone_called

Side = Callable[[Any, str], Any]
Takes = Literal["nothing", "text", "separator", "count", "form", "setting", "table"]
"""What a transform's argument is; a separator may be left out."""

_LONGEST_SHOWN = 60


class Unreadable(ValueError):
    """A value that a transform or a field's type cannot make sense of; the message ends the sentence "… holds"."""


@dataclass(frozen=True, slots=True)
class Transform:
    """A named pair; `takes` says what its argument is, `of_list` that it is for a whole list, also after `*`."""

    name: str
    doc: str
    read: Side
    write: Side | None = None
    takes: Takes = "nothing"
    of_list: bool = False


def shown(value: Any) -> str:
    """A value as messages show it: no more of it than tells what it is."""
    said = repr(value)
    return said if len(said) <= _LONGEST_SHOWN else f"{said[:_LONGEST_SHOWN]}…"


def parse_instant(value: Any) -> datetime:
    """An ISO 8601 text as an aware instant; without an offset it is taken as UTC (org-CRM sheet, section 6)."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if not isinstance(value, str):
        raise Unreadable(
            f"{shown(value)}, where an ISO 8601 time was expected (numbers need `| millis` or `| seconds`)"
        )
    try:
        found = datetime.fromisoformat(value.strip())
    except ValueError:
        raise Unreadable(f"{shown(value)}, where an ISO 8601 time was expected") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def parse_day(value: Any) -> date:
    """A day from `YYYY-MM-DD`, `YYYYMMDD` or an ISO 8601 time, whose clock part is dropped."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return datetime.fromisoformat(value.strip()).date()
    except (ValueError, AttributeError):
        raise Unreadable(f"{shown(value)}, where a day like 2024-01-25 was expected") from None


_GROUPED = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?")


def parse_number(value: Any) -> Decimal:
    """A JSON number or a text of digits, exactly; commas may only part the thousands, for `1,5` could be either."""
    said = str(value).strip()
    if _GROUPED.fullmatch(said):
        said = said.replace(",", "")
    try:
        found = Decimal(said) if not isinstance(value, bool) else Decimal("NaN")
    except InvalidOperation:
        raise Unreadable(f"{shown(value)}, where a number was expected") from None
    if not found.is_finite():
        raise Unreadable(f"{shown(value)}, where a finite number was expected")
    return found


_TRUE, _FALSE = {"true", "yes", "y", "1", "on"}, {"false", "no", "n", "0", "off", ""}


def parse_boolean(value: Any) -> bool:
    """JSON booleans, 0 and 1, and the usual words."""
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower() if isinstance(value, str | int) else None
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise Unreadable(f"{shown(value)}, where true or false was expected")


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FAR = 10**15


def _since_epoch(unit: timedelta) -> Side:
    def read(value: Any, _: str) -> datetime:
        count = parse_number(value)
        try:
            if abs(count) > _FAR:
                raise OverflowError
            return _EPOCH + timedelta(microseconds=int(count * (unit // timedelta(microseconds=1))))
        except OverflowError:
            raise Unreadable(f"{shown(value)}, where a count since 1970 was expected") from None

    return read


def _to_epoch(unit: timedelta) -> Side:
    return lambda value, _: (parse_instant(value) - _EPOCH) // unit


def _zone(name: str) -> ZoneInfo:
    found = zone_called(name or "UTC")
    if found is None:
        raise Unreadable(f"times of the zone {name!r}, which is not known; write one like America/New_York")
    return found


def _local(value: Any, zone: str) -> datetime:
    place = _zone(zone)
    if isinstance(value, str) and "T" not in value and " " not in value.strip():
        raise Unreadable(f"{shown(value)}, where a local date and time was expected")
    found = parse_instant(value)
    naive = isinstance(value, str) and datetime.fromisoformat(value.strip()).tzinfo is None
    return found.replace(tzinfo=place) if naive else found


def _to_local(value: Any, zone: str) -> str:
    return parse_instant(value).astimezone(_zone(zone)).replace(tzinfo=None).isoformat(sep=" ")


def _dated(value: Any, form: str) -> date:
    try:
        return datetime.strptime(str(value), form).date()
    except ValueError:
        raise Unreadable(f"{shown(value)}, where a day of the form {form} was expected") from None


def _moment(value: Any, form: str) -> datetime:
    try:
        return datetime.strptime(str(value), form).replace(tzinfo=UTC)
    except ValueError:
        raise Unreadable(f"{shown(value)}, where a time of the form {form} was expected") from None


def _to_number(value: Any, _: str) -> int | float:
    number = parse_number(value)
    return int(number) if number == number.to_integral_value() else float(number)


def _after(value: Any, prefix: str) -> Any:
    return value[len(prefix) :] if isinstance(value, str) and value.startswith(prefix) else value


def _before(value: Any, text: str) -> Any:
    return value.partition(text)[0] if isinstance(value, str) else value


def _parameter(value: Any, name: str) -> str | None:
    try:
        found = parse_qs(urlsplit(value).query).get(name) if isinstance(value, str) else None
    except ValueError:
        raise Unreadable(f"{shown(value)}, where a URL was expected") from None
    return found[0] if found else None


def meaning(value: Any, table: Mapping[str, Any]) -> Any:
    """What a vocabulary says of an id, or of each id in a list; an id that it does not know means nothing.

    Of a meaning in several parts it is the `key`, where there is one.
    """
    if isinstance(value, list):
        return [found for found in (meaning(one, table) for one in value) if found is not None]
    found = table.get(str(value))
    return found.get("key", found) if isinstance(found, Mapping) else found


def _pair(value: Any, parts: str) -> str | None:
    """Two parts of an object with a colon between them; missing when one of them is."""
    found = [value.get(part) if isinstance(value, Mapping) else None for part in parts.split()]
    return None if any(one is None or one == "" for one in found) else ":".join(str(one) for one in found)


def _unpaired(value: Any, parts: str) -> dict[str, str]:
    """The object of a text, parted at its first colon."""
    first, _, second = str(value).partition(":")
    return dict(zip(parts.split(), (first, second), strict=False))


def _split(value: Any, separator: str) -> list[str]:
    return [part.strip() for part in str(value).split(separator or ",") if part.strip()]


def _end(value: Any, at: int) -> Any:
    return (value[at] if value else None) if isinstance(value, list) else value


def _listed(value: Any, _: str) -> list[Any]:
    return value if isinstance(value, list) else [value]


_ALL = (
    Transform("trim", "Cuts blanks at both ends.", lambda v, _: str(v).strip(), lambda v, _: str(v).strip()),
    Transform("lower", "Lower case.", lambda v, _: str(v).lower(), lambda v, _: str(v).lower()),
    Transform("upper", "Upper case.", lambda v, _: str(v).upper(), lambda v, _: str(v).upper()),
    Transform("text", "Any scalar as text.", lambda v, _: str(v), lambda v, _: str(v)),
    Transform("number", "A number, also from text.", lambda v, _: parse_number(v), _to_number),
    Transform(
        "cents",
        "Hundredths as a whole: 1250 is 12.50.",
        lambda v, _: parse_number(v) / 100,
        lambda v, _: int(parse_number(v) * 100),
    ),
    Transform("boolean", "true/false from words, 0 and 1.", lambda v, _: parse_boolean(v), lambda v, _: v),
    Transform("not", "The opposite truth value.", lambda v, _: not parse_boolean(v), lambda v, _: not v),
    Transform(
        "instant",
        "ISO 8601; without an offset UTC.",
        lambda v, _: parse_instant(v),
        lambda v, _: parse_instant(v).isoformat(),
    ),
    Transform(
        "millis",
        "Milliseconds since 1970.",
        _since_epoch(timedelta(milliseconds=1)),
        _to_epoch(timedelta(milliseconds=1)),
    ),
    Transform("seconds", "Seconds since 1970.", _since_epoch(timedelta(seconds=1)), _to_epoch(timedelta(seconds=1))),
    Transform(
        "local",
        "A time without offset, meant in the zone that the named setting holds: `local timezone`.",
        _local,
        _to_local,
        takes="setting",
    ),
    Transform(
        "day", "A day; a clock part is dropped.", lambda v, _: parse_day(v), lambda v, _: parse_day(v).isoformat()
    ),
    Transform(
        "compact",
        "A day; written as 20240125.",
        lambda v, _: parse_day(v),
        lambda v, _: parse_day(v).strftime("%Y%m%d"),
    ),
    Transform(
        "dated",
        "A day of a strptime form: `dated %m/%d/%Y`.",
        _dated,
        lambda v, form: parse_day(v).strftime(form),
        takes="form",
    ),
    Transform(
        "moment",
        "A time in UTC of a strptime form: `moment %d.%m.%Y %H:%M`.",
        _moment,
        lambda v, form: parse_instant(v).astimezone(UTC).strftime(form),
        takes="form",
    ),
    Transform("after", "Cuts a prefix: `after contact.`.", _after, lambda v, prefix: f"{prefix}{v}", takes="text"),
    Transform("before", "Cuts off a text and what follows it: `before ;`.", _before, takes="text"),
    Transform("parameter", "One query parameter of a URL: `parameter cursor`.", _parameter, takes="text"),
    Transform(
        "split",
        "A list from text: `split ;` (default a comma).",
        _split,
        lambda v, s: (s or ",").join(v),
        takes="separator",
    ),
    Transform("list", "A single value as a list of one.", _listed),
    Transform("first", "The first of a list.", lambda v, _: _end(v, 0), of_list=True),
    Transform("last", "The last of a list.", lambda v, _: _end(v, -1), of_list=True),
    Transform("table", "What a vocabulary says of an id: `table sources`.", lambda v, _: v, takes="table"),
    Transform("pair", "Two parts of an object as `one:other`: `pair name value`.", _pair, _unpaired, takes="text"),
    Transform("digits", "Only the digits.", lambda v, _: "".join(c for c in str(v) if c.isdigit())),
    Transform("tail", "The last N characters: `tail 4`.", lambda v, n: str(v)[-int(n) :], takes="count"),
)

TRANSFORMS: Mapping[str, Transform] = {one.name: one for one in _ALL}
