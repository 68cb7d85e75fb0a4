"""How large a question may be and what it may cost, as a value that is handed to whoever checks."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from crmgraph.domain.errors import TooCostly


class Mode(StrEnum):
    """What becomes of a question over a limit: refused, told of and answered, or not even noticed."""

    ENFORCE = "enforce"
    MEASURE = "measure"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Limits:
    """The most of each that one question may have. `tokens` bound the parser, so they hold in every mode."""

    mode: Mode = Mode.ENFORCE
    tokens: int = 5_000
    """Words and signs of a document."""
    directives: int = 200
    """Directives of a document."""
    aliases: int = 300
    """Aliases of a document."""
    fields: int = 1_000
    """Fields that are selected: those of the document as written, and those of an operation with its fragments spelled
    out, once for each type that a thing may be.
    """
    depth: int = 30
    """How deep an operation's fields nest."""
    roots: int = 50
    """Fields at a query's root."""
    mutations: int = 20
    """Mutations of one operation."""
    inputs: int = 200
    """Input objects that a query is asked with: those in all of its document, and in its variables. A mutation holds as
    many as its body.
    """
    values: int = 100_000
    """Values that an answer may have to make."""
    calls: int = 100_000
    """Calls that the question may cost one source, as they are foretold."""

    def over(self, figures: Mapping[str, int]) -> "tuple[Over, ...]":
        """What of some figures, by the limits' names, goes over."""
        return tuple(
            Over(name, figure, allowed) for name, figure in figures.items() if figure > (allowed := getattr(self, name))
        )

    def refuse(self, figures: Mapping[str, int]) -> None:
        """Raise OverLimits for figures that go over, where the limits are enforced."""
        if self.mode is Mode.ENFORCE and (found := self.over(figures)):
            raise OverLimits(found)


@dataclass(frozen=True, slots=True)
class Over:
    """A limit that a question goes over, by its name in the configuration: what it has and what is allowed."""

    limit: str
    figure: int
    allowed: int


class OverLimits(TooCostly):
    """A question that goes over limits; nothing was asked."""

    def __init__(self, over: tuple[Over, ...]) -> None:
        super().__init__(" ".join(_SENTENCES[one.limit].format(one=one) for one in over))
        self.over = over


_SENTENCES: Mapping[str, str] = {
    "directives": "This document has {one.figure} directives, and {one.allowed} are allowed.",
    "aliases": "This document has {one.figure} aliases, and {one.allowed} are allowed; ask in several requests.",
    "fields": "This question selects {one.figure} fields, and {one.allowed} are allowed; select fewer, or"
    " ask in several requests.",
    "depth": "This question nests {one.figure} fields deep, and {one.allowed} are allowed.",
    "roots": "This question asks for {one.figure} fields at its root, and {one.allowed} are allowed; ask in several"
    " requests.",
    "mutations": "This operation holds {one.figure} mutations, and {one.allowed} are allowed; send several requests.",
    "inputs": "This question is asked with {one.figure} input objects, and {one.allowed} are allowed; ask in several"
    " requests.",
    "values": "This question may have to make {one.figure} values, and one answer makes {one.allowed} at the most; ask"
    " for smaller pages, fewer fields, or less in one question.",
    "calls": "This question may cost one source {one.figure} calls, and {one.allowed} are allowed; ask for smaller"
    " pages, or less in one question.",
}
