"""What a process and all below it have used, as Linux tells it."""

import os
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Used:
    """CPU time in seconds, memory in bytes."""

    cpu: float
    memory: int


def used(root: int) -> Used:
    """What the process `root` and its descendants have used so far; memory counts shared pages each time."""
    cpu = memory = 0
    for process in descendants(root):
        try:
            fields = _fields(process)
        except FileNotFoundError:
            continue
        cpu += int(fields[11]) + int(fields[12])
        memory += int(fields[21]) * _PAGE
    return Used(cpu / _TICKS, memory)


def descendants(root: int) -> list[int]:
    """The process and all below it."""
    found = [root]
    for process in found:
        for children in Path(f"/proc/{process}/task").glob("*/children"):
            found.extend(map(int, children.read_text().split()))
    return found


def _fields(process: int) -> list[str]:
    """The fields of `stat` from the third on: the second is a name in brackets that may hold blanks."""
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
