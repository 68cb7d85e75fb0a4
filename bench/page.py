"""The page of the documentation that holds the results, each part between two marks of its own."""

import os
import platform
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
PLOT = PAGE.with_name("growth.svg")

_LIBRARIES = ("graphql-core", "strawberry-graphql", "httpx", "uvicorn")


def written(text: str, part: str, content: str) -> str:
    """The page's text with one part replaced; raises ValueError where the page lacks the marks."""
    first, last = f"<!-- {part} -->", f"<!-- /{part} -->"
    pattern = re.compile(f"{re.escape(first)}.*?{re.escape(last)}", re.DOTALL)
    if not pattern.search(text):
        raise ValueError(f"The page of benchmarks should hold `{first}` and `{last}`.")
    return pattern.sub(lambda _: f"{first}\n{content}\n{last}", text)


def write(part: str, content: str) -> None:
    """Put a part into the page."""
    PAGE.write_text(written(PAGE.read_text(), part, content))


def circumstances(libraries: Sequence[str] = _LIBRARIES) -> str:
    """When and where it was measured, with what, as a sentence."""
    told = ", ".join(f"{name} {version(name)}" for name in libraries)
    return (
        f"Measured on {datetime.now(UTC):%d %B %Y} on {os.cpu_count()} cores of {_processor()}, {platform.system()},"
        f" Python {platform.python_version()}, with {told}."
    )


def _processor() -> str:
    found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    return found[1].strip() if found else platform.machine()
