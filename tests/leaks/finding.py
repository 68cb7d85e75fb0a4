"""Where something may leak to, and looking whether it did."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tests.leaks.planted import PERSON

from crmgraph.telemetry.redaction import forms_of


@dataclass(frozen=True, slots=True)
class Leak:
    """What was found, and in which channel, with what stands around it."""

    plant: str
    channel: str
    around: str


def leaks(channel: str, texts: Iterable[str], plants: Mapping[str, str]) -> Iterator[Leak]:
    """Each planted value that stands in a channel's texts, however it is written there."""
    for text in texts:
        lower = text.lower()
        for name, value in plants.items():
            at = min((found for form in _forms(value) if (found := lower.find(form)) >= 0), default=-1)
            if at >= 0:
                yield Leak(name, channel, text[max(at - 80, 0) : at + 120])


def _forms(value: str) -> set[str]:
    """A value as it may be written; a phone also without what is around its digits."""
    forms = {form.lower() for form in forms_of(value)}
    return forms | {value.lstrip("+")} if value == PERSON.phone else forms
