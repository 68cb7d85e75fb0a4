"""What must fit together in roles beyond their words."""

from collections.abc import Iterator
from typing import Any

from crmgraph.connectors.shapes import unknown
from crmgraph.connectors.trees import Keys, Mistake, Node, Scalar, Sequence
from crmgraph.domain.filtering import CUSTOM_PREFIX
from crmgraph.domain.model import FIELDS, Kind
from crmgraph.service.callers import ADMIN, expanded


def wrong_roles(roles: Node | None) -> Iterator[Mistake]:
    """The mistakes of roles that are well written: fields that no kind has, and what would undo what they hide."""
    for name, node in roles.nodes.items() if isinstance(roles, Keys) else ():
        if name == ADMIN.name:
            yield roles.places[name].mistake("`admin` may everything and is always there; call this role otherwise.")  # type: ignore[union-attr]
        if isinstance(node, Keys) and isinstance(hidden := node.nodes.get("hide"), Keys):
            yield from _wrong_fields(hidden)
            scopes = node.nodes.get("scopes")
            said = [one.text for one in scopes.nodes if isinstance(one, Scalar)] if isinstance(scopes, Sequence) else []
            if hidden.nodes and "raw" in expanded(said):
                yield hidden.place.mistake(
                    "Who has the scope `raw` sees every field in the CRMs' own JSON; take it away or hide nothing."
                )


def _wrong_fields(hidden: Keys) -> Iterator[Mistake]:
    for word, fields in hidden.nodes.items():
        if word not in set(Kind) or not isinstance(fields, Sequence):
            continue  # The check of the words tells it.
        known = FIELDS[Kind(word)]
        for one in fields.nodes:
            if not isinstance(one, Scalar) or (one.text.startswith(CUSTOM_PREFIX) and "customFields" in known):
                continue
            if one.text not in known:
                yield one.place.mistake(unknown(one.text, known))


def role_names(root: Node) -> tuple[str, ...]:
    """The names of the roles that are written."""
    section: Any = root.nodes.get("roles") if isinstance(root, Keys) else None
    return tuple(section.nodes) if isinstance(section, Keys) else ()
