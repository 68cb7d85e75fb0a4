"""Names that a definition's settings cannot have, because they mean something already."""

from collections.abc import Iterable

SLOTS = frozenset(
    {"id", "ids", "parent", "parents", "value", "text", "size", "page", "offset", "tag", "tags", "field"}
    | {"whose", "begin", "end"}
)
"""What a call is about."""

_SHARED = frozenset({"connector", "base_url", "limits", "allow_private", "source"})


def refused(name: str, others: Iterable[str]) -> str | None:
    """Why a setting cannot be called `name`, None where it can."""
    if name in _SHARED:
        return f"`{name}` means something for every source already; give this setting another name."
    if name in SLOTS:
        return f"`{{{name}}}` is filled in by each call; give this setting another name."
    if name.endswith("_file"):
        other = name.removesuffix("_file")
        whose = f", as `{other}` of this definition" if other in others else ""
        return f"`{name}` would be the file of a secret `{other}`{whose}; give this setting another name."
    if not name.isidentifier() or not name.isascii():
        return f"`{name}` cannot stand in a template; name a setting by letters, digits and `_`."
    return None
