"""The text of a function that is generated: an object's parts as expressions, and the names they need."""

from collections.abc import Callable
from typing import Any


class Text:
    """One function `made(s, a)` in the making: `s` is the source, `a` are the arguments of its fields by number.

    Nothing that a caller wrote goes into the text but as `repr` of a name that is valid GraphQL.
    """

    def __init__(self) -> None:
        self._before: dict[str, None] = {}
        self._parts: list[str] = []
        self._alone: str | None = None
        self._names: dict[int, tuple[str, Any]] = {}
        self._variables = 0

    def name(self, value: Any) -> str:
        """A name by which the function knows a value of ours."""
        name, _ = self._names.setdefault(id(value), (f"n{len(self._names)}", value))
        return name

    def variable(self) -> str:
        """A variable of its own."""
        self._variables += 1
        return f"v{self._variables}"

    def before(self, line: str) -> None:
        """Have a line stand before everything, once."""
        self._before[line] = None

    def add(self, key: str, expression: str) -> None:
        """Have the object hold a part."""
        self._parts.append(f"{key!r}: {expression}")

    def alone(self, expression: str) -> None:
        """Make this expression, and no object."""
        self._alone = expression

    def function(self) -> Callable[[Any, Any], Any]:
        """The function, ready to be called."""
        made = self._alone if self._alone is not None else "{" + ", ".join(self._parts) + "}"
        lines = ["def made(s, a):", *(f" {line}" for line in self._before), f" return {made}"]
        space = dict(self._names.values())
        exec(compile("\n".join(lines), "<a compiled selection>", "exec"), space)
        function: Callable[[Any, Any], Any] = space["made"]
        return function
