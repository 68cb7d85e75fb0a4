"""When two spellings are one e-mail address or one number: CRMs keep what was typed, each in its own way."""

from collections.abc import Callable, Mapping

from crmgraph.domain.model import FieldType

_SHORTEST = 7
"""Digits by which two spellings of a number can be told to be one."""


def same_box(one: str, other: str) -> bool:
    """Whether two spellings of an address differ in capitals and blanks alone."""
    return one.strip().casefold() == other.strip().casefold()


def same_line(one: str, other: str) -> bool:
    """Whether two spellings end in the same digits: a CRM may add the country's code, or drop it."""
    short, long = sorted(("".join(filter(str.isdigit, said)).lstrip("0") for said in (one, other)), key=len)
    return one == other or (len(short) >= _SHORTEST and long.endswith(short))


def same_text(one: str, other: str) -> bool:
    """Whether two texts are the same, letter by letter."""
    return one == other


LIKENESS: Mapping[FieldType, Callable[[str, str], bool]] = {FieldType.EMAILS: same_box, FieldType.PHONES: same_line}
"""What makes two values of a list the same thing where it is not the very text."""
