"""What one asking may cost, before it runs: its figures, remembered with its document, and held against the limits.

Only the operation that was chosen is reckoned: no other one of the document is executed. What variables say is reckoned
anew only where it matters: a text counts as a text, an id as a record of its source, whichever they are.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any

import structlog
from graphql import OperationDefinitionNode, OperationType, is_input_object_type, is_list_type, is_non_null_type
from graphql.execution.values import VariableValues
from strawberry import Schema

from crmgraph.api.connections import MOST
from crmgraph.api.documents import Document
from crmgraph.api.explaining import Explaining
from crmgraph.api.reckoning import Lengths, Reckoning
from crmgraph.api.steps import Steps
from crmgraph.domain.errors import InputError
from crmgraph.service.ids import decode
from crmgraph.service.limits import Limits, Mode, Over
from crmgraph.service.pricing import Pricing
from crmgraph.service.reading import Gateway, Reading

_log = structlog.get_logger("crmgraph.api")

_LOOKED_AT = MOST + 1
"""How many elements of a list are looked at: where a longer one names things, it is refused."""


@dataclass(frozen=True, slots=True)
class Price:
    """An operation's figures by the names of their limits, and the most calls it may cost each source."""

    figures: Mapping[str, int]
    calls: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Charge:
    """What an asking may cost, and how many values are allowed; `over` are the limits over which it was let."""

    price: Price
    allowed: int
    over: tuple[Over, ...] = ()

    @property
    def told(self) -> dict[str, Any]:
        """The figures as answers tell them: the values and how many are allowed, the most calls to each source."""
        told = {"values": self.price.figures["values"], "limit": self.allowed, "calls": self.price.calls}
        return told | {"over": [asdict(one) for one in self.over]} if self.over else told


@dataclass(frozen=True, slots=True)
class Chosen:
    """The operation that is to be executed, with its variables as they were coerced and the number of its `inputs`."""

    document: Document
    operation: OperationDefinitionNode
    variables: VariableValues
    inputs: int = 0


class Prices:
    """Puts prices on the operations of one schema over one gateway."""

    def __init__(self, schema: Schema, gateway: Gateway) -> None:
        self._schema = schema
        self._lengths = Lengths(schema._schema)
        self._words = frozenset({one.name for one in gateway.sources} | gateway.custom.fields.keys())

    def charge(self, chosen: Chosen, reading: Reading, limits: Limits) -> Charge | None:
        """What an asking may cost; raises OverLimits, with the figures. None where nobody wants to know."""
        if limits.mode is Mode.OFF:
            return None
        # Who does not see all sources has calls made to fewer.
        key = (id(chosen.operation), reading.gateway.sight, self._what_matters(chosen.variables))
        price: Price | None = chosen.document.prices.get(key)
        if price is None:
            figures = self._figures(chosen)
            # To foretell calls is a walk over all that is selected, so what is too much is refused before.
            limits.refuse(figures)
            calls = self._foretold(chosen, reading)
            price = chosen.document.prices[key] = Price({**figures, "calls": max(calls.values(), default=0)}, calls)
        limits.refuse(price.figures)
        return Charge(price, limits.values, self._let(chosen, price, limits))

    def _let(self, chosen: Chosen, price: Price, limits: Limits) -> tuple[Over, ...]:
        """What goes over and is answered all the same; where limits are enforced, nothing has come this far."""
        if limits.mode is Mode.ENFORCE:
            return ()
        found = limits.over({**chosen.document.written.figures, "inputs": chosen.inputs, **price.figures})
        if found:
            _log.warning("a question goes over limits", over=[asdict(one) for one in found])
        return found

    def _what_matters(self, variables: VariableValues) -> tuple[Any, ...]:
        if not variables.coerced:
            return ()
        shape = _Shape(self._words)
        return tuple(
            (name, shape.of(variables.sources[name].signature.type, value)) for name, value in variables.coerced.items()
        )

    def _figures(self, chosen: Chosen) -> dict[str, int]:
        schema, operation = self._schema._schema, chosen.operation
        root: Any = schema.get_root_type(operation.operation)
        aside = chosen.document.asks_for_the_schema(operation)
        reckoning = Reckoning(schema, self._lengths, chosen.document.fragments, chosen.variables.coerced, aside)
        found = reckoning.of(operation.selection_set, root)
        wide = "roots" if operation.operation is OperationType.QUERY else "mutations"
        return {"fields": found.fields, "depth": found.depth, wide: found.width, "values": found.values}

    def _foretold(self, chosen: Chosen, reading: Reading) -> Mapping[str, int]:
        """The most calls to each source. What a mutation would send it tells itself, by `dryRun`."""
        if chosen.operation.operation is not OperationType.QUERY:
            return {}
        steps = Steps(self._schema._schema, chosen.operation, chosen.document.fragments, chosen.variables)
        # In a session of its own: what foretelling finds out must not be told beside the answer.
        pricing = Pricing(reading.gateway.read().session, reading.gateway.custom, reading.gateway.budget)
        explaining = Explaining(self._schema, steps, pricing, strict=False)
        explaining.all()
        return {name: pricing.bill.most(name) for name, items in pricing.bill.items.items() if items}


class _Shape:
    """What of a variable's value the price depends on, as something that can be remembered."""

    def __init__(self, words: frozenset[str]) -> None:
        self._words = words
        self._ids: dict[str, int] = {}

    def of(self, type: Any, value: Any) -> Any:
        """Equal shapes of a type's values cost the same."""
        if value is None:
            return None
        if is_non_null_type(type):
            return self.of(type.of_type, value)
        if is_list_type(type):
            return (len(value), *(self.of(type.of_type, one) for one in value[:_LOOKED_AT]))
        if is_input_object_type(type):
            return tuple(self.of(one.type, value.get(one.out_name or name)) for name, one in type.fields.items())
        if type.name == "ID":
            return self._record(str(value))
        if isinstance(value, str) and not isinstance(value, Enum):
            # A source's name and a custom field's key say who is asked; any other text is as good as the next.
            return value if value in self._words else ""
        return value if isinstance(value, bool | int | Enum) else ""

    def _record(self, ident: str) -> tuple[Any, ...]:
        """Whose record an id names, and which of those that were named."""
        number = self._ids.setdefault(ident, len(self._ids))
        with suppress(InputError):
            named = decode(ident)
            return (number, named.kind, named.ref and (named.ref.source, named.ref.resource))
        return (number,)
