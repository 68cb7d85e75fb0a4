"""Secrets: by which way a source proves who it is, keys of the vault, and files that others may not read."""

# ruff: noqa: E501 (A message stands on one line, as people see it.)

import base64
from pathlib import Path

import pytest

from crmgraph.config.loading import ConfigMistakes, load
from crmgraph.config.openness import is_too_open
from crmgraph.config.settings import Settings
from crmgraph.connectors import catalog

ONE, TWO = (base64.b64encode(bytes([at]) * 32).decode() for at in (251, 2))
ENVIRON = {"T": "token", "S": "secret", "KEYS": f"new:{ONE} old:{TWO}"}
BASE = "sources:\n  sales: {connector: leadconnector, location_id: loc"
VAULT = 'vault: {keys: "${KEYS}"}\n'


def read(folder: Path, text: str, **more: str) -> Settings:
    path = folder / "crmgraph.yaml"
    path.write_text(text)
    return load(path, ENVIRON | more, catalog)


def told(folder: Path, text: str, **more: str) -> list[str]:
    with pytest.raises(ConfigMistakes) as caught:
        read(folder, text, **more)
    return [str(one).removeprefix(f"{folder}/crmgraph.yaml:") for one in caught.value.mistakes]


def test_a_source_goes_by_its_token_or_by_oauth(tmp_path: Path) -> None:
    static = read(tmp_path, BASE + ', token: "${T}"}\n')
    assert (static.sources[0].settings["token"], static.store.keys) == ("token", {})
    oauth = read(tmp_path, BASE + f', client_id: app, client_secret: "${{S}}"}}\n{VAULT}')
    assert "token" not in oauth.sources[0].settings
    assert list(oauth.store.keys) == ["new", "old"]
    assert "\\xfb" not in repr(oauth)


@pytest.mark.parametrize(
    ("rest", "mistake"),
    [
        (
            "}\n",
            "2:3: Nothing here proves who is calling: give `token`, or `client_id` with `client_secret` for OAuth.",
        ),
        (
            ', client_id: app, client_secret: "${S}", token: "${T}"}\n' + VAULT,
            "2:3: `token` and `client_id` are both given; keep one: `client_id` is for OAuth, `token` for none.",
        ),
        (
            ", client_id: app}\n" + VAULT,
            "2:3: `client_secret` is missing here: The client secret of your marketplace app.",
        ),
        (
            ', client_secret: "${S}"}\n' + VAULT,
            "2:3: `client_id` is missing here: The client id of your marketplace app, for OAuth.",
        ),
        (
            ', client_id: app, client_secret: "${S}"}\n',
            "2:3: `sales` goes by OAuth, and its tokens are kept sealed; give a key for that: `vault: {keys: ${CRMGRAPH_VAULT_KEYS}}`.",
        ),
        (
            ', client_id: app, client_secret: "${S}", consent_url: "http://crm.example"}\n' + VAULT,
            "2:3: `auth.oauth.authorize` of leadconnector should start with https://, because credentials are sent there.",
        ),
        (
            ", client_id: app, client_secret: plain}\n" + VAULT,
            "2:86: `client_secret` is a secret and may not stand here as plain text; write `client_secret: ${SALES_CLIENT_SECRET}` or `client_secret_file: PATH`.",
        ),
    ],
)
def test_a_source_that_cannot_prove_who_it_is_is_told(tmp_path: Path, rest: str, mistake: str) -> None:
    assert told(tmp_path, BASE + rest) == [mistake]


LEADS_INSIDE = """name: inside
title: Inside
settings:
  client_id: {description: The app., required: false}
  client_secret: {description: Its secret., secret: true, required: false}
base_url: https://crm.example
auth: {oauth: {authorize: "https://crm.example/agree", token: "http://169.254.169.254/latest"}}
resources: {contact: {list: {call: GET /c, items: d}, fields: {givenName: n}}}
"""


def test_a_definition_cannot_have_the_apps_secret_sent_to_a_private_address(tmp_path: Path) -> None:
    (tmp_path / "inside.yaml").write_text(LEADS_INSIDE)
    source = 'sources:\n  a: {connector: ./inside.yaml, client_id: app, client_secret: "${S}"'
    assert told(tmp_path, source + "}\n" + VAULT) == [
        "2:3: `auth.oauth.token` of inside is a private or loopback address; set `allow_private: true` if that is meant."
    ]
    assert read(tmp_path, source + ", allow_private: true}\n" + VAULT).sources


RIGHT = "a key is NAME:KEY, the KEY being 32 random bytes in base64, as `openssl rand -base64 32` prints them."
SALES = BASE + ', token: "${T}"}\n'


@pytest.mark.parametrize(
    ("keys", "mistakes"),
    [
        ("nonsense", [f"3:15: Key 1 of `keys` is not a key; {RIGHT}"]),
        (f"a:{ONE} b:c2hvcnQ=", [f"3:15: Key 2 of `keys` is not a key; {RIGHT}"]),
        (f"a b:{ONE}", [f"3:15: Key 1 of `keys` is not a key; {RIGHT}"]),
        (f"ä:{ONE}", [f"3:15: Key 1 of `keys` is not a key; {RIGHT}"]),
        (f"a:{ONE} a:{TWO}", ["3:15: Key 2 of `keys` has the name of one before it; a name stands for one key."]),
    ],
)
def test_a_wrong_key_is_told_by_its_number_and_never_repeated(tmp_path: Path, keys: str, mistakes: list[str]) -> None:
    assert told(tmp_path, SALES + VAULT, KEYS=keys) == mistakes


def test_a_key_is_no_plain_text(tmp_path: Path) -> None:
    assert told(tmp_path, SALES + f'vault: {{keys: "new:{ONE}"}}\n') == [
        "3:15: `keys` is a secret and may not stand here as plain text; write `keys: ${CRMGRAPH_VAULT_KEYS}` or `keys_file: PATH`."
    ]


def test_keys_may_lie_in_a_file_a_line_for_each(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text(f"new:{ONE}\nold:{TWO.replace('+', '-').rstrip('=')}\n")
    (tmp_path / "keys").chmod(0o600)
    assert dict(read(tmp_path, SALES + "vault: {keys_file: keys}\n").store.keys) == {
        "new": b"\xfb" * 32,
        "old": b"\x02" * 32,
    }


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o640, 0o602, 0o777])
def test_a_secret_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    (tmp_path / "token").write_text("s3cret")
    (tmp_path / "token").chmod(mode)
    assert told(tmp_path, BASE + ", token_file: token}\n") == [
        f"2:67: The file `token` that should hold `token` is open to others (mode {mode:04o}); close it with `chmod 600`."
    ]


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700])
def test_a_secret_that_its_owner_alone_can_read_is_taken(tmp_path: Path, mode: int) -> None:
    (tmp_path / "token").write_text("s3cret")
    (tmp_path / "token").chmod(mode)
    assert read(tmp_path, BASE + ", token_file: token}\n").sources[0].settings["token"] == "s3cret"


@pytest.mark.parametrize(
    ("mode", "ours", "read_only", "refused"),
    [
        (0o444, False, True, False),  # What Docker and Kubernetes mount.
        (0o644, True, True, False),
        (0o444, False, False, True),  # A file of root's on a machine of many.
        (0o640, False, False, False),  # Root's, for the group of the service: that is how it is read at all.
        (0o440, True, False, True),
        (0o646, False, False, True),
    ],
)
def test_what_is_mounted_read_only_or_meant_for_our_group_is_taken(
    mode: int, ours: bool, read_only: bool, refused: bool
) -> None:
    assert is_too_open(0o100000 | mode, ours, read_only) is refused


def test_a_configuration_that_holds_a_password_may_not_be_read_by_others(tmp_path: Path) -> None:
    text = SALES + "store: {url: 'postgresql://crm:s3cret@db.example/crm'}\n"
    path = tmp_path / "crmgraph.yaml"
    path.touch(0o600)
    assert read(tmp_path, text).store.url.get_secret_value().endswith("/crm")
    path.chmod(0o644)
    assert told(tmp_path, text) == [
        "3:14: `url` holds a password, and this file is open to others (mode 0644); write the password as ${VAR}."
    ]
    for url in ("postgresql://crm:${T}@db.example/crm", "postgresql://crm@db.example/crm", "sqlite:///a:b@c.db"):
        assert read(tmp_path, SALES + f"store: {{url: '{url}'}}\n").store
