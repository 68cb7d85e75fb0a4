"""The secrets under `auth`, taken out of the tree before its words are checked."""

from collections.abc import Mapping
from pathlib import Path

from crmgraph.config.answers import Answers, answer_names
from crmgraph.connectors.definition import Setting
from crmgraph.connectors.trees import Keys, Mistake, Node, Place

_PEPPER = {"pepper": Setting("What the store's API keys are mixed with.", required=False, secret=True, default=None)}
_KEY = {"key": Setting("The API key, 32 random characters or more.", required=True, secret=True, default=None)}

SHORTEST = 32
"""The fewest characters of a pepper or of a key of the configuration."""

_RIGHT = f"{SHORTEST} random characters or more, as `openssl rand -hex 32` gives"


class AuthAnswers:
    """The secrets under `auth`, taken out of the tree; what is wrong with them is added to `mistakes`."""

    def __init__(self, root: Node, beside: Path, mistakes: list[Mistake]) -> None:
        section = root.nodes.get("auth") if isinstance(root, Keys) else None
        self.pepper: str | None = None
        self.keys: dict[str, str] = {}
        if not isinstance(section, Keys):
            return
        self.pepper = _one(section, section.place, "crmgraph_auth", beside, _PEPPER, mistakes)
        keys = section.nodes.get("keys")
        for name, node in keys.nodes.items() if isinstance(keys, Keys) else ():
            if isinstance(node, Keys):
                found = _one(node, keys.places[name], name, beside, _KEY, mistakes)  # type: ignore[union-attr]
                if found is not None:
                    self.keys[name] = found


def _one(
    holder: Keys, place: Place, owner: str, beside: Path, asked: Mapping[str, Setting], mistakes: list[Mistake]
) -> str | None:
    (name,) = asked
    text = Answers(holder, place, owner, beside).taken(asked, mistakes).get(name)
    if text is not None and len(text) < SHORTEST:
        at = holder.nodes.get(name, holder.nodes.get(f"{name}_file"))
        said = (
            f"`{name}` is too short to be safe: {SHORTEST} random characters or more, as `openssl rand -hex 32` gives."
        )
        mistakes.append((at.place if at is not None else place).mistake(said))
    return text


def without_auth_answers(section: Node) -> Node:
    """The section without its secrets."""
    if not isinstance(section, Keys):
        return section
    nodes = dict(section.only(key for key in section.nodes if key not in answer_names(_PEPPER)).nodes)
    if isinstance(keys := nodes.get("keys"), Keys):
        bare = {
            name: one.only(key for key in one.nodes if key not in answer_names(_KEY)) if isinstance(one, Keys) else one
            for name, one in keys.nodes.items()
        }
        nodes["keys"] = Keys(keys.place, bare, keys.places)
    return Keys(section.place, nodes, section.places)
