"""Time zones by their names in the tz database."""

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def zone_called(name: str) -> ZoneInfo | None:
    """The zone of a name such as America/New_York, None where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def shown_in(zone: ZoneInfo, instant: datetime) -> datetime:
    """An instant as the clocks there show it; at either end of time, where no zone reaches, as it is."""
    try:
        return instant.astimezone(zone)
    except OverflowError:
        return instant
