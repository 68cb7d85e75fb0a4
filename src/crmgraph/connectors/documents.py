"""YAML text with positions, read into plain data; the door to what this room knows about documents people write.

The YAML is 1.2's core schema: `on`, `no` and dates stay texts. Keys are always texts, as written. What would surprise
is a mistake: a key written twice, a tag, a second document, an anchor that multiplies the text past twice `MOST`.

Two libraries read it. PyYAML's, which is in C, reads a right text twenty times faster, and nobody should wait for that
when a program starts. ruamel's says better what is wrong, so it has the last word on a text that the first refuses.
"""

from yaml import CSafeLoader, YAMLError
from yaml import parse as quick_events

from crmgraph.connectors.checking import check, json_schema, validate
from crmgraph.connectors.growing import MOST, Growing
from crmgraph.connectors.trees import DefinitionMistakes, Document, Mistake, Mistakes, Node, Place

__all__ = ["MOST", "DefinitionMistakes", "Document", "Mistake", "Mistakes", "check", "json_schema", "parse", "validate"]


def parse(text: str, file: str, error: type[Mistakes] = DefinitionMistakes) -> Document:
    """Read YAML. `file` is only named in messages; raises `error` with the mistakes up to where reading stopped."""
    if len(text.encode(errors="replace")) > MOST:
        raise error([Mistake(file, 1, 1, f"This text is longer than {MOST} bytes, the most that is read.")])
    try:
        return Document(file, _quickly(text, Growing(file, error)))
    except (YAMLError, UnicodeEncodeError):
        return Document(file, _carefully(text, Growing(file, error)))


def _quickly(text: str, tree: Growing) -> Node:
    for event in quick_events(text, Loader=CSafeLoader):
        tree.take(event)
    return tree.finish()


def _carefully(text: str, tree: Growing) -> Node:
    # Imported here because a text is wrong seldom, and the library slow to import.
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            tree.take(event)
    except MarkedYAMLError as reason:
        mark = reason.problem_mark or reason.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        said = " ".join(str(reason.problem or reason.context).split())
        hint = '; within braces write "${NAME}" in quotes' if "${" in "".join(text.split("\n")[line - 1 : line]) else ""
        tree.stop(Place(tree.file, line, column), f"This is not YAML: {said}{hint}.")
    except (YAMLError, ValueError, OverflowError, IndexError, AttributeError) as reason:
        # The library lets a few of Python's own errors through, for a character that does not exist for instance.
        said = " ".join(str(reason).splitlines()[:1])
        tree.stop(Place(tree.file, 1, 1), f"This is not YAML: {said}.")
    return tree.finish()
