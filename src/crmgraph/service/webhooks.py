"""Webhooks as they come in: believed, kept, and what they touch forgotten, before the CRM is told that all is well."""

from collections.abc import Mapping

from crmgraph.connectors.hearing import Heard, Listener
from crmgraph.domain.errors import InputError, Overloaded
from crmgraph.domain.model import Kind
from crmgraph.domain.records import Ref
from crmgraph.service.auditing import Entry
from crmgraph.service.events import Event
from crmgraph.service.notices import Notice, heed, notice_of
from crmgraph.service.ports import Source
from crmgraph.service.reading import Gateway
from crmgraph.service.refusals import Refusals
from crmgraph.service.writing.stores import Stores

MOST = 64
"""How many deliveries wait for the store at once; the CRM is asked to deliver the others again."""

RETRY_AFTER = 60
"""Seconds after which that is worth a try."""

WHO = "(webhook)"
"""Who it is in the audit log, where nobody has proven who they are."""


class Inbox:
    """Takes the deliveries of every source that can be heard."""

    def __init__(
        self,
        gateway: Gateway,
        stores: Stores,
        refusals: Refusals,
        listeners: Mapping[str, Listener],
        most: int = MOST,
    ) -> None:
        self._gateway = gateway
        self._stores = stores
        self._refusals = refusals
        self._listeners = listeners
        self.most = most
        self._waiting = 0

    def listener(self, source: str) -> Listener | None:
        """The ear of a source; None where there is no such source, or it tells nothing."""
        return self._listeners.get(source)

    async def take(self, listener: Listener, headers: Mapping[bytes, bytes], body: bytes) -> None:
        """Take one delivery; when this returns it is durable, and so it is where it had come before.

        Raises InputError for what is not to be believed, Overloaded, StoreUnavailable.
        """
        try:
            heard = listener.heard(headers, body, self._gateway.clock.now())
        except InputError as error:
            self._refusals.note(Entry(WHO, "webhook", "REFUSED", listener.name, action=error.code))
            raise
        if heard is None:
            return
        if self._waiting >= self.most:
            raise Overloaded("Too many deliveries wait here; deliver this one again later.", RETRY_AFTER)
        self._waiting += 1
        try:
            # The CRM may hang up; what is kept must still be heeded.
            await self._stores.running.finish(self._keep(self._source(listener.name), heard, body))
        finally:
            self._waiting -= 1

    async def _keep(self, source: Source, heard: Heard, body: bytes) -> None:
        ref = Ref(source.name, heard.resource, heard.record)
        notice = self._notice(source, ref, heard)
        event = Event(ref, heard.type, heard.delivery, heard.at, heard.gone, body)
        if await self._stores.events.keep(event, [notice]):
            heed(self._gateway, [notice])

    def _notice(self, source: Source, ref: Ref, heard: Heard) -> Notice:
        """What everybody must know of it: a contact that came whole is known by its keys at once."""
        resource = source.reader.definition.resources[heard.resource]
        after = None
        if isinstance(heard.raw, dict) and resource.kind is Kind.CONTACT:
            now, tables = self._gateway.clock.now(), {"settings": dict(source.settings)}
            after = resource.record(heard.raw, source.name, tables, now)
        return notice_of(resource.kind, ref, after, heard.gone, self._gateway.identity.region)

    def _source(self, name: str) -> Source:
        return next(one for one in self._gateway.sources if one.name == name)
