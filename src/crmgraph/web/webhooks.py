"""Where CRMs tell us of their own accord: POST /webhooks/{source}, a signature over the body as it came."""

import structlog
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from crmgraph.connectors.hearing import Foreign, Listener, Unsigned
from crmgraph.domain.errors import CrmGraphError, InputError, Overloaded
from crmgraph.service.ports import StoreUnavailable
from crmgraph.service.webhooks import RETRY_AFTER, Inbox
from crmgraph.web.body import Limits, read_body
from crmgraph.web.burden import Burden, Load
from crmgraph.web.hang_up import HungUp
from crmgraph.web.headers import headers_of
from crmgraph.web.refusal import Refused, refusal, told

PATH = "/webhooks/{source}"

TOGETHER = 8 * 1024 * 1024
"""Bytes of deliveries that are held at once. Whoever sends them has proven nothing yet: the graph's room is another."""

_STATUS: dict[type[CrmGraphError], int] = {Unsigned: 401, Foreign: 403}

log = structlog.get_logger()


class Webhooks:
    """The endpoint, an ASGI application."""

    def __init__(self, inbox: Inbox, limits: Limits, together: int = TOGETHER) -> None:
        self._inbox = inbox
        self._limits = limits
        self._burden = Burden(together)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One delivery, one answer: 200 once it is kept."""
        with Load(self._burden) as load:
            response = await self._answered(scope, receive, load)
            await response(scope, receive, send)

    async def _answered(self, scope: Scope, receive: Receive, load: Load) -> Response:
        listener = self._inbox.listener(scope["path_params"]["source"])
        if listener is None:
            return told(404, "There is no source of this name that takes webhooks.", "BAD_INPUT")
        headers = headers_of(scope)
        try:
            await self._inbox.take(listener, headers, await read_body(headers, receive, self._limits, load))
        except Refused as refused:
            return refusal(refused) if refused.code != Overloaded.code else _again(listener, refused)
        except HungUp:
            return Response(status_code=499)
        except InputError as error:
            return told(_STATUS.get(type(error), 400), error.message, error.code)
        except (Overloaded, StoreUnavailable) as error:
            return _again(listener, error)
        return Response(b'{"taken":true}', 200, {"Cache-Control": "no-store"}, "application/json; charset=utf-8")


def _again(listener: Listener, error: CrmGraphError) -> Response:
    """What we could not take now is to be delivered again; each CRM does so after a status of its own."""
    log.warning("webhook_not_taken", source=listener.name, code=error.code)
    said = "This delivery cannot be taken now; deliver it again."
    return told(listener.again, said, error.code, {"Retry-After": str(RETRY_AFTER)})
