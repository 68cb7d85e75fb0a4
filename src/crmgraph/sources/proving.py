"""How a source proves who is calling, where that is by OAuth."""

from collections.abc import Awaitable, Callable

from crmgraph.connectors.proving import oauth_of
from crmgraph.domain.errors import ConfigError
from crmgraph.service.ports import Clock
from crmgraph.service.tokens import TokenStore
from crmgraph.sources.account import Account
from crmgraph.sources.auth import Credential, credential_of
from crmgraph.sources.direct import Direct
from crmgraph.sources.granting import App, Granting
from crmgraph.sources.renewal import Renewal
from crmgraph.sources.transport import Transport

TokensOf = Callable[[], Awaitable[TokenStore]]
"""Opens the store of tokens."""


def app_of(account: Account) -> App | None:
    """Our app as the account knows it; None for one that does not go by OAuth."""
    spec, texts = oauth_of(account.definition, account.texts()), account.texts()
    return None if spec is None else App(spec, account.base_url, texts)


def granting_of(account: Account, app: App, transport: Transport, clock: Clock) -> Granting:
    """Where the account's tokens come from: over connections of its own, and to private addresses by leave only."""
    way = Direct(app.address, account.allow_private) if isinstance(transport, Direct) else transport
    return Granting(account.name, app, way, account.timeout, clock)


def renewal_of(
    account: Account,
    tokens: TokensOf | None,
    transport: Transport,
    connected: Callable[[str], None],
    clock: Clock,
    sleep: Callable[[float], Awaitable[None]],
) -> Renewal | None:
    """What renews the account's credential; None for one that does not go by OAuth.

    Raises ConfigError when a header cannot hold what goes beside the token, or when there is no store to renew it in.
    """
    app = app_of(account)
    if app is None:
        return None
    if tokens is None:
        raise ConfigError(f"`{account.name}` goes by OAuth, which needs a store; give it a static credential here.")

    def credential(access: str) -> Credential:
        return credential_of(account.name, account.definition.spec.auth, account.texts(), access)

    credential("any")  # What is wrong with the rest of it is told at the start.
    granting = granting_of(account, app, transport, clock)
    return Renewal(account.name, tokens, granting, credential, connected, clock, sleep)
