"""Two libraries read YAML: what the quick one takes is what the careful one would have read."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

import crmgraph
from crmgraph.connectors.documents import DefinitionMistakes, Document, parse
from crmgraph.connectors.growing import Growing
from crmgraph.connectors.trees import Keys, Node, Sequence

WRITTEN = sorted(Path(crmgraph.__file__).parent.rglob("*.yaml"))


def carefully(text: str) -> Document:
    """What ruamel's parser reads."""
    tree = Growing("f.yaml", DefinitionMistakes)
    for event in YAML(typ="safe", pure=True).parse(text):
        tree.take(event)
    return Document("f.yaml", tree.finish())


def places(node: Node) -> list[Any]:
    """Where everything is written, empty values aside: of these only the key is ever told."""
    if isinstance(node, Keys):
        return [node.place, *node.places.values(), *(places(one) for one in node.nodes.values())]
    if isinstance(node, Sequence):
        return [node.place, *map(places, node.nodes)]
    return [node.place] if node.text else []


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.name)
def test_our_own_documents_are_read_alike_to_the_last_place(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    quick, careful = parse(text, "f.yaml"), carefully(text)
    assert quick.data == careful.data
    assert places(quick.root) == places(careful.root)


LETTERS = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\x85\u2028\u2029\ufeff\ufffe\uffff")
TEXTS = st.text(LETTERS, max_size=20)
DATA = st.recursive(
    TEXTS | st.integers() | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(DATA, st.booleans())
@example({":0": None}, True)
def test_whatever_can_be_written_is_read_alike(data: Any, flowing: bool) -> None:
    """Or refused: ruamel writes a few texts, such as `{:0: null}`, that it does not take back itself."""
    written = StringIO()
    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = flowing
    writer.dump(data, written)
    text = written.getvalue()
    try:
        careful = carefully(text)
    except YAMLError:
        with pytest.raises(DefinitionMistakes, match="This is not YAML"):
            parse(text, "f.yaml")
    else:
        assert parse(text, "f.yaml").data == careful.data
