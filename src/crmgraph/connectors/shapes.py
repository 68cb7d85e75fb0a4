"""What a pydantic type asks for, in people's words: the names it knows, the right name nearest to a wrong one."""

import difflib
import enum
import re
import types
from collections.abc import Iterable
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel

Path = tuple[str | int, ...]


class Choice(NamedTuple):
    """A union that was passed on the way: where it stands, and the member that pydantic tried there, by its label."""

    path: Path
    label: str
    wanted: Any


class Spot(NamedTuple):
    """Where an error is in the document: its path, the type asked for there and the type of what holds it."""

    path: Path
    wanted: Any
    holder: Any
    choices: tuple[Choice, ...]
    is_key: bool = False


_WORDS = {str: "a text", int: "a whole number", float: "a number", bool: "true or false", type(None): "nothing"}


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that `name` was probably meant to be, in whatever case; None when nothing is near."""
    folded = {candidate.casefold(): candidate for candidate in sorted(known, reverse=True)}
    close = difflib.get_close_matches(name[:100].casefold(), folded, n=1)
    return folded[close[0]] if close else None


def unknown(name: str, known: Iterable[str]) -> str:
    """The sentence for a name that is none of the known ones."""
    names = sorted(known)
    near = nearest(name, names)
    asked = f"; did you mean `{near}`?" if near else "."
    listed = f" Known: {', '.join(names)}." if names else " Nothing can be set here."
    return f"`{name}` is not known here{asked}{listed}"


def locate(model: Any, loc: tuple[str | int, ...]) -> Spot:
    """Translate pydantic's location of an error into the document's.

    Pydantic puts a label after each union it enters and `[key]` after a mapping's wrong key; neither is in ours.
    """
    path: list[str | int] = []
    choices: list[Choice] = []
    wanted, holder = model, model
    for part in loc:
        options = members(wanted)
        if part == "[key]":
            return Spot(tuple(path), (*get_args(holder), Any)[0], holder, tuple(choices), is_key=True)
        if len(options) > 1:
            choices.append(Choice(tuple(path), str(part), wanted))
            wanted = _labelled(options, str(part))
            continue
        path.append(part)
        holder, wanted = options[0], _inside(options[0], part)
    return Spot(tuple(path), wanted, holder, tuple(choices))


def members(wanted: Any) -> tuple[Any, ...]:
    """The alternatives of a type; None is none of them, because pydantic reports nothing for it."""
    if get_origin(wanted) is Annotated:
        return members(get_args(wanted)[0])
    if get_origin(wanted) in (Union, types.UnionType):
        return tuple(m for arg in get_args(wanted) if arg is not type(None) for m in members(arg))
    return (wanted,)


def names(wanted: Any) -> tuple[str, ...]:
    """The keys that a model knows, as they are written; empty for any other type."""
    for option in members(wanted):
        if _is_model(option):
            return tuple(field.alias or name for name, field in option.model_fields.items())
    return ()


def description(wanted: Any, key: str) -> str:
    """What a model says about one of its keys, or an empty text."""
    for option in members(wanted):
        if _is_model(option):
            fields = {field.alias or name: field for name, field in option.model_fields.items()}
            return (fields[key].description or "") if key in fields else ""
    return ""


def choices_of(wanted: Any) -> tuple[str, ...]:
    """The words that a Literal or an enumeration allows; empty for any other type."""
    found: list[str] = []
    for option in members(wanted):
        if get_origin(option) is Literal:
            found += map(str, get_args(option))
        elif isinstance(option, type) and issubclass(option, enum.Enum):
            found += [str(member.value) for member in option]
    return tuple(found)


def expected(wanted: Any) -> str:
    """What would have been right: `a text or a list`."""
    said: dict[str, None] = {}
    for option in members(wanted):
        said[_word(option)] = None
    return " or ".join(said)


def _word(option: Any) -> str:
    if words := choices_of(option):
        return f"one of {', '.join(words)}"
    origin = get_origin(option) or option
    if origin in (list, tuple, set, frozenset):
        return "a list"
    if origin is dict or _is_model(option):
        return "a mapping of keys to values"
    return _WORDS.get(origin, "another kind of value")


def _is_model(option: Any) -> bool:
    return isinstance(option, type) and issubclass(option, BaseModel)


def _labelled(options: tuple[Any, ...], label: str) -> Any:
    """The member that pydantic means by `label`: a model's name or `list[str]`, maybe wrapped: `function-after[…]`."""
    called = {
        "literal" if get_origin(one) is Literal else getattr(get_origin(one) or one, "__name__", ""): one
        for one in options
    }
    return next((called[word] for word in re.findall(r"\w+", label) if word in called), Any)


def _inside(wanted: Any, part: str | int) -> Any:
    """The type of what lies under `part` in a model, a mapping or a list."""
    if _is_model(wanted):
        fields = {field.alias or name: field for name, field in wanted.model_fields.items()}
        return fields[str(part)].annotation if part in fields else Any
    args = get_args(wanted)
    if get_origin(wanted) is dict:
        return args[1]
    return args[0] if args else Any
