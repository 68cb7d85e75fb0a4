"""crmgraph.yaml and the environment, read into settings; everything that is wrong is told at once, in its place."""

from collections.abc import Mapping
from pathlib import Path

from crmgraph.config import telemetry
from crmgraph.config.accounts import Account, Catalog, read_account
from crmgraph.config.answers import Answers, answer_names
from crmgraph.config.auth_answers import AuthAnswers, without_auth_answers
from crmgraph.config.documents import mistaken
from crmgraph.config.freezing import frozen
from crmgraph.config.keyring import keys_in, unsealed
from crmgraph.config.openness import plain_password
from crmgraph.config.overrides import overridden
from crmgraph.config.per_caller import without_a_token
from crmgraph.config.replica import keyless
from crmgraph.config.roles import role_names, wrong_roles
from crmgraph.config.rules import mismatched
from crmgraph.config.sections import ConfigFile
from crmgraph.config.settings import Settings
from crmgraph.config.survivorship import misfits
from crmgraph.config.variables import filled
from crmgraph.config.vault import VAULT_ASKS
from crmgraph.config.weights import misread
from crmgraph.connectors.checking import Also
from crmgraph.connectors.definition import Setting
from crmgraph.connectors.documents import MOST, Document, Mistake, Mistakes, check, parse
from crmgraph.connectors.trees import Keys, Node, Place, Scalar
from crmgraph.domain.errors import ConfigError

_ASKS: Mapping[str, Mapping[str, Setting]] = {
    "server": {"cursor_key": Setting("The secret that seals cursors.", required=False, secret=True, default=None)},
    "telemetry": telemetry.ASKS,
    "vault": VAULT_ASKS,
}
"""The secrets that sections hold, by section and name: they are taken out before the rest is looked at."""


class ConfigMistakes(Mistakes, ConfigError):
    """Everything that is wrong with the configuration."""


def load(path: Path, environ: Mapping[str, str], catalog: Catalog) -> Settings:
    """The settings in a file, under the environment's variables and overrides; raises ConfigMistakes."""
    root = _sections(parse(_text(path), str(path), ConfigMistakes).root)
    untold: list[Mistake] = []
    if isinstance(root, Keys):
        root = _sections(filled(overridden(root, environ, untold), environ, untold))
    wrong: list[Mistake] = []
    accounts = _accounts(root, catalog, path.parent, wrong)
    auth = AuthAnswers(root, path.parent, wrong)
    secrets = {name: _secrets(root, name, path.parent, wrong) for name in _ASKS}
    keys = keys_in(secrets["vault"].get("keys"), root, wrong)
    wrong += [*unsealed(root, accounts, keys), *keyless(root, keys), *plain_password(root, path)]
    rest = Document(str(path), _without_answers(root, accounts))
    also: Also = {("sources", name): account.known for name, account in accounts.items()}
    checked, mistakes = check(
        ConfigFile, rest, context={"sources": tuple(accounts), "roles": role_names(root)}, also=also
    )
    wrong += [*mistakes, *misfits(rest.node(("survivorship",))), *wrong_roles(rest.node(("roles",)))]
    wrong += without_a_token(rest.node(("sources",)), accounts)
    wrong += mismatched(rest.node(("rules",)), {name: account.definition for name, account in accounts.items()})
    wrong += mistaken(rest.node(("documents",)), path.parent)
    wrong += misread(rest.node(("identity",)), path.parent)
    wrong = untold + [mistake for mistake in wrong if _place(mistake) not in set(map(_place, untold))]
    if checked is None or wrong:
        raise ConfigMistakes(wrong)
    return frozen(checked, accounts, secrets, auth, keys, path)


def _text(path: Path) -> str:
    """The file's text; no more of it is read than is needed to see that it is too long."""
    try:
        if path.exists() and not path.is_file():
            raise ConfigMistakes([Mistake(str(path), 0, 0, "This is not a file; name a crmgraph.yaml with -c.")])
        with path.open("rb") as file:
            return file.read(MOST + 1).decode("utf-8-sig")
    except OSError as wrong:
        said = f"This configuration cannot be read: {wrong.strerror}; `crmgraph init` writes a first one."
    except ValueError:
        said = "This configuration is not UTF-8 text."
    raise ConfigMistakes([Mistake(str(path), 0, 0, said)])


def _place(mistake: Mistake) -> Place:
    return Place(mistake.file, mistake.line, mistake.column)


def _sections(root: Node) -> Node:
    """The root without sections in which nothing is written, as when all their lines are commented out."""
    if isinstance(root, Scalar) and root.data is None:
        return Keys(root.place, {}, {})
    if not isinstance(root, Keys):
        return root
    return root.only(key for key, node in root.nodes.items() if not (isinstance(node, Scalar) and node.data is None))


def _accounts(root: Node, catalog: Catalog, beside: Path, mistakes: list[Mistake]) -> dict[str, Account]:
    section = root.nodes.get("sources") if isinstance(root, Keys) else None
    if not isinstance(section, Keys):
        return {}
    return {
        name: read_account(name, section.places[name], node, catalog, beside, mistakes)
        for name, node in section.nodes.items()
    }


def _secrets(root: Node, name: str, beside: Path, mistakes: list[Mistake]) -> dict[str, str]:
    section = root.nodes.get(name) if isinstance(root, Keys) else None
    if not isinstance(section, Keys):
        return {}
    owner = "crmgraph_vault" if name == "vault" else "crmgraph"
    return Answers(section, section.place, owner, beside).taken(_ASKS[name], mistakes)


def _without_answers(root: Node, accounts: Mapping[str, Account]) -> Node:
    """The tree of the words that all configurations share: the answers are taken, the secrets out of sight."""
    if not isinstance(root, Keys):
        return root
    nodes = dict(root.nodes)
    if isinstance(sources := nodes.get("sources"), Keys):
        rest = {name: account.rest for name, account in accounts.items()}
        nodes["sources"] = Keys(sources.place, rest, sources.places)
    if "auth" in nodes:
        nodes["auth"] = without_auth_answers(nodes["auth"])
    for name, asked in _ASKS.items():
        if isinstance(section := nodes.get(name), Keys):
            nodes[name] = section.only(key for key in section.nodes if key not in answer_names(asked))
    return Keys(root.place, nodes, root.places)
