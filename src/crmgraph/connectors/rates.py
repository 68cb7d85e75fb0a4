"""Rates as they are written: so many calls in a span of time."""

import re
from dataclasses import dataclass

_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count` calls within any `seconds`."""

    count: int
    seconds: float

    @property
    def window(self) -> str:
        """Its span as text, in the greatest unit that counts it whole: `10s`, `1m`, `1d`."""
        unit = next((one for one in "dhm" if self.seconds % _SECONDS[one] == 0), "s")
        return f"{self.seconds / _SECONDS[unit]:g}{unit}"


def seconds_in(window: str) -> float | None:
    """The seconds of a span such as `10s`, `m` or `1d`; None when it is not one."""
    found = re.fullmatch(r"(\d*)([smhd])", window)
    return None if found is None else float(found[1] or 1) * _SECONDS[found[2]] or None


def rate_of(text: str) -> Rate | None:
    """`100/10s` as a rate; None when it is not one, or a rate of nothing."""
    count, _, window = text.partition("/")
    seconds = seconds_in(window)
    return Rate(int(count), seconds) if seconds and count.isdecimal() and int(count) else None


def rates_of(written: str | list[str] | None) -> tuple[Rate, ...]:
    """What is written, one rate or several that hold at once, the shortest span first."""
    texts = written if isinstance(written, list) else [written or ""]
    return tuple(sorted(filter(None, map(rate_of, texts)), key=lambda one: one.seconds))
