"""Decisions are tested on the built-in definitions, without any CRM: what they would ask is asked of nobody."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.service.given import FakeClock

from crmgraph.connectors.catalog import load
from crmgraph.connectors.exchange import Site
from crmgraph.connectors.flows import Reader
from crmgraph.domain.model import Kind
from crmgraph.domain.records import Record, Ref
from crmgraph.service.custom import CustomFields
from crmgraph.service.session import Session
from crmgraph.service.writing.pointing import Pointer


@dataclass
class Account:
    """A source of a built-in definition, by the name of it."""

    name: str

    @property
    def reader(self) -> Reader:
        return Reader(load(self.name, Path()), Site(self.name))

    @property
    def settings(self) -> dict[str, str]:
        return {"source": self.name}


@dataclass
class Shelf:
    """Stands for an operation's reading side: the sources, and the short lists that they have."""

    names: tuple[str, ...] = ("leadconnector", "concord", "bigcontacts", "orgcrm")
    lists: dict[Kind, list[dict[str, Any]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.session = Session([Account(name) for name in self.names], FakeClock(), 60)  # type: ignore[list-item]
        self.gateway = self

    @property
    def custom(self) -> CustomFields:
        return CustomFields({})

    async def everything(self, source: Account, resource: Any) -> list[Record]:
        rows = self.lists.get(resource.kind, [])
        return [resource.record(row, source.name, {}, FakeClock().now()) for row in rows]


def pointer(kind: Kind, **ids: str) -> Pointer:
    """What points to a thing by its id in each source."""
    return Pointer(kind, tuple(Ref(source, kind.value, ident) for source, ident in ids.items()))
