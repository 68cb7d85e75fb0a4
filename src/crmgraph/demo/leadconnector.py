"""The simulated LeadConnector: one sub-account of the services host, v2 (fact sheet leadconnector).

Every call passes the door first: the bearer token (401), the Version header (401), the rate limit (429); only
/oauth/token and the page of consent do not. A trailing slash is part of the path and is never redirected.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from crmgraph.demo import leadconnector_calendars as calendars
from crmgraph.demo import leadconnector_contacts as contacts
from crmgraph.demo import leadconnector_doings as doings
from crmgraph.demo import leadconnector_office_writes as office_writes
from crmgraph.demo import leadconnector_offices as offices
from crmgraph.demo import leadconnector_opportunities as opportunities
from crmgraph.demo import leadconnector_writes as writes
from crmgraph.demo.cast import World
from crmgraph.demo.leadconnector_account import Account, Raw
from crmgraph.demo.leadconnector_oauth import BadGrant, Tokens
from crmgraph.demo.leadconnector_seed import CRM, seed
from crmgraph.demo.leadconnector_wire import NO_ACCESS, error_body, routes, traced
from crmgraph.demo.simulator import Gate, RateWindow, Simulator, bearer, gated

VERSIONS = ("2021-07-28", "2021-04-15")
INTERVAL = 10.0
DAILY = 200_000
_DAY = timedelta(days=1)
_FORM = "application/x-www-form-urlencoded"

Grant = Callable[[Tokens, Mapping[str, str]], Raw]


def leadconnector(
    world: World,
    *,
    token: str = "demo-leadconnector",
    location_id: str = "demoLocation00000001",
    company_id: str = "demoCompany000000001",
    client_id: str = "demo-client",
    client_secret: str = "demo-secret",
    clock: Callable[[], datetime],
    index_lag: float = 3.0,
    rate_limit: int = 100,
    unknown_status: int = 400,
    allow_duplicates: bool = False,
) -> Simulator:
    """The CRM with what the world says it knows; `state` is an Account, whose `tokens` holds the OAuth side.

    `token` is the private one, which never ends. `index_lag` is in seconds; `rate_limit` is requests per 10 seconds;
    `unknown_status` answers an unknown contact id (400 as recorded, or 404).
    """
    location = _location(location_id, company_id, allow_duplicates)
    tokens = Tokens(token, (client_id, client_secret), (location_id, company_id), clock)
    account = Account(location, tokens, clock=clock, index_lag=index_lag, unknown_status=unknown_status)
    seed(account, world)
    reads = [*contacts.READS, *offices.READS, *opportunities.READS, *calendars.READS]
    changes = [*writes.WRITES, *doings.WRITES, *office_writes.WRITES]
    app = Starlette(
        routes=[
            Route("/oauth/chooselocation", _agreeing, methods=["GET"]),
            Route("/oauth/token", _granting(Tokens.grant), methods=["POST"]),
            Route("/oauth/locationToken", _granting(Tokens.located), methods=["POST"]),
            *routes([*reads, *changes]),
        ],
        exception_handlers={404: _no_route, 405: _no_route},
    )
    app.router.redirect_slashes = False
    app.state.account = account
    door = _door(account, RateWindow(rate_limit, INTERVAL, clock), RateWindow(DAILY, _DAY.total_seconds(), clock))
    error = error_body(500, "Internal server error")
    return Simulator(CRM, gated(app, door), token=token, state=account, error_body=error)


def _location(location_id: str, company_id: str, allow_duplicates: bool) -> Raw:
    return {
        "id": location_id,
        "companyId": company_id,
        "name": "Demo location",
        "email": "office@demo.example",
        "phone": "+12125550100",
        "address": "1 Demo Square",
        "city": "New York",
        "state": "NY",
        "postalCode": "10001",
        "country": "US",
        "website": "https://demo.example",
        "timezone": "America/New_York",
        "settings": {"allowDuplicateContact": allow_duplicates, "allowDuplicateOpportunity": False},
    }


def _door(account: Account, window: RateWindow, day: RateWindow) -> Gate:
    def gate(request: Request) -> tuple[Response | None, Mapping[str, str]]:
        if request.url.path in ("/oauth/token", "/oauth/chooselocation"):
            return None, {}
        refusal = _credentials(account, request) or _version(request)
        if refusal:
            return traced(account, refusal, refusal["statusCode"]), {}
        return _counted(account, request, window, day)

    return gate


def _credentials(account: Account, request: Request) -> Raw | None:
    token = bearer(request)
    if token is None:
        return error_body(401, "Invalid token: access token is invalid")
    access = account.tokens.opened_by(token)
    if access is None:
        return {"statusCode": 401, "message": "Invalid JWT"}
    if access.user_type != "Location" and not request.url.path.startswith("/oauth/"):
        return error_body(403, NO_ACCESS)
    return None


def _version(request: Request) -> Raw | None:
    version = request.headers.get("version")
    if version is None:
        return error_body(401, "version header was not found.")
    return None if version in VERSIONS else error_body(401, "version header is invalid.")


def _counted(
    account: Account, request: Request, window: RateWindow, day: RateWindow
) -> tuple[Response | None, Mapping[str, str]]:
    """Take one request off the budget; the single user's answer does not tell what is left."""
    spent, daily = window.take(), day.take()
    refusal = None
    if not (spent.allowed and daily.allowed):
        refusal = traced(account, error_body(429, "Too Many Requests"), 429)
    path = request.url.path
    if path.startswith("/users/") and path not in ("/users/", "/users/search"):
        return refusal, {}
    return refusal, {
        "X-RateLimit-Max": str(spent.limit),
        "X-RateLimit-Remaining": str(spent.remaining),
        "X-RateLimit-Interval-Milliseconds": str(int(INTERVAL * 1000)),
        "X-RateLimit-Limit-Daily": str(daily.limit),
        "X-RateLimit-Daily-Remaining": str(daily.remaining),
        "X-RateLimit-Daily-Reset": str(daily.reset_after * 1000),
    }


def _granting(grant: Grant) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that takes form-encoded bodies only and answers tokens."""

    async def endpoint(request: Request) -> Response:
        account: Account = request.app.state.account
        if not request.headers.get("content-type", "").startswith(_FORM):
            return traced(account, error_body(400, f"Content-Type must be {_FORM}"), 400)
        form = dict(parse_qsl((await request.body()).decode()))
        try:
            return traced(account, grant(account.tokens, form))
        except BadGrant as error:
            return traced(account, error_body(400, str(error)), 400)

    return endpoint


async def _agreeing(request: Request) -> Response:
    """The page where a person chooses a location, and one who agrees at once."""
    account: Account = request.app.state.account
    try:
        return RedirectResponse(account.tokens.agreed(request.query_params), 302)
    except BadGrant as error:
        return traced(account, error_body(400, str(error)), 400)


async def _no_route(request: Request, error: Exception) -> Response:
    account: Account = request.app.state.account
    return traced(account, error_body(404, f"Cannot {request.method} {request.url.path}"), 404)
