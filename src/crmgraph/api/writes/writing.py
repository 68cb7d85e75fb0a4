"""From a mutation's input to its payload: decided, done once, and told whatever happens."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from crmgraph.api.context import Asking
from crmgraph.api.nodes import reading
from crmgraph.api.writes.outcomes import Payload
from crmgraph.api.writes.values import Values, canonical
from crmgraph.domain.errors import CrmGraphError
from crmgraph.service.writing.changes import Change
from crmgraph.service.writing.checking import Checking
from crmgraph.service.writing.doing import Doing, Made, Mutation
from crmgraph.service.writing.encoding import as_bytes
from crmgraph.service.writing.linking import Linking
from crmgraph.service.writing.mistakes import Mistake, MistakeCode, Mistaken
from crmgraph.service.writing.once import Once
from crmgraph.service.writing.people import People
from crmgraph.service.writing.things import Things
from crmgraph.service.writing.views import Views
from crmgraph.service.writing.vocabularies import Vocabularies

P = TypeVar("P", bound=Payload)


class Desk:
    """What decides on the changes of one mutation."""

    def __init__(self, info: Asking) -> None:
        self.reading = reading(info)
        self.reading.ask_anew()
        self.checking = Checking(self.reading)
        self.values = Values(self.checking, self.reading.gateway.identity.region)
        self.people = People(self.reading, self.checking)
        self.things = Things(self.reading, self.checking)
        self.linking = Linking(self.reading, self.checking)
        self.vocabularies = Vocabularies(self.reading, self.checking)
        self.views = Views(self.checking)


Decide = Callable[[Desk], Awaitable[Sequence[Change]]]


async def written(info: Asking, name: str, given: Any, payload: type[P], decide: Decide) -> P:
    """The payload of a mutation: what `decide` comes to, done once for its key; nothing is done on wrong input."""
    context = info.context
    mutation = Mutation(name, context.caller.name, as_bytes(canonical(given)), given.idempotency_key, given.dry_run)
    context.reading.supposes = bool(given.dry_run)

    async def work() -> Made:
        desk = Desk(info)
        changes = await decide(desk)
        desk.checking.hidden(changes)
        desk.checking.done()
        return await Doing(desk.reading, context.stores).make(mutation, changes)

    try:
        made = await Once(context.stores, context.reading.gateway.clock).made(mutation, work)
    except Mistaken as wrong:
        return payload(told=(), mistakes=wrong.mistakes)
    except CrmGraphError as error:
        # Whatever stands in the way was found before anything was sent: after that, results tell.
        return payload(told=(), mistakes=[Mistake((), error.message, code_of(error))])
    return payload(told=made.results, mistakes=())


def code_of(error: CrmGraphError) -> MistakeCode:
    """What an error that came before anything was sent is told as."""
    return MistakeCode.UNAVAILABLE if getattr(error, "retryable", True) else MistakeCode.INVALID
