"""`${VAR}` and `${VAR:-default}` inside values, filled in from the environment. Keys and comments are left alone."""

import re
from collections.abc import Mapping
from dataclasses import replace

from crmgraph.config.sections import ConfigFile
from crmgraph.connectors.shapes import Path, locate, members
from crmgraph.connectors.trees import Keys, Mistake, Node, Scalar, Sequence

_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")


def is_reference(written: str) -> bool:
    """Whether a value is nothing but one `${VAR}` without a default, which is how a secret is written."""
    found = _REFERENCE.fullmatch(written)
    return found is not None and found[2] is None


def is_text(value: str) -> bool:
    """Whether a variable's value is text; Python smuggles bytes that are not UTF-8 in as lone surrogates."""
    return value.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in value)


def is_plain(path: Path, text: str) -> bool:
    """Whether a value from the environment is read as unquoted YAML is; where a text is asked for, it stays one."""
    return not text or str not in members(locate(ConfigFile, path).wanted)


def filled(node: Node, environ: Mapping[str, str], mistakes: list[Mistake], path: Path = ()) -> Node:
    """The tree with every reference replaced; a variable that is not set is added to `mistakes`.

    An empty variable counts as not set where a default is given, as in a shell.
    """
    if isinstance(node, Scalar):
        return _filled_scalar(node, environ, mistakes, path)
    if isinstance(node, Sequence):
        nodes = (filled(each, environ, mistakes, (*path, index)) for index, each in enumerate(node.nodes))
        return Sequence(node.place, tuple(nodes))
    filled_in = {key: filled(each, environ, mistakes, (*path, key)) for key, each in node.nodes.items()}
    return Keys(node.place, filled_in, node.places)


def _filled_scalar(node: Scalar, environ: Mapping[str, str], mistakes: list[Mistake], path: Path) -> Scalar:
    if "${" not in node.text or not node.place.line:  # Line 0: it comes from the environment itself.
        return node
    if "${" in _REFERENCE.sub("", node.text):
        mistakes.append(node.place.mistake("`${` starts a variable; write `${NAME}` or `${NAME:-default}`."))
        return node
    missing = sorted({name for name, default in _asked(node.text) if default is None and name not in environ})
    for name in missing:
        mistakes.append(node.place.mistake(f"The environment variable `{name}` is not set; set it before starting."))
    if missing:
        return node
    text = _REFERENCE.sub(lambda found: _value(found, environ), node.text)
    if not is_text(text):
        mistakes.append(node.place.mistake(f"`{node.text}` stands for bytes that are not UTF-8 text."))
        return node
    return replace(node, text=text, plain=is_plain(path, text))


def _asked(text: str) -> list[tuple[str, str | None]]:
    return [(found[1], found[2]) for found in _REFERENCE.finditer(text)]


def _value(found: re.Match[str], environ: Mapping[str, str]) -> str:
    value = environ.get(found[1], "")
    return value if value or found[2] is None else found[2]
