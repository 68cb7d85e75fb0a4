"""A document as a tree that remembers where everything is written, and the mistakes that are told with such places."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from crmgraph.connectors.shapes import Path
from crmgraph.domain.errors import CrmGraphError, DefinitionError

_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_LONGEST_NUMBER = 300
_CONSTANTS: Mapping[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One thing that is wrong and where. Lines and columns count from 1; line 0 is the whole of `file`."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{where}: {self.message}"


class Mistakes(CrmGraphError):
    """Everything that is wrong with what somebody wrote, first place first."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes: tuple[Mistake, ...] = tuple(sorted(set(mistakes)))
        super().__init__("\n".join(map(str, self.mistakes)))


class DefinitionMistakes(Mistakes, DefinitionError):
    """Everything that is wrong with a definition."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is written."""

    file: str
    line: int = 0
    column: int = 0

    def mistake(self, message: str) -> Mistake:
        return Mistake(self.file, self.line, self.column, message)


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value. `written` is what people see in messages; it stays when `text` is filled in from a variable."""

    place: Place
    text: str
    plain: bool
    written: str

    @property
    def data(self) -> Any:
        """The value: a plain scalar by YAML's core schema, a quoted one its text. What no float holds stays a text."""
        text = self.text
        if not self.plain or len(text) > _LONGEST_NUMBER:
            return text
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        if _INTEGER.fullmatch(text):
            return int(text, 0 if text[:2] in ("0x", "0o") else 10)
        if _NUMBER.fullmatch(text) and math.isfinite(number := float(text)):
            return number
        return text


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list of values."""

    place: Place
    nodes: tuple["Node", ...]

    @property
    def data(self) -> list[Any]:
        return [node.data for node in self.nodes]


@dataclass(frozen=True, slots=True)
class Keys:
    """A mapping; `places` says where each key is written."""

    place: Place
    nodes: Mapping[str, "Node"]
    places: Mapping[str, Place]

    @property
    def data(self) -> dict[str, Any]:
        return {key: node.data for key, node in self.nodes.items()}

    def only(self, keys: Iterable[str]) -> "Keys":
        """The same mapping with these of its keys alone."""
        return Keys(self.place, {key: self.nodes[key] for key in keys if key in self.nodes}, self.places)


Node = Scalar | Sequence | Keys


@dataclass(frozen=True, slots=True)
class Document:
    """A text that was read: its `data` as plain Python values, and where each of them is written."""

    file: str
    root: Node

    @property
    def data(self) -> Any:
        return self.root.data

    def node(self, path: Path) -> Node | None:
        """What is written at a path, or None."""
        node: Node | None = self.root
        for part in path:
            if isinstance(node, Keys):
                node = node.nodes.get(str(part))
            elif isinstance(node, Sequence) and isinstance(part, int) and part < len(node.nodes):
                node = node.nodes[part]
            else:
                return None
        return node

    def place(self, path: Path) -> Place:
        """Where the value at a path is written, or the nearest thing around it."""
        node = self.node(path)
        return node.place if node else self.place(path[:-1])

    def key_place(self, path: Path) -> Place:
        """Where the key of a path is written; for an item of a list, where the item is."""
        holder = self.node(path[:-1]) if path else None
        if isinstance(holder, Keys) and path[-1] in holder.places:
            return holder.places[str(path[-1])]
        return self.place(path)
