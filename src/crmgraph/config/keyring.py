"""The keys that secrets are sealed under in the store: from a text to keys, and who cannot do without."""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from crmgraph.config.accounts import Account
from crmgraph.config.answers import answer_names
from crmgraph.config.vault import VAULT_ASKS
from crmgraph.connectors.proving import oauth_of
from crmgraph.connectors.trees import Keys, Mistake, Node, Place

BYTES = 32

_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
_RIGHT = "a key is NAME:KEY, the KEY being 32 random bytes in base64, as `openssl rand -base64 32` prints them"


def keys_in(text: str | None, root: Node, mistakes: list[Mistake]) -> Mapping[str, bytes]:
    """The keys of a text by name, in their order. What is wrong is told by its number: a key is never repeated."""
    keys: dict[str, bytes] = {}
    for number, one in enumerate((text or "").replace(",", " ").split(), start=1):
        name, _, written = one.partition(":")
        key = _key(written)
        if not _NAME.fullmatch(name) or key is None:
            wrong = f"Key {number} of `keys` is not a key; {_RIGHT}."
        elif name in keys:
            wrong = f"Key {number} of `keys` has the name of one before it; a name stands for one key."
        else:
            keys[name] = key
            continue
        mistakes.append(_place(root).mistake(wrong))
    return MappingProxyType(keys)


def unsealed(root: Node, accounts: Mapping[str, Account], keys: Mapping[str, bytes]) -> Iterator[Mistake]:
    """What OAuth gives is kept, and nothing secret is kept in plain sight."""
    for name, one in accounts.items():
        if one.definition is not None and one.texts and oauth_of(one.definition, one.texts) and not keys:
            sources = root.nodes["sources"] if isinstance(root, Keys) else root
            place = sources.places[name] if isinstance(sources, Keys) else sources.place
            yield place.mistake(
                f"`{name}` goes by OAuth, and its tokens are kept sealed; give a key for that: "
                "`vault: {keys: ${CRMGRAPH_VAULT_KEYS}}`."
            )


def _place(root: Node) -> Place:
    section = root.nodes.get("vault", root) if isinstance(root, Keys) else root
    nodes = section.nodes if isinstance(section, Keys) else {}
    return next((nodes[name].place for name in answer_names(VAULT_ASKS) if name in nodes), section.place)


def _key(written: str) -> bytes | None:
    try:
        usual = written.replace("-", "+").replace("_", "/")
        key = base64.b64decode(usual + "=" * (-len(usual) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if len(key) == BYTES else None
