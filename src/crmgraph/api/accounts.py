"""The configured CRM accounts, and the records they keep."""

from datetime import datetime

import strawberry
from strawberry.scalars import JSON

from crmgraph.api import values
from crmgraph.api.context import Asking
from crmgraph.api.fields import plain
from crmgraph.api.nodes import reading
from crmgraph.domain.model import Kind
from crmgraph.domain.records import Record
from crmgraph.service.breakers import BreakerState
from crmgraph.service.capabilities import capabilities
from crmgraph.service.entity import Entity
from crmgraph.service.operations import Operation
from crmgraph.service.ports import Source as SourcePort
from crmgraph.service.ports import SourceHealth
from crmgraph.service.versions import version_of

strawberry.enum(Operation, description=Operation.__doc__)


@strawberry.type(description="What a source can do for one kind.")
class Capability:
    kind: Kind = plain("The kind.")
    operation: Operation = plain("The operation.")
    native: bool = plain("Whether the CRM does it itself; otherwise the gateway makes do as the note says.")
    note: str | None = plain("How, and how much of it.")
    fields: list[str] | None = plain("The fields that a CREATE or UPDATE takes; others are told as ignored.")
    required: list[str] | None = plain(
        "The fields that a CREATE is refused without, by its connector; of several with `or` one is enough."
    )


def _listed(names: tuple[str, ...] | None) -> list[str] | None:
    return None if names is None else list(names)


@strawberry.type(description="One of a source's allowances, as its last reply told; before any did, as it is declared.")
class Quota:
    window: str = plain("How long the allowance is for.")
    limit: int | None = plain("The whole allowance, in calls.")
    remaining: int | None = plain("What is left of it, in calls; null where no reply told.")


strawberry.enum(
    BreakerState,
    description="Whether a source is called, or left alone because it keeps failing.",
)


@strawberry.type(description="Whether a source that keeps failing is left alone for now.")
class Breaker:
    state: BreakerState = plain("How it stands.")
    failures: int = plain("How many of the last calls failed.")
    opened_at: datetime | None = plain("Since when it is open; null while it is closed.")
    retry_at: datetime | None = plain("When a call is tried again; null while it is closed.")
    dry_run: bool = plain("Whether it only tells what it would do, and lets every call through.")


@strawberry.type(description="One configured CRM account.")
class Source:
    port: strawberry.Private[SourcePort]

    @strawberry.field(description="Its name in the configuration.")
    def name(self) -> str:
        return self.port.name

    @strawberry.field(description="The connector that describes its CRM.")
    def connector(self) -> str:
        return self.port.reader.definition.name

    @strawberry.field(description="How it has been lately.")
    def health(self) -> SourceHealth:
        return self.port.health

    @strawberry.field(
        description="What it can read and write, by its connector; a write that is not here is UNSUPPORTED."
    )
    def capabilities(self) -> list[Capability]:
        return [
            Capability(
                kind=one.kind,
                operation=one.operation,
                native=one.native,
                note=one.note,
                fields=_listed(one.fields),
                required=_listed(one.required),
            )
            for one in capabilities(self.port.reader.definition)
        ]

    @strawberry.field(description="Its allowances, and what is left of them; empty where nothing is known.")
    def quota(self) -> list[Quota]:
        return [Quota(window=one.window, limit=one.limit, remaining=one.remaining) for one in self.port.quota]

    @strawberry.field(description="How its breaker stands in this process; null where it has none.")
    def breaker(self) -> Breaker | None:
        one = self.port.breaker
        if one is None:
            return None
        return Breaker(
            state=one.state,
            failures=one.failures,
            opened_at=one.opened_at,
            retry_at=one.retry_at,
            dry_run=one.dry_run,
        )

    @strawberry.field(description="When it last answered a call well; null before the first.")
    def last_success_at(self) -> datetime | None:
        return self.port.last_success

    @strawberry.field(description="How many of its contacts the key index holds.")
    def indexed_contacts(self, info: Asking) -> int:
        return reading(info).gateway.index.size(self.port.name)

    @strawberry.field(description="When the key index last knew all of its contacts; null while it does not.")
    def indexed_at(self, info: Asking) -> datetime | None:
        return reading(info).gateway.index.complete_since(self.port.name)


def source_of(info: Asking, name: str) -> Source:
    return Source(port=reading(info).session.sources[name])


@strawberry.type(description="One source's own record of a thing, unmerged.")
class SourceRecord:
    held: strawberry.Private[Record]

    @strawberry.field(description="The source that keeps it.")
    def source(self, info: Asking) -> Source:
        return source_of(info, self.held.ref.source)

    @strawberry.field(description="Its id in that CRM.")
    def id(self) -> str:
        return self.held.ref.id

    @strawberry.field(description="What the CRM's definition calls it.")
    def resource(self) -> str:
        return self.held.ref.resource

    @strawberry.field(description="Where people see it in the CRM, if its definition knows.")
    def url(self) -> str | None:
        found: str | None = self.held.peek("url")
        return found

    @strawberry.field(description="The CRM's own JSON.")
    def raw(self) -> JSON | None:
        return JSON(self.held.raw)

    @strawberry.field(description="Its version, for `onlyIf`: it stays the same until the record is changed.")
    def version(self) -> str:
        return version_of(self.held)

    @strawberry.field(description="When it was made, as the CRM says.")
    def created_at(self) -> datetime | None:
        found: datetime | None = self.held.peek("createdAt")
        return found

    @strawberry.field(description="When it was last changed, as the CRM says.")
    def updated_at(self) -> datetime | None:
        found: datetime | None = self.held.peek("updatedAt")
        return found

    @strawberry.field(description="When the gateway read it.")
    def fetched_at(self) -> datetime:
        return self.held.fetched_at

    @strawberry.field(description="Its own values in the graph's words.")
    def values(self) -> JSON:
        return JSON(values.own_values(self.held))


def records_of(entity: Entity) -> list[SourceRecord]:
    return [SourceRecord(held=record) for record in entity.records]


def record_of(entity: Entity) -> SourceRecord:
    return SourceRecord(held=entity.record)
