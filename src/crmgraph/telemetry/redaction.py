"""The last line of defence of every log line: known secrets and all that has the form of one never leave."""

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote, quote_plus

from crmgraph.domain.masking import SECRET, masked

SHORTEST = 5
"""Letters of the shortest secret that is looked for: a shorter one stands in many an innocent word."""

SHORT = 200
"""The longest text that is remembered: names and codes come again and again, messages do not."""

_DIGITS = 10**9
"""A number from here on may be somebody's phone."""


class Redaction:
    """What takes out of texts the `secrets` that are known, however they are written, and what looks like one."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms = {form for secret in secrets if len(secret) >= SHORTEST for form in forms_of(secret)}
        longest_first = sorted(forms, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, longest_first))) if forms else None
        self._remembered = lru_cache(maxsize=2048)(self._redacted)

    def text(self, text: str) -> str:
        """The text as it may be told."""
        return self._remembered(text) if len(text) <= SHORT else self._redacted(text)

    def value(self, value: Any) -> Any:
        """A value of a log line as it may be told; of what is neither text nor number nor made of them, its sort."""
        match value:
            case str():
                return self.text(value)
            case None | bool() | float():
                return value
            case int():
                return value if abs(value) < _DIGITS else self.text(str(value))
            case Mapping():
                return {self.text(str(key)): self.value(one) for key, one in value.items()}
            case list() | tuple() | set() | frozenset():
                return [self.value(one) for one in value]
        return type(value).__name__

    def __call__(self, logger: Any, method: str, event: Mapping[str, Any]) -> dict[str, Any]:
        """As a processor of structlog."""
        return {key: self.value(value) for key, value in event.items()}

    def _redacted(self, text: str) -> str:
        return masked(text if self._known is None else self._known.sub(SECRET, text))


def forms_of(secret: str) -> Iterator[str]:
    """The ways in which a secret may be written: as it is, within JSON, within an address, and in base 64."""
    yield secret
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield quote(secret)
    yield quote(secret, safe="")
    yield quote_plus(secret)
    raw = secret.encode("utf-8", "surrogatepass")
    yield base64.b64encode(raw).decode().rstrip("=")
    yield base64.urlsafe_b64encode(raw).decode().rstrip("=")
