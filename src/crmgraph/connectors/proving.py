"""By which of its definition's ways a source proves who is calling: by what is told once, or by OAuth."""

from collections.abc import Mapping

from crmgraph.connectors.definition import Definition
from crmgraph.connectors.fitting_oauth import CLIENT_ID, CLIENT_SECRET
from crmgraph.connectors.spec import OAuthSpec
from crmgraph.connectors.templates import slots_in


def oauth_of(definition: Definition, texts: Mapping[str, str]) -> OAuthSpec | None:
    """What the definition says of OAuth, for a source with these settings that goes by it."""
    return definition.spec.auth.oauth if texts.get(CLIENT_ID) else None


def wrong_way(definition: Definition, texts: Mapping[str, str]) -> str | None:
    """Why a source with these settings goes by neither way, or by both; None where it goes by one."""
    auth = definition.spec.auth
    if auth.oauth is None:
        return None
    told = sorted(name for name in _static(definition) if texts.get(name))
    app = [name for name in (CLIENT_ID, CLIENT_SECRET) if name in definition.settings]
    given, lacking = [name for name in app if texts.get(name)], [name for name in app if not texts.get(name)]
    if told and given:
        return (
            f"`{told[0]}` and `{given[0]}` are both given; keep one: `{given[0]}` is for OAuth, `{told[0]}` for none."
        )
    if not told and not given:
        static, oauth = " and ".join(map(_quoted, sorted(_static(definition)))), " with ".join(map(_quoted, app))
        return f"Nothing here proves who is calling: give {static}, or {oauth} for OAuth."
    if not told and lacking:
        return f"`{lacking[0]}` is missing here: {definition.settings[lacking[0]].description.rstrip('.')}."
    return None


def _quoted(name: str) -> str:
    return f"`{name}`"


def _static(definition: Definition) -> frozenset[str]:
    """The secrets that are told once."""
    auth = definition.spec.auth
    slots = slots_in(auth.bearer or "") | slots_in(auth.header) | slots_in(auth.query)
    return frozenset(name for name in slots if name in definition.settings and definition.settings[name].secret)
