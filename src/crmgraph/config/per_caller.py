"""Whether callers can bring a credential of their own for a source: its connector must ask for the secret `token`."""

from collections.abc import Iterator, Mapping

from crmgraph.config.accounts import Account
from crmgraph.connectors.trees import Keys, Mistake, Node


def without_a_token(sources: Node | None, accounts: Mapping[str, Account]) -> Iterator[Mistake]:
    """The mistakes of sources for which callers could bring nothing."""
    for name, section in sources.nodes.items() if isinstance(sources, Keys) else ():
        if not isinstance(section, Keys) or "per_caller" not in section.nodes:
            continue
        definition = accounts[name].definition
        asked = None if definition is None else definition.settings.get("token")
        if definition is not None and (asked is None or not asked.secret):
            yield section.nodes["per_caller"].place.mistake(
                f"Callers bring what a connector calls its secret `token`, and {definition.title} asks for none."
            )
