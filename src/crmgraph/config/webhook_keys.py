"""Keys of webhooks that an operator overrides, as a white label may: each must be one of its algorithm."""

from collections.abc import Iterator, Mapping

from crmgraph.connectors.definition import Definition
from crmgraph.connectors.signatures import WrongKey, check_key
from crmgraph.connectors.templates import fill, slots_in
from crmgraph.connectors.trees import Keys, Mistake


def wrong_keys(section: Keys, definition: Definition, texts: Mapping[str, str]) -> Iterator[Mistake]:
    """The mistakes of keys that are written in a source's section; those of the definition are its author's."""
    webhooks = definition.spec.webhooks
    for signature in webhooks.signatures if webhooks is not None else ():
        for name in slots_in(signature.key) & set(section.nodes):
            try:
                check_key(signature.algorithm, str(fill(signature.key, texts)))
            except WrongKey as wrong:
                yield section.nodes[name].place.mistake(f"`{name}` cannot be used: {wrong}")
