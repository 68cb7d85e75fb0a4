"""What peers ask."""

from dataclasses import dataclass

import httpx


@dataclass(frozen=True, slots=True)
class Upstream:
    """Where an upstream is: the base address of each source by name, and the address that tells its calls."""

    urls: dict[str, str]
    counter: str
    counted: int = 0
    """The calls that asking for the counter adds to it."""

    @property
    def url(self) -> str:
        """The base address of the only source."""
        (url,) = self.urls.values()
        return url

    def calls(self) -> int:
        """How many calls it has answered so far; the counter's last number counts, as nginx tells it."""
        return int(httpx.get(self.counter).text.split("Reading")[0].split()[-1])
