"""Inputs as the domain's values: each field by its type, every mistake with its path."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import strawberry
from strawberry.utils.str_converters import to_camel_case, to_snake_case

from crmgraph.api.writes.parts import NamedRefInput, UserRefInput
from crmgraph.domain.model import FIELDS, Custom, Email, Kind, Option, Phone, TagName
from crmgraph.domain.normalize import email_key, phone_key
from crmgraph.service.targets import POINTS_TO
from crmgraph.service.writing.checking import Checking
from crmgraph.service.writing.mistakes import MistakeCode
from crmgraph.service.writing.pointing import Pointer

CONTROLS = frozenset({"idempotency_key", "dry_run"})
"""What of an input is about the request and not about what is written."""


_EITHER = (("contact", "contacts"), ("dueAt", "dueDate"))
"""Two ways to say one thing."""


def canonical(given: Any) -> Any:
    """An input as JSON: what was given, null included, and nothing else."""
    if isinstance(given, strawberry.Some):
        return canonical(given.value)
    if isinstance(given, list | tuple):
        return [canonical(one) for one in given]
    if isinstance(given, Enum):
        return given.value
    if isinstance(given, datetime | date | Decimal):
        return str(given)
    if not hasattr(given, "__strawberry_definition__"):
        return given
    said = {one.name: getattr(given, one.name) for one in fields(given) if one.name not in CONTROLS}
    return {to_camel_case(name): canonical(value) for name, value in said.items() if value is not None}


class Values:
    """Reads the values of one input; what is wrong with them goes to `checking`."""

    def __init__(self, checking: Checking, region: str) -> None:
        self._checking = checking
        self._region = region

    async def of(self, given: Any, kind: Kind, under: str = "") -> dict[str, Any]:
        """Our field → its value, for the fields that were given; None clears one."""
        values: dict[str, Any] = {}
        for name in FIELDS[kind]:
            said = getattr(given, to_snake_case(name), None)
            if isinstance(said, strawberry.Some):
                values[name] = None if said.value is None else await self._value(f"{under}{name}", name, said.value)
            elif said is not None:
                values[name] = await self._demanded(f"{under}{name}", name, said)
        for one, other in _EITHER:
            if one in values and other in values:
                self._checking.wrong(f"{under}{one}", f"Give `{one}` or `{other}`, not both.")
        return values

    async def _demanded(self, path: str, name: str, said: Any) -> Any:
        """The value of a field that must be given."""
        if isinstance(said, str) and not said.strip():
            self._checking.wrong(path, f"`{name}` is empty.", MistakeCode.REQUIRED)
        return await self._value(path, name, said)

    async def _value(self, path: str, name: str, said: Any) -> Any:
        if isinstance(said, list):
            made = [await self._value(f"{path}.{at}", name, one) for at, one in enumerate(said)]
            return tuple(one for one in made if one is not None)
        if isinstance(said, UserRefInput | NamedRefInput):
            return self._named(path, POINTS_TO[name], said)
        if name in POINTS_TO:
            if POINTS_TO[name] is Kind.CONTACT:
                return await self._checking.person(path, str(said))
            return self._checking.pointer(path, str(said), POINTS_TO[name])
        if name == "tags":
            return self._tag(path, said)
        if name == "options":
            return Option(said, said)
        return self._checked(path, said.made() if hasattr(said, "made") else said)

    def _named(self, path: str, kind: Kind, said: UserRefInput | NamedRefInput) -> Pointer | None:
        if said.id is not None:
            return self._checking.pointer(f"{path}.id", str(said.id.value), kind)
        text = said.name or getattr(said, "email", None)
        if text is None or not text.value.strip():
            self._checking.wrong(path, f"Say which {kind}: by its id or its name.", MistakeCode.REQUIRED)
            return None
        return Pointer(kind, text=text.value.strip())

    def _tag(self, path: str, said: str) -> TagName | None:
        if said.strip():
            return TagName(said.strip())
        self._checking.wrong(path, "A tag has a name.", MistakeCode.REQUIRED)
        return None

    def _checked(self, path: str, made: Any) -> Any:
        if isinstance(made, Email) and email_key(made.value) is None:
            said = f"`{made.value[:80]}` is no e-mail address; write one like name@example.com."
            self._checking.wrong(f"{path}.value", said)
        if isinstance(made, Phone) and phone_key(made.value, self._region) is None:
            said = f"`{made.value[:80]}` is no phone number; write one like +14155550100."
            self._checking.wrong(f"{path}.value", said)
        if isinstance(made, Custom) and not made.key.strip():
            self._checking.wrong(f"{path}.key", "A custom field has a key.", MistakeCode.REQUIRED)
        if isinstance(made, Enum):
            return made.value
        return made


def names_of(given: Sequence[str] | None) -> tuple[str, ...] | None:
    """The names once each; None where none was given."""
    return None if given is None else tuple(dict.fromkeys(given))
