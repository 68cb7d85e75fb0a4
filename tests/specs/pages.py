"""Pages that are tests: a sentence that says one behaviour, and fenced blocks that show it.

A page is read from top to bottom. Its blocks are named by the words after the fence:

- `yaml config`: a crmgraph.yaml. A source may be named by its connector alone; the rest comes from accounts.yaml. The
  key index is off unless the page turns it on; then it is filled before the first question, without being counted, and
  so is the replica with `sync`. A store that the page names stands from the beginning, as in a server; without one, one
  is made when something is first kept.
- `yaml definition`: a connector of the page's own, which its config names as `./own.yaml`.
- `yaml replies`: the calls that the CRMs expect from here on, each `call: SOURCE METHOD /path?query` with what it
  answers (`reply`, `status`, `headers`) or how it `fails` (refused, hang, html), how often it may be made (`times`, 1
  unless said; 0 is for filling index and replica), what it must carry (`body`; `with` for headers, null for one that
  must not be there) and, where that matters, as one of how many calls at once it comes (`alongside`).
- `yaml simulators`: the four simulators answer from here on; `faults` by source, and `edits` of their records.
- `yaml caller`: who asks from here on: a `role` of the config, and `tokens` of their own by source.
- `graphql`: a question, with the `yaml variables` before it and the `yaml answer` after it.
- `graphql beside`: a question that is asked at the same time as the one before; the answers follow in their order.
- `yaml meanwhile`: what goes on in the background comes to its end, with these `calls`.

An answer says `data` and `errors` exactly, and where it wants `calls` per source (a number, or each call; of questions
that are asked together it is those of all) and `crmgraph` (the parts of that extension, null for one that must not be
there). Four tags stand for what a page cannot spell: `!id [kind, source, resource, id]`, `!any` for what is opaque,
`!count n` for a list of so many, `!from path` for a value of the answer before.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor

from crmgraph.domain.model import Kind
from crmgraph.domain.records import Ref
from crmgraph.service.ids import encode, encode_key

_BLOCK = re.compile(r"^```(\w+)(?: (\w+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_WORDS = (
    *("config", "definition", "replies", "simulators", "caller"),
    *("graphql", "beside", "variables", "answer", "meanwhile"),
)


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block by its word; what is YAML is read."""

    word: str
    content: Any


@dataclass(frozen=True, slots=True)
class Opaque:
    """Stands for any value that is there."""


@dataclass(frozen=True, slots=True)
class Count:
    """Stands for a list of so many."""

    of: int


@dataclass(frozen=True, slots=True)
class From:
    """Stands for a value of the answer before, by its path."""

    path: str


class _Constructor(SafeConstructor):
    """YAML's plain values, our tags, and times as text."""


def _id(constructor: Any, node: Any) -> str:
    kind, *rest = (str(part) for part in constructor.construct_sequence(node))
    return encode_key(Kind(kind), rest[0]) if len(rest) == 1 else encode(Kind(kind), Ref(*rest))


_Constructor.add_constructor("!id", _id)
_Constructor.add_constructor("!any", lambda _, node: Opaque())
_Constructor.add_constructor("!count", lambda _, node: Count(int(node.value)))
_Constructor.add_constructor("!from", lambda _, node: From(node.value))
_Constructor.add_constructor("tag:yaml.org,2002:timestamp", lambda _, node: node.value)


def read_yaml(text: str) -> Any:
    """YAML as pages write it."""
    yaml = YAML(typ="safe", pure=True)
    yaml.Constructor = _Constructor
    return yaml.load(text)


def blocks(path: Path) -> Iterator[Block]:
    """The blocks of a page; raises ValueError when it is not one."""
    text = path.read_text(encoding="utf-8")
    if not re.match(r"# .+\.\n", text):
        raise ValueError(f"{path.name} does not start with the sentence that says its behaviour.")
    for language, word, content in _BLOCK.findall(text):
        word = word or language
        if word not in _WORDS:
            raise ValueError(f"{path.name} has a block `{word}`; a block is one of {', '.join(_WORDS)}.")
        yield Block(word, content if language == "graphql" else read_yaml(content))
