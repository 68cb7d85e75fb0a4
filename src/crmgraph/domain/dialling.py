"""Phone numbers that need no parsing: written in digits and usual punctuation, of a numbering plan without surprises.

The library `phonenumbers` reads every number there is, in 50 to 200 microseconds; most numbers in a CRM are plain, and
reading those here takes two. For what is read here both say the same, which a property test holds.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

_PLAIN = re.compile(r"\+?[0-9 .()\-/]+")
_TRUNKS = (None, "0", "1", "0|180020")
"""What may stand before a number within its country; a plan that knows more than this is left to the library."""


class Dialled(NamedTuple):
    """A number as E.164, and what of it is dialled within its country."""

    key: str
    national: str


class _Plan(NamedTuple):
    """A country's calling code, what is dialled before a number within it, and how many digits numbers have."""

    code: str
    trunk: str
    lengths: frozenset[int]


def plainly_dialled(raw: str, digits: str, region: str) -> Dialled | None:
    """The number that `raw` (whose digits are `digits`) plainly is; None where it takes more to tell.

    `region` is the ISO 3166 code that a number without a calling code belongs to.
    """
    if not _PLAIN.fullmatch(raw):
        return None
    if raw[0] == "+":
        plan = _plan_of_code(digits)
        national = digits[len(plan.code) :] if plan else ""
    else:
        plan = _plan(region)
        national = digits[len(plan.trunk) :] if plan and digits.startswith(plan.trunk) else ""
    if plan is None or len(national) not in plan.lengths or national[0] in "01":
        return None
    return Dialled(f"+{plan.code}{national}", national)


@lru_cache(1024)
def _plan(region: str) -> _Plan | None:
    """The plan of a country whose numbers can be told by their length; None for others."""
    told = PhoneMetadata.metadata_for_region(region.upper()) if region else None
    if told is None or told.national_prefix_for_parsing not in _TRUNKS:
        return None
    lengths = told.general_desc.possible_length if told.general_desc else ()
    trunk = told.national_prefix if told.national_prefix == "0" else ""
    return _Plan(str(told.country_code), trunk, frozenset(lengths) - {-1})


def _plan_of_code(digits: str) -> _Plan | None:
    """The plan of the country whose calling code these digits begin with."""
    for length in (1, 2, 3):
        regions = COUNTRY_CODE_TO_REGION_CODE.get(int(digits[:length]))
        if regions:
            return _plan(regions[0])
    return None
