"""What a CRM says about a write that it refuses: which key is wrong and why, and which record is there already."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from crmgraph.connectors.paths import compile_path
from crmgraph.connectors.spec_replies import ReplySpec
from crmgraph.domain.errors import InputError, Rejected

_MOST = 300
_SOME = 12


class Unwritable(InputError):
    """A value that a CRM has no word for; `reasons` says by our field why."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.reasons: Mapping[str, str] = {field: message}


class Refused(Rejected):
    """A rejected write. `reasons` go by our field where it is known, else by the CRM's key; `existing` is the id of
    the record that is there already.
    """

    def __init__(
        self,
        source: str,
        message: str,
        retry_after: float | None = None,
        reasons: Mapping[str, str] | None = None,
        existing: str | None = None,
    ) -> None:
        super().__init__(source, message, retry_after)
        self.reasons: Mapping[str, str] = reasons or {}
        self.existing = existing


def some_of(names: Iterable[str]) -> str:
    """The first dozen names, each once, and how many more there are."""
    known = sorted({name for name in names if name}, key=str.casefold)
    rest = f" and {len(known) - _SOME} more" if len(known) > _SOME else ""
    return ", ".join(known[:_SOME]) + rest if known else "none"


def reasons_in(spec: ReplySpec, body: Any) -> dict[str, str]:
    """The CRM's key → what is wrong with it: from an object, from `{loc, msg}`s or from sentences that begin so."""
    found = compile_path(spec.reasons)(body) if spec.reasons is not None else None
    pairs = found.items() if isinstance(found, dict) else _listed(found) if isinstance(found, list) else ()
    return {str(key): _text(said)[:_MOST] for key, said in pairs}


def _listed(found: list[Any]) -> Iterator[tuple[str, Any]]:
    for one in found:
        if isinstance(one, dict) and isinstance(one.get("loc"), list) and one["loc"]:
            yield str(one["loc"][-1]), one.get("msg", "")
        elif isinstance(one, str) and (named := re.match(r"(?:property )?(\w+) ", one)):
            yield named[1], one


def _text(said: Any) -> str:
    return "; ".join(str(one) for one in said) if isinstance(said, list) else str(said)


def existing_in(spec: ReplySpec, body: Any) -> str | None:
    """The id of the record that is there already, where the reply tells it."""
    found = compile_path(spec.existing)(body) if spec.existing is not None else None
    return str(found) if isinstance(found, str | int) and found != "" else None
