"""From the checked words of `auth` and `roles` to settings."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from pydantic import SecretStr

from crmgraph.config.auth import AuthSection, JwtSection, RoleSection
from crmgraph.config.auth_answers import AuthAnswers
from crmgraph.config.settings import AuthSettings, JwtSettings, KeySettings
from crmgraph.service.callers import ADMIN, Role, expanded
from crmgraph.service.errands import Urgency
from crmgraph.service.sights import Sight


def auth_settings(section: Literal["none"] | AuthSection, secrets: AuthAnswers) -> AuthSettings | None:
    """How callers prove who they are, None where they need not."""
    if section == "none":
        return None
    return AuthSettings(
        pepper=None if secrets.pepper is None else SecretStr(secrets.pepper),
        keys=tuple(KeySettings(name, SecretStr(secrets.keys[name]), one.role) for name, one in section.keys.items()),
        jwt=None if section.jwt is None else _jwt(section.jwt),
    )


def _jwt(section: JwtSection) -> JwtSettings:
    return JwtSettings(
        issuer=section.issuer,
        audience=section.audience,
        jwks_url=section.jwks_url,
        algorithms=tuple(section.algorithms),
        claim=section.claim,
        roles=MappingProxyType(dict(section.roles)),
        allow_private=section.allow_private,
    )


def roles_of(sections: Mapping[str, RoleSection]) -> Mapping[str, Role]:
    """The roles by name, `admin` last."""
    return MappingProxyType({name: _role(name, one) for name, one in sections.items()} | {ADMIN.name: ADMIN})


def _role(name: str, section: RoleSection) -> Role:
    shown = None if section.sources is None else frozenset(section.sources)
    hidden = frozenset((kind, field) for kind, fields in section.hide.items() for field in fields)
    urgency = Urgency.REPORT if section.priority == "report" else Urgency.INTERACTIVE
    return Role(name, expanded(section.scopes), Sight(shown, hidden), urgency)
