"""Who may ask, and what: `auth` and `roles` read into settings, every mistake in its place."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from crmgraph.config.loading import ConfigMistakes, load
from crmgraph.config.settings import Settings
from crmgraph.connectors import catalog
from crmgraph.domain.model import Kind
from crmgraph.service.callers import ADMIN, expanded
from crmgraph.service.errands import Urgency
from crmgraph.service.sights import Sight

LONG = "p" * 32
ENVIRON = {"TOKEN": "t", "PEPPER": LONG, "KEY": "k" * 40, "SHORT": "short"}
SALES = "sources:\n  sales: {connector: bigcontacts, token: '${TOKEN}'}\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "crmgraph.yaml"


def read(path: Path, text: str, environ: Mapping[str, str] = ENVIRON) -> Settings:
    path.write_text(SALES + text)
    return load(path, environ, catalog)


def told(path: Path, text: str) -> list[str]:
    with pytest.raises(ConfigMistakes) as error:
        read(path, text)
    return [f"{one.line}:{one.column}: {one.message}" for one in error.value.mistakes]


@pytest.mark.parametrize("text", ["", "auth: none\n", "auth:\n  # nothing\n"])
def test_without_auth_nobody_is_told_apart(path: Path, text: str) -> None:
    assert read(path, text).auth is None


def test_keys_and_their_roles_are_read_and_never_printed(path: Path) -> None:
    (path.parent / "key").write_text("f" * 50 + "\n")
    (path.parent / "key").chmod(0o600)
    got = read(
        path,
        """
auth:
  pepper: ${PEPPER}
  keys:
    boards: {key: '${KEY}', role: reports}
    ops: {key_file: key, role: admin}
roles:
  reports: {scopes: ['*:read'], sources: [sales], hide: {contact: [birthDate, customFields.ssn]}, priority: report}
""",
    )
    assert got.auth is not None
    assert got.auth.pepper is not None
    assert got.auth.pepper.get_secret_value() == LONG
    assert [(one.name, one.key.get_secret_value(), one.role) for one in got.auth.keys] == [
        ("boards", "k" * 40, "reports"),
        ("ops", "f" * 50, "admin"),
    ]
    role = got.roles["reports"]
    assert role.scopes == expanded(["*:read"])
    hidden = frozenset({(Kind.CONTACT, "birthDate"), (Kind.CONTACT, "customFields.ssn")})
    assert (role.sight, role.urgency) == (Sight(frozenset({"sales"}), hidden), Urgency.REPORT)
    assert got.roles["admin"] is ADMIN
    assert not any(secret in repr(got) for secret in (LONG, "k" * 40, "f" * 50))


def test_tokens_of_a_provider_are_pinned_to_what_is_written(path: Path) -> None:
    got = read(
        path,
        """
auth:
  jwt: {issuer: https://login.example.com, audience: us, jwks_url: https://login.example.com/keys, roles: {crew: crew}}
roles:
  crew: {scopes: ['contact:read']}
""",
    )
    assert got.auth is not None
    assert got.auth.jwt is not None
    jwt = got.auth.jwt
    assert (jwt.algorithms, jwt.claim, dict(jwt.roles)) == (("RS256",), "roles", {"crew": "crew"})


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("auth: {keys: {a: {role: admin}}}", "`key` is missing here: The API key, 32 random characters or more."),
        (
            "auth: {keys: {a: {key: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx, role: admin}}}",
            "`key` is a secret and may not stand here as plain text",
        ),
        ("auth: {keys: {a: {key: '${SHORT}', role: admin}}}", "`key` is too short to be safe: 32 random characters"),
        ("auth: {pepper: '${SHORT}'}", "`pepper` is too short to be safe"),
        ("auth: {keys: {a: {key: '${KEY}', role: ghost}}}", "`ghost` is not known here. Known: admin."),
        ("auth: {keys: {a: {key: '${KEY}'}}}", "`role` is missing here"),
        ("auth: nobody", "`nobody` is not known here"),
        ("auth: {jwt: {issuer: i, audience: a, jwks_url: 'https://x/y', roles: {c: ghost}}}", "`ghost` is not known"),
        (
            "auth: {jwt: {issuer: i, audience: a, jwks_url: 'https://x/y', roles: {c: admin}, algorithms: [HS256]}}",
            "`HS256` is not known here",
        ),
        (
            "auth: {jwt: {issuer: i, audience: a, jwks_url: 'https://x/y', roles: {c: admin}, algorithms: [none]}}",
            "`none` is not known here",
        ),
        ("roles: {r: {scopes: ['contact:raed']}}", "`contact:raed` is not known here; did you mean `contact:read`?"),
        ("roles: {r: {scopes: [], hide: {contact: [emial]}}}", "`emial` is not known here; did you mean `emails`?"),
        (
            "roles: {r: {scopes: [], hide: {contract: [emails]}}}",
            "`contract` is not known here; did you mean `contact`?",
        ),
        ("roles: {r: {scopes: ['*'], hide: {contact: [emails]}}}", "Who has the scope `raw` sees every field"),
        ("roles: {r: {scopes: [], sources: [slaes]}}", "`slaes` is not known here; did you mean `sales`?"),
        ("roles: {admin: {scopes: []}}", "`admin` may everything and is always there; call this role otherwise."),
        ("roles: {r: {}}", "`scopes` is missing here"),
    ],
)
def test_a_mistake_is_told_in_its_place(path: Path, text: str, mistake: str) -> None:
    (said,) = told(path, text)
    assert mistake in said
    assert said.startswith("3:")
    assert "short" not in said.replace("too short", "")


def test_callers_may_bring_tokens_where_the_connector_knows_one(path: Path) -> None:
    got = read(path, "  other: {connector: bigcontacts, token: '${TOKEN}', per_caller: required}\n")
    assert [one.per_caller for one in got.sources] == [None, "required"]


def test_callers_bring_nothing_where_the_connector_knows_no_token(path: Path) -> None:
    (path.parent / "desk.yaml").write_text(
        "name: desk\ntitle: The desk\nbase_url: https://desk.example\nsettings: {}\nauth: {}\n"
        "resources:\n  contact:\n    list: {call: GET /people, items: people}\n    fields: {fullName: name}\n"
    )
    (said,) = told(path, "  other: {connector: ./desk.yaml, per_caller: required}\n")
    assert said == "3:47: Callers bring what a connector calls its secret `token`, and The desk asks for none."
