"""What became of an operation."""

from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Outcome:
    """An answer: `errors` are formatted; `executed` is False when the document did not parse, validate or coerce.

    `kept` is for whoever writes it out: several callers may be given one outcome.
    """

    data: Any | None
    errors: tuple[dict[str, Any], ...]
    extensions: dict[str, Any] | None
    executed: bool
    needs_post: bool = False
    kept: MutableMapping[Any, bytes] = field(default_factory=dict, compare=False, repr=False)
