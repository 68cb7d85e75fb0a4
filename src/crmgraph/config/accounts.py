"""One source's section: its definition, its address and its answers, apart from the words that all sources share."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from crmgraph.config.addresses import EXAMPLE, wrong_with
from crmgraph.config.answers import Answers, answer_names
from crmgraph.config.credentials import wrong_credentials
from crmgraph.config.sections import SourceSection
from crmgraph.config.webhook_keys import wrong_keys
from crmgraph.connectors.assembly import settings_of
from crmgraph.connectors.definition import Definition
from crmgraph.connectors.shapes import names
from crmgraph.connectors.trees import Keys, Mistake, Mistakes, Node, Place, Scalar
from crmgraph.domain.errors import DefinitionError

SHARED = names(SourceSection)


class Catalog(Protocol):
    """Where definitions come from: by built-in name, or from a file beside the configuration."""

    def load(self, name_or_path: str, beside: Path) -> Definition: ...

    def names(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Account:
    """What was found. `rest` holds the shared words alone; `known` are the other keys that belong there.

    Where something is None, the mistakes say why.
    """

    rest: Node
    known: tuple[str, ...] = ()
    definition: Definition | None = None
    base_url: str | None = None
    texts: Mapping[str, str] | None = None


def read_account(
    name: str, place: Place, node: Node, catalog: Catalog, beside: Path, mistakes: list[Mistake]
) -> Account:
    """Take a section apart; what is wrong is added to `mistakes`."""
    if not isinstance(node, Keys):
        return Account(node)
    rest = node.only(SHARED)
    definition = _definition(node, catalog, beside, mistakes)
    if definition is None:
        return Account(rest)
    asked = {key: setting for key, setting in definition.settings.items() if key not in SHARED}
    known = answer_names(asked)
    before = len(mistakes)
    texts = Answers(node, place, name, beside).taken(asked, mistakes)
    mistakes += wrong_keys(node, definition, settings_of(definition, texts))
    if len(mistakes) == before:
        mistakes += wrong_credentials(definition, texts, place, _allows_private(node))
    rest = node.only(key for key in node.nodes if key not in known)
    return Account(rest, known, definition, _base_url(node, place, definition, mistakes), texts)


def _definition(section: Keys, catalog: Catalog, beside: Path, mistakes: list[Mistake]) -> Definition | None:
    node = section.nodes.get("connector")
    if not isinstance(node, Scalar) or not isinstance(node.data, str) or not node.text:
        return None  # The check of the shared words tells it.
    if not node.text.isprintable():
        mistakes.append(node.place.mistake("`connector` should be a name or a path, on one line."))
        return None
    try:
        return catalog.load(node.text, beside)
    except DefinitionError as wrong:
        mistakes += wrong.mistakes if isinstance(wrong, Mistakes) else [node.place.mistake(wrong.message)]
        return None


def _base_url(section: Keys, place: Place, definition: Definition, mistakes: list[Mistake]) -> str | None:
    """The configured address, or the definition's, without a slash at its end."""
    node = section.nodes.get("base_url", section.nodes["connector"])
    given = section.nodes["base_url"].data if "base_url" in section.nodes else None
    if given is None and definition.base_url is None:
        said = f"`base_url` is missing here: only you know where your {definition.title} lives, for example {EXAMPLE}."
        mistakes.append(place.mistake(said))
        return None
    url = definition.base_url if given is None else given
    if not isinstance(url, str):
        return None  # The check of the shared words tells it.
    if wrong := wrong_with(url, _allows_private(section)):
        mistakes.append(node.place.mistake(wrong))
    return url.rstrip("/")


def _allows_private(section: Keys) -> bool:
    return "allow_private" in section.nodes and section.nodes["allow_private"].data is True
