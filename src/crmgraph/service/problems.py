"""What failed while a request was answered, and what it cost, per source."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from crmgraph.domain.errors import CrmGraphError, SourceError


@dataclass(frozen=True, slots=True)
class Problem:
    """A source's failure, told beside the answer. `retry_after` is in seconds."""

    source: str | None
    code: str
    message: str
    retryable: bool = False
    retry_after: float | None = None


def problem_of(error: CrmGraphError) -> Problem:
    """An error as it is told to the caller."""
    if isinstance(error, SourceError):
        return Problem(error.source, error.code, error.message, error.retryable, error.retry_after)
    return Problem(getattr(error, "source", None), error.code, error.message)


@dataclass(slots=True)
class Meter:
    """One source within one request: how many calls it got, and what went wrong.

    `asked` counts the look-ups and pages that the answer needed: what a client that shares and batches nothing would
    call. `shared` counts the replies that other requests' calls brought; `age` is how many seconds ago the oldest of
    those that were kept was asked for. `covered` are the problems for which something that was kept stood in. `lost` is
    the failure after which the source is not asked again within this request.
    """

    calls: int = 0
    asked: int = 0
    shared: int = 0
    age: float | None = None
    problems: list[Problem] = field(default_factory=list)
    covered: list[Problem] = field(default_factory=list)
    lost: SourceError | None = None

    def made(self) -> None:
        """Count a call."""
        self.calls += 1

    def joined(self) -> None:
        """Count a reply that another request's call brings."""
        self.shared += 1

    def aged(self, seconds: float) -> None:
        """Count a reply that was kept for so long."""
        self.shared += 1
        self.age = max(self.age or 0.0, seconds)

    def stood_in(self, seconds: float, problem: Problem) -> None:
        """Count a reply so old that was told because the source failed."""
        self.aged(seconds)
        if problem not in self.covered:
            self.covered.append(problem)

    def note(self, problem: Problem) -> None:
        """Keep a problem once."""
        if problem not in self.problems:
            self.problems.append(problem)


def all_problems(meters: Sequence[Meter]) -> list[Problem]:
    """Every source's problems, in the sources' order."""
    return [problem for meter in meters for problem in dict.fromkeys([*meter.problems, *meter.covered])]
