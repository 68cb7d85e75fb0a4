"""Whether what a definition says of OAuth fits its settings."""

from collections.abc import Iterator

from crmgraph.connectors.fitting_endpoints import template_findings
from crmgraph.connectors.shapes import Path, unknown
from crmgraph.connectors.spec import DefinitionSpec

CLIENT_ID = "client_id"
CLIENT_SECRET = "client_secret"

_AT: Path = ("auth", "oauth")


def oauth_findings(spec: DefinitionSpec, public: frozenset[str]) -> Iterator[tuple[Path, str]]:
    """A source must be able to say which app it is; and nothing secret goes into an address."""
    oauth = spec.auth.oauth
    if oauth is None:
        return
    known = spec.settings
    if CLIENT_ID not in known or known[CLIENT_ID].required:
        yield _AT, "OAuth needs a setting `client_id` with `required: false`: a source that is given it goes by OAuth."
    if CLIENT_SECRET not in known and not oauth.pkce:
        yield _AT, "OAuth needs a setting `client_secret`, secret and with `required: false`; only PKCE does without."
    elif CLIENT_SECRET in known and (known[CLIENT_SECRET].required or not known[CLIENT_SECRET].secret):
        yield ("settings", CLIENT_SECRET), "`client_secret` is to be `secret: true` and `required: false`."
    if not oauth.token.startswith(("/", "https://", "http://", "{")):
        yield (*_AT, "token"), "`token` is a path, `/oauth/token`, or a whole address."
    texts = {"authorize": oauth.authorize, "token": oauth.token, "query": oauth.query, "form": oauth.form}
    for part, template in texts.items():
        yield from template_findings((*_AT, part), template, public, spec)
    yield from (((*_AT, "account", name), unknown(name, public)) for name in oauth.account if name not in public)
