"""The page for authors: every key and transform is on it, and its examples are definitions."""

import re
from pathlib import Path
from typing import Any

import pytest

from crmgraph.connectors import catalog
from crmgraph.connectors.transforms import TRANSFORMS

PAGE = (Path(__file__).parents[2] / "docs" / "connectors.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml definition\n(.*?)```", PAGE, re.DOTALL)


def keys(schema: dict[str, Any]) -> set[str]:
    models = [schema, *schema["$defs"].values()]
    return {key for model in models for key in model.get("properties", {})}


def test_every_key_of_a_definition_is_on_the_page() -> None:
    code = set(re.findall(r"[A-Za-z_]+", " ".join(re.findall(r"`[^`]+`|```.*?```", PAGE, re.DOTALL))))
    assert keys(catalog.schema()) - code == set()


def test_every_transform_is_on_the_page() -> None:
    listed = {
        name for cell in re.findall(r"^\| (`.*?`) \|", PAGE, re.MULTILINE) for name in re.findall(r"`(\w+)", cell)
    }
    assert set(TRANSFORMS) <= listed


@pytest.mark.parametrize("text", EXAMPLES)
def test_each_example_is_a_definition(text: str) -> None:
    assert catalog.read(text, "example.yaml").resources


def test_there_are_examples() -> None:
    assert len(EXAMPLES) == 2
