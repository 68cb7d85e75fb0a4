"""YAML text with positions, read into plain data; the door to what this room knows about documents people write.

The YAML is 1.2's core schema: `on`, `no` and dates stay texts. Keys are always texts, as written. What would surprise
is a mistake: a key written twice, a tag, a second document, an anchor that multiplies the text past twice `MOST`.
"""

from dataclasses import dataclass, field
from typing import NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from crmgraph.connectors.checking import check, json_schema, validate
from crmgraph.connectors.trees import (
    DefinitionMistakes,
    Document,
    Keys,
    Mistake,
    Mistakes,
    Node,
    Place,
    Scalar,
    Sequence,
)

__all__ = ["DefinitionMistakes", "Document", "Mistake", "Mistakes", "check", "json_schema", "parse", "validate"]

MOST = 1_048_576
"""The longest text that is read, in bytes; its anchors written out, it may have twice as many characters."""

DEEPEST = 50
"""How many levels a document may nest."""


def parse(text: str, file: str, error: type[Mistakes] = DefinitionMistakes) -> Document:
    """Read YAML. `file` is only named in messages; raises `error` with the mistakes up to where reading stopped."""
    if len(text.encode(errors="replace")) > MOST:
        raise error([Mistake(file, 1, 1, f"This text is longer than {MOST} bytes, the most that is read.")])
    reader = _Reader(file, error)
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            reader.take(event)
    except MarkedYAMLError as reason:
        mark = reason.problem_mark or reason.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        said = " ".join(str(reason.problem or reason.context).split())
        hint = '; within braces write "${NAME}" in quotes' if "${" in "".join(text.split("\n")[line - 1 : line]) else ""
        reader.stop(Place(file, line, column), f"This is not YAML: {said}{hint}.")
    except (YAMLError, ValueError, OverflowError, IndexError, AttributeError) as reason:
        # The library lets a few of Python's own errors through, for a character that does not exist for instance.
        said = " ".join(str(reason).splitlines()[:1])
        reader.stop(Place(file, 1, 1), f"This is not YAML: {said}.")
    return Document(file, reader.finish())


@dataclass(slots=True)
class _Open:
    """A list or mapping that is still being read; a mapping's keys and values lie in turn in `nodes`."""

    place: Place
    anchor: str | None
    mapping: bool
    nodes: list[Node] = field(default_factory=list)
    weight: int = 1


class _Reader:
    """Builds the tree from the parser's events, without recursion, so that no text can exhaust the stack."""

    def __init__(self, file: str, error: type[Mistakes]) -> None:
        self.file = file
        self.error = error
        self.mistakes: list[Mistake] = []
        self.open = [_Open(Place(file, 1, 1), None, False)]
        self.anchors: dict[str, tuple[Node, int]] = {}
        self.documents = 0

    def take(self, event: Event) -> None:
        place = Place(self.file, event.start_mark.line + 1, event.start_mark.column + 1)
        if isinstance(event, DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                self.stop(place, "A second document starts here; write one document a file.")
        elif isinstance(event, ScalarEvent):
            self._scalar(event, place)
        elif isinstance(event, AliasEvent):
            self._alias(event, place)
        elif isinstance(event, (SequenceStartEvent, MappingStartEvent)):
            self._refuse_tag(event, place)
            self.open.append(_Open(place, event.anchor, isinstance(event, MappingStartEvent)))
            if len(self.open) > DEEPEST + 1:
                self.stop(place, f"This nests deeper than {DEEPEST} levels.")
        elif isinstance(event, (SequenceEndEvent, MappingEndEvent)):
            done = self.open.pop()
            node = self._keys(done) if done.mapping else Sequence(done.place, tuple(done.nodes))
            self._add(node, done.weight, done.anchor)

    def stop(self, place: Place, message: str) -> NoReturn:
        raise self.error([*self.mistakes, place.mistake(message)])

    def finish(self) -> Node:
        """The one node of the document; an empty text is an empty value."""
        if self.mistakes:
            raise self.error(self.mistakes)
        return next(iter(self.open[0].nodes), Scalar(Place(self.file, 1, 1), "", True, ""))

    def _scalar(self, event: ScalarEvent, place: Place) -> None:
        text = event.value
        if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
            self.stop(place, "This text holds half a character (a lone surrogate); write the whole character.")
        self._refuse_tag(event, place)
        plain = event.tag is None and bool(event.implicit[0])
        self._add(Scalar(place, text, plain, text), len(text) + 1, event.anchor)

    def _alias(self, event: AliasEvent, place: Place) -> None:
        if event.anchor not in self.anchors:
            self.stop(place, f"`*{event.anchor}` stands for nothing: no `&{event.anchor}` is complete before it.")
        self._add(*self.anchors[event.anchor], None)

    def _add(self, node: Node, weight: int, anchor: str | None) -> None:
        if anchor:
            self.anchors[anchor] = (node, weight)
        holder = self.open[-1]
        holder.nodes.append(node)
        holder.weight += weight
        if sum(each.weight for each in self.open) > 2 * MOST:
            self.stop(node.place, f"With its anchors written out this text is longer than {2 * MOST} characters.")

    def _refuse_tag(self, event: NodeEvent, place: Place) -> None:
        if getattr(event, "tag", None) not in (None, "!", "tag:yaml.org,2002:str"):
            self.mistakes.append(place.mistake("Tags such as `!name` mean nothing here; write the plain value."))

    def _keys(self, done: _Open) -> Keys:
        nodes: dict[str, Node] = {}
        places: dict[str, Place] = {}
        for key, value in zip(done.nodes[::2], done.nodes[1::2], strict=True):
            if not isinstance(key, Scalar):
                self.mistakes.append(key.place.mistake("A list or mapping cannot be a key; write a text."))
            elif key.text in nodes:
                first = places[key.text].line
                again = f"`{key.text}` is written twice in one mapping, first on line {first}; keep one."
                self.mistakes.append(key.place.mistake(again))
            else:
                nodes[key.text], places[key.text] = value, key.place
        return Keys(done.place, nodes, places)
