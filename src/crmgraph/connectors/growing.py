"""From the events of a YAML library to a tree with places; what would surprise its writer is a mistake."""

from dataclasses import dataclass, field
from typing import Any, NoReturn

from crmgraph.connectors.trees import Keys, Mistake, Mistakes, Node, Place, Scalar, Sequence

MOST = 1_048_576
"""The longest text that is read, in bytes; its anchors written out, it may have twice as many characters."""

DEEPEST = 50
"""How many levels a document may nest."""


@dataclass(slots=True)
class _Open:
    """A list or mapping that is still being read; a mapping's keys and values lie in turn in `nodes`."""

    place: Place
    anchor: str | None
    mapping: bool
    nodes: list[Node] = field(default_factory=list)
    weight: int = 1


class Growing:
    """A tree that grows with each event, without recursion, so that no text can exhaust the stack."""

    def __init__(self, file: str, error: type[Mistakes]) -> None:
        self.file = file
        self.error = error
        self.mistakes: list[Mistake] = []
        self.open = [_Open(Place(file, 1, 1), None, False)]
        self.anchors: dict[str, tuple[Node, int]] = {}
        self.documents = 0

    def take(self, event: Any) -> None:
        """One event of a YAML library; the two that we use name theirs alike. Raises the error of a mistake."""
        place = Place(self.file, event.start_mark.line + 1, event.start_mark.column + 1)
        match type(event).__name__:
            case "ScalarEvent":
                self._scalar(event, place)
            case "SequenceStartEvent" | "MappingStartEvent" as name:
                self._begin(event, place, name == "MappingStartEvent")
            case "SequenceEndEvent" | "MappingEndEvent":
                done = self.open.pop()
                node = self._keys(done) if done.mapping else Sequence(done.place, tuple(done.nodes))
                self._add(node, done.weight, done.anchor)
            case "AliasEvent":
                self._alias(event, place)
            case "DocumentStartEvent":
                self.documents += 1
                if self.documents > 1:
                    self.stop(place, "A second document starts here; write one document a file.")

    def stop(self, place: Place, message: str) -> NoReturn:
        """Give up, with all the mistakes so far."""
        raise self.error([*self.mistakes, place.mistake(message)])

    def finish(self) -> Node:
        """The one node of the document; an empty text is an empty value."""
        if self.mistakes:
            raise self.error(self.mistakes)
        return next(iter(self.open[0].nodes), Scalar(Place(self.file, 1, 1), "", True, ""))

    def _begin(self, event: Any, place: Place, mapping: bool) -> None:
        self._refuse_tag(event, place)
        self.open.append(_Open(place, event.anchor, mapping))
        if len(self.open) > DEEPEST + 1:
            self.stop(place, f"This nests deeper than {DEEPEST} levels.")

    def _scalar(self, event: Any, place: Place) -> None:
        text = event.value
        if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
            self.stop(place, "This text holds half a character (a lone surrogate); write the whole character.")
        self._refuse_tag(event, place)
        plain = event.tag is None and bool(event.implicit[0])
        self._add(Scalar(place, text, plain, text), len(text) + 1, event.anchor)

    def _alias(self, event: Any, place: Place) -> None:
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

    def _refuse_tag(self, event: Any, place: Place) -> None:
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
