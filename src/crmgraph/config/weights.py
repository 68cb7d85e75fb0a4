"""The file of weights that the configuration names: what findings weigh when records are put together."""

from pathlib import Path

from crmgraph.connectors.documents import Mistake
from crmgraph.connectors.trees import Keys, Node
from crmgraph.domain.errors import InputError
from crmgraph.domain.weight_files import weights_in
from crmgraph.domain.weights import Weights


def weights(name: str | Path | None, beside: Path) -> Weights | None:
    """The weights of a file; None where none is named. Raises InputError with all its mistakes."""
    if name is None:
        return None
    try:
        return weights_in((beside / name).read_text("utf-8-sig"), str(name))
    except (OSError, UnicodeDecodeError):
        raise InputError(f"There is no file `{name}` of weights that can be read as text.") from None


def misread(section: Node | None, beside: Path) -> list[Mistake]:
    """What is wrong with the file that the section `identity` names."""
    node = section.nodes.get("weights") if isinstance(section, Keys) else None
    name = getattr(node, "data", None)
    if node is None or not isinstance(name, str):
        return []
    try:
        weights(name, beside)
    except InputError as wrong:
        return [node.place.mistake(one) for one in wrong.message.splitlines()]
    return []
