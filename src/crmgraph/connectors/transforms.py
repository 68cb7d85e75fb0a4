"""Named transforms: pairs of pure functions on one value, used in a mapping line after `|`.

`read` turns the CRM's value into ours, `write` turns it back; a transform without `write` makes its field read-only. Each takes
the value and its argument (the text after the name, empty where there is none). `Settings` arguments name a source's setting.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

Side = Callable[[Any, str], Any]


class Unreadable(ValueError):
    """A value that a transform or a field's type cannot make sense of; the message ends the sentence "… holds"."""


@dataclass(frozen=True, slots=True)
class Transform:
    """A named pair; `per_setting` says that its argument names a setting of the source."""

    name: str
    doc: str
    read: Side
    write: Side | None = None
    per_setting: bool = False


def parse_instant(value: Any) -> datetime:
    """An ISO 8601 text as an aware instant; without an offset it is taken as UTC (org-CRM sheet, section 6)."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if not isinstance(value, str):
        raise Unreadable(f"{value!r}, where an ISO 8601 time was expected (numbers need `| millis` or `| seconds`)")
    try:
        found = datetime.fromisoformat(value.strip())
    except ValueError:
        raise Unreadable(f"{value!r}, where an ISO 8601 time was expected") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def parse_day(value: Any) -> date:
    """A day from `YYYY-MM-DD`, `YYYYMMDD` or an ISO 8601 time, whose clock part is dropped."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        text = value.strip()
        for candidate in (text, text[:10]):
            try:
                return date.fromisoformat(candidate)
            except ValueError:
                continue
    raise Unreadable(f"{value!r}, where a day like 2024-01-25 was expected")


def parse_number(value: Any) -> Decimal:
    """A JSON number or a text of digits, exactly."""
    if isinstance(value, bool):
        raise Unreadable(f"{value!r}, where a number was expected")
    try:
        found = Decimal(str(value).strip().replace(",", "")) if isinstance(value, str) else Decimal(str(value))
    except InvalidOperation:
        raise Unreadable(f"{value!r}, where a number was expected") from None
    if not found.is_finite():
        raise Unreadable(f"{value!r}, where a finite number was expected")
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
    raise Unreadable(f"{value!r}, where true or false was expected")


def _epoch(divisor: int) -> Side:
    def read(value: Any, _: str) -> datetime:
        try:
            return datetime.fromtimestamp(float(parse_number(value)) / divisor, UTC)
        except (OverflowError, ValueError, OSError):
            raise Unreadable(f"{value!r}, where a count since 1970 was expected") from None

    return read


def _local(value: Any, zone: str) -> datetime:
    try:
        place = ZoneInfo(zone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        raise Unreadable(f"times of the zone {zone!r}, which is not known; write one like America/New_York") from None
    if isinstance(value, str) and "T" not in value and " " not in value.strip():
        raise Unreadable(f"{value!r}, where a local date and time was expected")
    found = parse_instant(value)
    naive = isinstance(value, str) and datetime.fromisoformat(value.strip()).tzinfo is None
    return found.replace(tzinfo=place) if naive else found


def _dated(value: Any, form: str) -> date:
    try:
        return datetime.strptime(str(value), form).date()
    except ValueError:
        raise Unreadable(f"{value!r}, where a day of the form {form} was expected") from None


def _after(value: Any, prefix: str) -> Any:
    return value[len(prefix) :] if isinstance(value, str) and value.startswith(prefix) else value


def _parameter(value: Any, name: str) -> str | None:
    found = parse_qs(urlsplit(value).query).get(name) if isinstance(value, str) else None
    return found[0] if found else None


def meaning(value: Any, table: Mapping[str, Any]) -> Any:
    """What a vocabulary says of an id, or of each id in a list; an id that it does not know means nothing."""
    if isinstance(value, list):
        return [found for found in (table.get(str(one)) for one in value) if found is not None]
    return table.get(str(value))


def _split(value: Any, separator: str) -> list[str]:
    return [part.strip() for part in str(value).split(separator or ",") if part.strip()]


def _listed(value: Any, _: str) -> list[Any]:
    return value if isinstance(value, list) else [value]


_ALL = (
    Transform("trim", "Cuts blanks at both ends.", lambda v, _: str(v).strip(), lambda v, _: v),
    Transform("lower", "Lower case.", lambda v, _: str(v).lower(), lambda v, _: v),
    Transform("upper", "Upper case.", lambda v, _: str(v).upper(), lambda v, _: v),
    Transform("text", "Any scalar as text.", lambda v, _: str(v), lambda v, _: v),
    Transform("number", "A number, also from text.", lambda v, _: parse_number(v), lambda v, _: float(v)),
    Transform(
        "cents", "Hundredths as a whole: 1250 is 12.50.", lambda v, _: parse_number(v) / 100, lambda v, _: int(v * 100)
    ),
    Transform("boolean", "true/false from words, 0 and 1.", lambda v, _: parse_boolean(v), lambda v, _: bool(v)),
    Transform("not", "The opposite truth value.", lambda v, _: not parse_boolean(v), lambda v, _: not v),
    Transform("instant", "ISO 8601; without an offset UTC.", lambda v, _: parse_instant(v), lambda v, _: v.isoformat()),
    Transform("millis", "Milliseconds since 1970.", _epoch(1000), lambda v, _: int(v.timestamp() * 1000)),
    Transform("seconds", "Seconds since 1970.", _epoch(1), lambda v, _: int(v.timestamp())),
    Transform(
        "local",
        "A time without offset, meant in the zone that the named setting holds: `local timezone`.",
        _local,
        lambda v, zone: v.astimezone(ZoneInfo(zone or "UTC")).replace(tzinfo=None).isoformat(sep=" "),
        per_setting=True,
    ),
    Transform("day", "A day; a clock part is dropped.", lambda v, _: parse_day(v), lambda v, _: v.isoformat()),
    Transform("dated", "A day of a strptime form: `dated %m/%d/%Y`.", _dated, lambda v, form: v.strftime(form)),
    Transform("after", "Cuts a prefix: `after contact.`.", _after, lambda v, prefix: f"{prefix}{v}"),
    Transform("parameter", "One query parameter of a URL: `parameter cursor`.", _parameter),
    Transform("split", "A list from text: `split ;` (default a comma).", _split, lambda v, s: (s or ",").join(v)),
    Transform("list", "A single value as a list of one.", _listed, lambda v, _: v),
    Transform("first", "The first of a list.", lambda v, _: (v[0] if v else None) if isinstance(v, list) else v),
    Transform("last", "The last of a list.", lambda v, _: (v[-1] if v else None) if isinstance(v, list) else v),
    Transform(
        "compact", "Writes a day as 20240125.", lambda v, _: parse_day(v), lambda v, _: parse_day(v).strftime("%Y%m%d")
    ),
    Transform("table", "What a vocabulary says of an id: `table sources`.", lambda v, _: v),
    Transform("digits", "Only the digits.", lambda v, _: "".join(c for c in str(v) if c.isdigit())),
    Transform("tail", "The last N characters: `tail 4`.", lambda v, n: str(v)[-int(n or "1") :]),
)

TRANSFORMS: Mapping[str, Transform] = {one.name: one for one in _ALL}
