"""Dotted paths into JSON: `a.b`, `a.0`, `a.*.b`; the empty path is the whole."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

PathGetter = Callable[[Any], Any]


@lru_cache(maxsize=4096)
def compile_path(path: str) -> PathGetter:
    """Compile `path` to a getter that gives None where anything on the way is missing.

    After `*` the rest of the path applies to each element, and the result is a flat list without the missing ones.
    """
    steps = [step for step in path.split(".") if step]
    if not steps:
        return lambda raw: raw
    if "*" in steps:
        return _starred(steps)
    if len(steps) == 1:
        return _single(steps[0])
    return _chain(steps)


def _single(name: str) -> PathGetter:
    if name.isdigit():
        return lambda raw: step(raw, name)
    return lambda raw: raw.get(name) if type(raw) is dict else None


def _chain(steps: Sequence[str]) -> PathGetter:
    def read(raw: Any) -> Any:
        for name in steps:
            raw = step(raw, name)
            if raw is None:
                return None
        return raw

    return read


def _starred(steps: list[str]) -> PathGetter:
    at = steps.index("*")
    before, after = compile_path(".".join(steps[:at])), compile_path(".".join(steps[at + 1 :]))

    def read(raw: Any) -> Any:
        found = before(raw)
        if not isinstance(found, list):
            return None
        inner = [value for value in (after(element) for element in found) if value is not None]
        return [one for value in inner for one in value] if "*" in steps[at + 1 :] else inner

    return read


def step(raw: Any, name: str) -> Any:
    """What a value holds under a name, or a list at a place; None where there is nothing."""
    if isinstance(raw, dict):
        return raw.get(name)
    if isinstance(raw, list) and name.isdigit():
        return raw[int(name)] if int(name) < len(raw) else None
    return None


def put_path(body: dict[str, Any], path: str, value: Any) -> None:
    """Set `value` at a path without `*`, making the objects on the way."""
    *way, last = path.split(".")
    for step in way:
        if not isinstance(body.get(step), dict):
            body[step] = {}
        body = body[step]
    body[last] = value


def first_of(getters: Sequence[Callable[..., Any]]) -> Callable[..., Any]:
    """A getter that takes the first value that is there: neither missing, nor an empty text, nor an empty list."""
    if len(getters) == 1:
        return getters[0]

    def read(*args: Any) -> Any:
        for getter in getters:
            value = getter(*args)
            if value is not None and value != "" and value != []:
                return value
        return None

    return read
