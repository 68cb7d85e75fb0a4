"""The connectors that come with the package, and those that an operator keeps beside the configuration."""

from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from crmgraph.connectors.assembly import assemble
from crmgraph.connectors.definition import Definition
from crmgraph.connectors.documents import json_schema, parse, validate
from crmgraph.connectors.shapes import nearest
from crmgraph.connectors.spec import DefinitionSpec
from crmgraph.domain.errors import DefinitionError

_BUILT_IN = files("crmgraph.connectors") / "definitions"


def names() -> tuple[str, ...]:
    """The built-in connectors."""
    return tuple(sorted(one.name.removesuffix(".yaml") for one in _BUILT_IN.iterdir() if one.name.endswith(".yaml")))


def load(name_or_path: str, beside: Path) -> Definition:
    """A built-in connector by name, or a definition file by its path, which is relative to `beside`.

    Raises DefinitionError: a sentence when there is no such connector, every mistake with its place when the file is
    wrong.
    """
    if name_or_path in names():
        return _built_in(name_or_path)
    if "/" not in name_or_path and not name_or_path.endswith((".yaml", ".yml")):
        near = nearest(name_or_path, names())
        asked = f"did you mean `{near}`?" if near else "a file is named by its path, which ends in .yaml."
        raise DefinitionError(f"There is no connector `{name_or_path}`; {asked} Built in: {', '.join(names())}.")
    path = beside / name_or_path
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as wrong:
        reason = wrong.strerror if isinstance(wrong, OSError) else "it is not UTF-8 text"
        raise DefinitionError(f"The definition {name_or_path} cannot be read: {reason}.") from None
    return read(text, name_or_path)


@lru_cache(maxsize=32)
def _built_in(name: str) -> Definition:
    return read((_BUILT_IN / f"{name}.yaml").read_text(encoding="utf-8"), f"{name}.yaml")


def read(text: str, file: str) -> Definition:
    """A definition from its text; `file` is only named in messages."""
    document = parse(text, file)
    return assemble(validate(DefinitionSpec, document), document)


def schema() -> dict[str, Any]:
    """The JSON Schema of definition files, for editors."""
    return json_schema(DefinitionSpec)
