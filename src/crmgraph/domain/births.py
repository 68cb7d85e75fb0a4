"""Days of birth in one spelling."""

import re
from datetime import date
from functools import lru_cache


@lru_cache(65_536)
def day(said: date | str | None) -> str:
    """A day as eight digits, year first: "19560409"; empty where no day can be read, as in "unknown".

    A day written with its year at the end is read as day, month, year, unless only the other way is a day.
    """
    if isinstance(said, date):
        return said.strftime("%Y%m%d")
    numbers: list[str] = re.findall(r"\d+", (said or "").partition("T")[0])
    if len(numbers) == 1 and len(numbers[0]) == 8:
        numbers = [numbers[0][:4], numbers[0][4:6], numbers[0][6:]]
    if len(numbers) != 3:
        return ""
    first, middle, last = numbers
    if len(first) == 4:
        return first + middle.zfill(2) + last.zfill(2)
    if len(last) != 4:
        return ""
    middle, first = (first, middle) if int(middle) > 12 else (middle, first)
    return last + middle.zfill(2) + first.zfill(2)
