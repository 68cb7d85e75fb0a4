"""Trusted documents: the words of the section, and the folder that holds them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from crmgraph.config.section import Section
from crmgraph.connectors.trees import Keys, Mistake, Node
from crmgraph.service.trusted import Mode, TrustedDocument, hash_of

GRAPHQL = (".graphql", ".gql")

_SHAPES = (
    "A manifest is a JSON object of documents by id, as Relay writes it,"
    " or one with a list of `operations`, each with `id` and `body`, as Apollo writes it."
)


class DocumentsSection(Section):
    """Documents that are known beforehand, and whether others are answered."""

    mode: Literal["off", "log", "enforce"] = Field(
        default="off",
        description="Documents that are not in the folder: off, they are answered; log, and logged; enforce, refused.",
    )
    folder: str | None = Field(
        default=None, description="The folder of trusted documents, beside this file: *.graphql, and manifests *.json."
    )
    apq: bool = Field(
        default=True, description="Whether a document that was sent once may be asked for again by its hash."
    )


@dataclass(frozen=True, slots=True)
class DocumentsSettings:
    """What is trusted, what becomes of the rest, and whether documents may be asked for again by their hash."""

    mode: Mode = Mode.OFF
    trusted: tuple[TrustedDocument, ...] = ()
    apq: bool = True

    def texts(self) -> dict[str, str]:
        """The trusted texts by every id they have, their hashes among them."""
        return {ident: one.text for one in self.trusted for ident in (*one.ids, hash_of(one.text))}


def documents(section: DocumentsSection, beside: Path) -> DocumentsSettings:
    """The settings of a section without mistakes."""
    folder = None if section.folder is None else beside / section.folder
    return DocumentsSettings(Mode(section.mode), tuple(_documents(folder, [])), section.apq)


def mistaken(section: Node | None, beside: Path) -> list[Mistake]:
    """What is wrong with the folder, with its files, or with enforcing where there is none."""
    if not isinstance(section, Keys):
        return []
    mode, folder = (getattr(section.nodes.get(name), "data", None) for name in ("mode", "folder"))
    if not isinstance(folder, str):
        enforced = mode == Mode.ENFORCE and folder is None
        return [section.nodes["mode"].place.mistake("`enforce` needs a `folder` of documents.")] if enforced else []
    if not (beside / folder).is_dir():
        return [section.nodes["folder"].place.mistake(f"There is no folder `{folder}` beside this file.")]
    found: list[Mistake] = []
    known: dict[str, str] = {}
    for one in _documents(beside / folder, found):
        for ident in one.ids:
            if known.setdefault(ident, one.text) != one.text:
                found.append(Mistake(one.file, one.line, 1, f"Another document has the id `{ident}` already."))
    return found


def _documents(folder: Path | None, mistakes: list[Mistake]) -> Iterator[TrustedDocument]:
    for path in sorted(folder.rglob("*")) if folder is not None else ():
        if path.suffix not in (*GRAPHQL, ".json") or not path.is_file():
            continue
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, ValueError):
            mistakes.append(Mistake(str(path), 0, 0, "This cannot be read as UTF-8 text."))
            continue
        if path.suffix in GRAPHQL:
            assert folder is not None
            name = path.relative_to(folder).with_suffix("").as_posix()
            yield TrustedDocument((name, hash_of(text.strip())), text, str(path))
        else:
            yield from _manifest(path, text, mistakes)


def _manifest(path: Path, text: str, mistakes: list[Mistake]) -> Iterator[TrustedDocument]:
    try:
        entries = _entries(json.loads(text))
    except json.JSONDecodeError as wrong:
        mistakes.append(Mistake(str(path), wrong.lineno, wrong.colno, f"This is not JSON: {wrong.msg}."))
    except (TypeError, KeyError, ValueError, RecursionError):
        mistakes.append(Mistake(str(path), 1, 1, _SHAPES))
    else:
        yield from (TrustedDocument((ident,), body, str(path), _line(text, ident)) for ident, body in entries.items())


def _entries(manifest: Any) -> dict[str, str]:
    operations = manifest.get("operations") if isinstance(manifest, dict) else None
    entries = {one["id"]: one["body"] for one in operations} if isinstance(operations, list) else manifest
    if not isinstance(entries, dict) or not all(isinstance(each, str) for pair in entries.items() for each in pair):
        raise TypeError
    return entries


def _line(text: str, ident: str) -> int:
    """The line on which an id is written; 1 where it is written in a way of its own."""
    return text.count("\n", 0, max(text.find(json.dumps(ident)), 0)) + 1
