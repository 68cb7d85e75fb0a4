"""What is wrong with an input, found before anything is sent: every mistake at once, each with its path."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from crmgraph.domain.errors import InputError


class MistakeCode(StrEnum):
    """What sort of mistake it is."""

    INVALID = "INVALID"
    REQUIRED = "REQUIRED"
    NOT_FOUND = "NOT_FOUND"
    WRONG_KIND = "WRONG_KIND"
    FOREIGN = "FOREIGN"
    AMBIGUOUS = "AMBIGUOUS"
    CONFLICT = "CONFLICT"
    UNAVAILABLE = "UNAVAILABLE"
    FORBIDDEN = "FORBIDDEN"


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake: the path within the input, a sentence, and its sort."""

    field: tuple[str, ...]
    message: str
    code: MistakeCode = MistakeCode.INVALID


class Mistaken(InputError):
    """An input with mistakes; nothing was sent."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__(" ".join(one.message for one in mistakes))
        self.mistakes = tuple(mistakes)


def mistake(field: str, message: str, code: MistakeCode = MistakeCode.INVALID) -> Mistake:
    """A mistake; `field` is its path with dots, empty where it is about the whole input."""
    return Mistake(tuple(field.split(".")) if field else (), message, code)


def mistaken(field: str, message: str, code: MistakeCode = MistakeCode.INVALID) -> Mistaken:
    """An input with a single mistake."""
    return Mistaken([mistake(field, message, code)])
