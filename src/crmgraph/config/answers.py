"""What a source answers to its connector's questions: each setting as a text, secrets never in plain sight."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from crmgraph.config.openness import too_open
from crmgraph.config.variables import is_reference
from crmgraph.connectors.definition import Setting
from crmgraph.connectors.trees import Keys, Mistake, Place, Scalar

LONGEST_SECRET = 65_536
"""The most bytes that a secret's file may hold."""


def answer_names(asked: Mapping[str, Setting]) -> tuple[str, ...]:
    """The keys that answer these questions: each setting's own, and NAME_file for a secret."""
    files = (f"{name}_file" for name, setting in asked.items() if setting.secret)
    return (*asked, *files)


@dataclass(frozen=True, slots=True)
class Answers:
    """The section `holder` (written at `place`, called `owner`), its paths relative to the directory `beside`."""

    holder: Keys
    place: Place
    owner: str
    beside: Path

    def taken(self, asked: Mapping[str, Setting], mistakes: list[Mistake]) -> dict[str, str]:
        """Every setting that is given or has a default; whatever is wrong is added to `mistakes`."""
        texts = {name: self._one(name, setting, mistakes) for name, setting in asked.items()}
        return {name: text for name, text in texts.items() if text is not None}

    def _one(self, name: str, setting: Setting, mistakes: list[Mistake]) -> str | None:
        given = self.holder.nodes.get(name)
        file = self.holder.nodes.get(f"{name}_file") if setting.secret else None
        if given is not None and file is not None:
            mistakes.append(file.place.mistake(f"`{name}` and `{name}_file` are both given; keep one of them."))
            return None
        node = given if file is None else file
        if node is not None and not isinstance(node, Scalar):
            mistakes.append(node.place.mistake(f"`{name}` should be a single text, not a list or a mapping."))
            return None
        if node is None or (file is None and not _text(node)):
            return self._absent(name, setting, node, mistakes)
        if file is not None:
            return self._from_file(name, node, mistakes)
        if setting.secret and node.place.line and not is_reference(node.written):
            said = f"`{name}` is a secret and may not stand here as plain text; {self._right(name)}."
            mistakes.append(node.place.mistake(said))
        return _text(node)

    def _absent(self, name: str, setting: Setting, node: Scalar | None, mistakes: list[Mistake]) -> str | None:
        """The default, or the mistake that a required setting is missing or empty."""
        if setting.default is not None or not setting.required:
            return setting.default
        place, what = (node.place, "empty") if node else (self.place, "missing")
        how = f" As a secret it is not written down: {self._right(name)}." if setting.secret else ""
        mistakes.append(place.mistake(f"`{name}` is {what} here: {setting.description.rstrip('.')}.{how}"))
        return None

    def _from_file(self, name: str, node: Scalar, mistakes: list[Mistake]) -> str | None:
        """A secret's file without the blanks around it; its contents never come up in a message."""
        try:
            with (self.beside / _text(node)).open("rb") as file:
                mode = too_open(file.fileno())
                text = file.read(LONGEST_SECRET + 1).decode().strip()
        except OSError as wrong:
            problem = f"cannot be read: {wrong.strerror}"
        except ValueError:
            problem = "cannot be read: it is not UTF-8 text, or its path is not one"
        else:
            problem = "is empty" if not text else f"is longer than {LONGEST_SECRET} bytes"
            if mode is not None:
                problem = f"is open to others (mode {mode}); close it with `chmod 600`"
            elif 0 < len(text) <= LONGEST_SECRET:
                return text
        mistakes.append(node.place.mistake(f"The file `{node.written}` that should hold `{name}` {problem}."))
        return None

    def _right(self, name: str) -> str:
        variable = f"{self.owner}_{name}".upper().replace("-", "_")
        return f"write `{name}: ${{{variable}}}` or `{name}_file: PATH`"


def _text(node: Scalar) -> str:
    """The text as it was written: an unquoted 007 stays 007; what YAML reads as nothing is empty."""
    return "" if node.data is None else node.text.strip()
