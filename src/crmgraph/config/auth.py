"""The words of `auth` and `roles`: who may ask, and what."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, WithJsonSchema

from crmgraph.config.section import Section
from crmgraph.config.words import KnownSource
from crmgraph.connectors.shapes import unknown
from crmgraph.domain.model import Kind
from crmgraph.service.callers import ADMIN, GROUPS, SCOPES


def _scope(word: str) -> str:
    if word not in SCOPES and word not in GROUPS:
        raise ValueError(unknown(word, [*SCOPES, *GROUPS]))
    return word


def _known_role(name: str, info: ValidationInfo) -> str:
    known: tuple[str, ...] = (info.context or {}).get("roles", ())
    if name not in (ADMIN.name, *known):
        raise ValueError(unknown(name, [ADMIN.name, *known]))
    return name


ScopeWord = Annotated[
    str, AfterValidator(_scope), WithJsonSchema({"type": "string", "enum": sorted([*SCOPES, *GROUPS])})
]
KnownRole = Annotated[str, AfterValidator(_known_role)]
Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]


class RoleSection(Section):
    """What those who have the role may do and see."""

    scopes: list[ScopeWord] = Field(
        description="What is allowed: KIND:read, create, update, delete or write; `*` for all kinds; raw, operate,"
        " introspect, source:read, documents:any."
    )
    sources: list[KnownSource] | None = Field(
        default=None, description="The sources that may be seen; all of them without it."
    )
    hide: dict[Kind, list[str]] = Field(
        default={}, description="A kind → its fields that may not be seen, or customFields.KEY."
    )
    priority: Literal["interactive", "report"] = Field(
        default="interactive", description="Reports wait where not all can be answered at once."
    )


class KeySection(Section):
    """An API key that stands in the environment or in a file."""

    key: str | None = Field(default=None, description="The key, as ${VAR}: 32 random characters or more.")
    key_file: str | None = Field(default=None, description="The file that holds `key`, beside this file.")
    role: KnownRole = Field(description="What its holder may: one of `roles`, or admin.")


class JwtSection(Section):
    """Tokens of an identity provider (OpenID Connect)."""

    issuer: str = Field(min_length=1, description="Who issues the tokens: the `iss` that they must have.")
    audience: str = Field(min_length=1, description="Whom they are for: the `aud` that they must have.")
    jwks_url: str = Field(pattern="^https?://", description="Where the provider publishes its keys.")
    algorithms: list[Algorithm] = Field(
        default=["RS256"],
        min_length=1,
        description="The signatures that are taken; no other is, whatever a token says.",
    )
    claim: str = Field(default="roles", min_length=1, description="The claim that tells the role.")
    roles: dict[str, KnownRole] = Field(
        min_length=1, description="A word of the claim → a role, the most powerful first."
    )
    allow_private: bool = Field(
        default=False, description="Whether the provider may live at a private or loopback address."
    )


class AuthSection(Section):
    """How callers prove who they are."""

    pepper: str | None = Field(
        default=None, description="As ${VAR}: with it, keys that `crmgraph keys create` makes are taken."
    )
    pepper_file: str | None = Field(default=None, description="The file that holds `pepper`, beside this file.")
    keys: dict[str, KeySection] = Field(default={}, description="API keys by the name of who uses them.")
    jwt: JwtSection | None = Field(default=None, description="Tokens of an identity provider.")
