"""A document checked against a pydantic model: each of pydantic's errors becomes one sentence, in its place."""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from crmgraph.connectors.shapes import Path, Spot, choices_of, description, expected, locate, names, nearest, unknown
from crmgraph.connectors.trees import DefinitionMistakes, Document, Keys, Mistake, Mistakes, Node, Scalar

Model = TypeVar("Model", bound=BaseModel)
Also = Mapping[Path, Collection[str]]
"""Names that are known at a path besides those of the model."""


def validate(
    model: type[Model], document: Document, error: type[Mistakes] = DefinitionMistakes, *, context: Any = None
) -> Model:
    """The document as a model, or `error` with every mistake; `context` is for the model's own validators."""
    checked, mistakes = check(model, document, context=context)
    if checked is None:
        raise error(mistakes)
    return checked


def check(
    model: type[Model], document: Document, *, context: Any = None, also: Also | None = None
) -> tuple[Model | None, tuple[Mistake, ...]]:
    """The document as a model, or None and every mistake, for who has more to check before telling.

    Values are taken strictly: a text is no number and no truth value, but it may be an enumeration's word.
    """
    try:
        return model.model_validate_json(json.dumps(document.data), strict=True, context=context), ()
    except ValidationError as reason:
        found = [_finding(model, document, error) for error in reason.errors(include_url=False, include_input=False)]
    settled = _settled([finding for finding in found if not _is_echo(finding, found)], 0)
    return None, tuple(_mistake(finding, document, also or {}) for finding in settled)


def json_schema(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema (2020-12) of what people write for a model, for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema(by_alias=True)}


@dataclass(frozen=True, slots=True)
class _Finding:
    """One of pydantic's errors; `kind` is its type, or `shape` where the whole value is of another kind."""

    spot: Spot
    kind: str
    said: str = ""


def _finding(model: type[BaseModel], document: Document, error: ErrorDetails) -> _Finding:
    spot = locate(model, error["loc"])
    kind = error["type"]
    is_word = isinstance(getattr(document.node(spot.path), "data", None), str)
    if kind.endswith("_type") or kind == "int_from_float" or (kind in ("literal_error", "enum") and not is_word):
        kind = "shape"
    own = error.get("ctx", {}).get("error")
    return _Finding(spot, kind, str(own) if own else error["msg"])


def _is_echo(finding: _Finding, found: list[_Finding]) -> bool:
    """Whether a missing key was only misspelt: then its misspelling is told already."""
    return finding.kind == "missing" and any(
        other.kind == "extra_forbidden"
        and other.spot.path[:-1] == finding.spot.path[:-1]
        and other.spot.choices == finding.spot.choices
        and nearest(str(other.spot.path[-1]), names(other.spot.holder)) == finding.spot.path[-1]
        for other in found
    )


def _settled(found: list[_Finding], depth: int) -> list[_Finding]:
    """Pydantic reports each member of a union; keep the member that was most likely meant, or say that none fits."""
    kept = [finding for finding in found if len(finding.spot.choices) <= depth]
    unions: dict[Path, dict[str, list[_Finding]]] = {}
    for finding in found:
        if len(finding.spot.choices) > depth:
            choice = finding.spot.choices[depth]
            unions.setdefault(choice.path, {}).setdefault(choice.label, []).append(finding)
    for path, tried in unions.items():
        members = [_settled(findings, depth + 1) for findings in tried.values()]
        near = [member for member in members if not any(f.kind == "shape" and f.spot.path == path for f in member)]
        wanted = next(iter(tried.values()))[0].spot.choices[depth].wanted
        nearest_member = min(near, key=len) if near else [_Finding(Spot(path, wanted, None, ()), "shape")]
        kept += nearest_member
    return kept


def _mistake(finding: _Finding, document: Document, also: Also) -> Mistake:
    spot = finding.spot
    last = str(spot.path[-1]) if spot.path else ""
    if finding.kind == "extra_forbidden":
        known = {*names(spot.holder), *also.get(spot.path[:-1], ())}
        return document.key_place(spot.path).mistake(unknown(last, known))
    if finding.kind == "missing":
        about = description(spot.holder, last)
        return document.key_place(spot.path[:-1]).mistake(_sentence(f"`{last}` is missing here", about))
    if spot.is_key:
        words = choices_of(spot.wanted)
        said = unknown(last, words) if words else _adapted(finding.said, f"`{last}`")
        return document.key_place(spot.path).mistake(said)
    return document.place(spot.path).mistake(_about_value(finding, document.node(spot.path)))


def _about_value(finding: _Finding, node: Node | None) -> str:
    """The sentence for a value that does not fit."""
    what = _called(finding.spot.path)
    if finding.kind == "shape":
        return f"{what} should be {expected(finding.spot.wanted)}, but {_found(node)}."
    if finding.kind in ("literal_error", "enum") and isinstance(node, Scalar):
        return unknown(node.written, choices_of(finding.spot.wanted))
    if finding.kind in ("value_error", "assertion_error"):
        return _sentence(finding.said)
    return _adapted(finding.said, what).removesuffix(".") + f", but {_found(node)}."


def _called(path: Path) -> str:
    """What people call a place: its key, or `item 2 of tags`."""
    names_of = [f"item {part + 1} of " if isinstance(part, int) else f"`{part}`" for part in path[-2:]]
    if len(path) > 1 and isinstance(path[-1], int):
        return f"{names_of[1].capitalize()}{names_of[0].removesuffix(' of ')}"
    return names_of[-1] if path else "This document"


def _found(node: Node | None) -> str:
    """What stands there. What a variable stands for is not told: it may be a secret."""
    if not isinstance(node, Scalar):
        return f"{'a mapping' if isinstance(node, Keys) else 'a list'} is written here"
    if node.written != node.text:
        return f"`{node.written}` stands for something else"
    if node.data is None:
        return "nothing is written here"
    kind = "the text " if isinstance(node.data, str) else "" if isinstance(node.data, bool) else "the number "
    line = " ".join(node.text.split())
    return f"{kind}`{line if len(line) <= 40 else line[:39] + '…'}` is written here"


def _adapted(said: str, what: str) -> str:
    """Pydantic's own English, `Input should be …`, about the thing by its name."""
    return _sentence(re.sub(r"^(Input|\w+) should ", f"{what} should ", said))


def _sentence(said: str, more: str = "") -> str:
    whole = f"{said}: {more}" if more else said
    return whole if whole.endswith((".", "?")) else f"{whole}."
