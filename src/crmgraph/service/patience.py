"""Reading a list page by page in the background: at a share of the source's rate, and again after what fails."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from traceback import extract_tb

import structlog

from crmgraph.connectors.rates import Rate, rates_of
from crmgraph.domain.errors import CrmGraphError, SourceError, Throttled
from crmgraph.service.ports import Source

_log = structlog.get_logger("crmgraph.reading")

PAUSES = (1.0, 5.0, 30.0, 120.0)
"""Seconds until a page that failed is asked for again; the last one repeats."""

ATTEMPTS = 10
"""How often in a row one page may fail before the list is left until its next reading: a cursor may have died."""

LONGEST = 900.0
"""The most seconds that a source is waited for when it says how long."""

SHARE = 0.5
"""How much of a source's declared rate reading in bulk takes."""

Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Patience:
    """How a list is read on: `attempts` is how often one page may fail in a row."""

    sleep: Sleep
    attempts: int = ATTEMPTS

    async def to_the_end(
        self, source: Source, page: Callable[[], Awaitable[None]], ended: Callable[[], bool]
    ) -> Exception | None:
        """Read pages until it has ended; gives what was wrong with a page that failed too often."""
        pace, failures = _pace(rates_of(source.reader.definition.spec.limits.rate)), 0
        while not ended():
            failure = await self._failure(source, page)
            pause = pace if failure is None else _pause(failure, failures)
            # Being told to come later says nothing against the page.
            failures = 0 if failure is None else failures + (not isinstance(failure, Throttled))
            if failure is not None and (self.attempts == 1 or failures >= self.attempts):
                return failure
            if pause and not ended():
                await self.sleep(pause)
        return None

    async def _failure(self, source: Source, page: Callable[[], Awaitable[None]]) -> Exception | None:
        try:
            await page()
        except CrmGraphError as error:
            _log.warning("reading in bulk waits for a source", source=source.name, reason=error.for_logs)
            return error
        except Exception as error:
            # Its message may quote a record, its sort and its place do not.
            _log.error("reading in bulk failed at a source", source=source.name, **_told(error))
            return error
        return None


def _pause(failure: Exception, failures: int) -> float:
    """Seconds until a page is asked for again: as long as the source said, within reason."""
    told = failure.retry_after if isinstance(failure, SourceError) else None
    if told is None:
        return PAUSES[min(failures, len(PAUSES) - 1)]
    return min(max(told, PAUSES[0]), LONGEST)


def _pace(rates: Sequence[Rate]) -> float:
    """Seconds between two pages, so that reading takes its share of the shortest span's rate; 0 where none is said.

    A reading ends, so a longer span's allowance, a day's say, is not spread over it.
    """
    return next((one.seconds / one.count / SHARE for one in rates), 0.0)


def _told(error: Exception) -> dict[str, str]:
    """What may be logged of a failure that is not ours: its sort, and where it came up."""
    frame = extract_tb(error.__traceback__)[-1]
    return {"error": type(error).__name__, "where": f"{frame.name}:{frame.lineno}"}
