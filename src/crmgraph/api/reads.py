"""How a field is read off its source in generated text, and which resolvers answer for many sources at once."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from strawberry.types.field import StrawberryField

from crmgraph.api.source_text import Text
from crmgraph.domain.model import Kind
from crmgraph.domain.naming import PARTS
from crmgraph.service.entity import PLAIN

Many = Callable[..., Awaitable[Sequence[Any]]]
"""From `info`, several sources and the arguments to one value, or one exception, for each source."""


def source_code(own: StrawberryField, text: Text, number: int | None) -> str:
    """The expression that reads a field off the source `s`."""
    if own.base_resolver is None:
        return f"s.{own.python_name}"
    resolver = own.base_resolver.wrapped_func
    golden = getattr(resolver, "golden", None)
    if golden is not None:
        text.before("e = s.entity")
        return _golden(text, *golden)
    path = getattr(resolver, "path", None)
    if path is not None:
        return f"s.{path}"
    derived = getattr(resolver, "derived", None)
    if derived is not None:
        text.before("e = s.entity")
        return f"{text.name(derived)}(e)"
    return f"{text.name(resolver)}(s{'' if number is None else f', **a[{number}]'})"


def _golden(text: Text, kind: Kind, field: str, make: Callable[[Any], Any] | None, otherwise: Any) -> str:
    text.before("g = e.value")
    read = f"g({field!r})"
    if field in PLAIN[kind]:
        text.before("p = e.plain")
        read = f"(p[{field!r}] if {field!r} in p else {read})"
    elif field in PARTS and kind is Kind.CONTACT:
        # One word beside the name's other part stands for itself; anything else has to be taken apart.
        text.before("p = e.plain")
        part, (other,) = text.variable(), set(PARTS) - {field}
        read = f"({part} if p.get({other!r}) and ({part} := p.get({field!r}) or '').isalpha() else {read})"
    if make is None and otherwise is None:
        return read
    value = text.variable()
    made = value if make is None else f"{text.name(make)}({value})"
    return f"({text.name(otherwise)} if ({value} := {read}) is None else {made})"


def many_of(own: StrawberryField) -> Many | None:
    """What answers for many sources at once, where a field has it."""
    resolver = own.base_resolver
    found: Many | None = None if resolver is None else getattr(resolver.wrapped_func, "many", None)
    return found
