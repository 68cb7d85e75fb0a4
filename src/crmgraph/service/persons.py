"""The ids of persons, kept so that each leads to the same person for ever."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from crmgraph.domain.assigning import PersonId
from crmgraph.domain.records import Ref

Clusters = Sequence[Collection[Ref]]
"""Records that were put together; each is in one cluster."""


class Resolved(Struct, frozen=True):
    """Whom an id leads to now: `id` is that person's own, `members` their records in order, and `others` are the
    persons that came off this one when it was split.
    """

    id: PersonId
    members: tuple[Ref, ...]
    others: tuple[PersonId, ...] = ()


class Led(Struct, frozen=True):
    """Where an id leads: to the person whose own id `person` is, another one if it redirects, with their records in
    order, and to those of them that it was `given` for, before it redirected or others redirected to it.
    """

    person: PersonId
    members: tuple[Ref, ...]
    given: frozenset[Ref]


class PersonIds(Protocol):
    """The persisted map of records to persons: refs and ids, none of anybody's values. Each raises StoreUnavailable.

    What is known is remembered, and other workers' changes are heard as soon as any notice.
    """

    async def of(self, refs: Collection[Ref]) -> Mapping[Ref, PersonId]:
        """The persons of those records that have one."""

    async def around(self, refs: Collection[Ref]) -> Mapping[Ref, PersonId]:
        """The persons of those records that have one, with all their other records."""

    def last(self, refs: Collection[Ref]) -> Mapping[Ref, PersonId]:
        """The persons of those records of which it is remembered, which may have changed; nobody is asked."""

    async def assign(
        self, clusters: Clusters, read_sources: Collection[str], whole: bool = False
    ) -> Mapping[Ref, PersonId]:
        """Whom each record of the clusters belongs to, who is new included; durable when it returns.

        `read_sources` are the sources that were read so far that a record in no cluster may be taken for gone; who has
        a record of another one stays as they were. With `whole` the clusters are of everything there is: then nobody
        who is known changes while a source is missing. What changes nothing writes nothing.
        """

    async def resolve(self, ident: PersonId) -> Resolved | None:
        """Whom an id leads to, however old it is; None for one that was never given."""

    async def leads(self, idents: Collection[PersonId]) -> Mapping[PersonId, Led]:
        """Where each of several ids leads; those that were never given are left out."""
