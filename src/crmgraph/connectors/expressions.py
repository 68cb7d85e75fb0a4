"""Paths as expressions of generated Python: what stands at them in a record's JSON."""

from crmgraph.connectors.spec_words import Paths

Lines = list[str]
"""Lines of a generated function."""


def at(source: str, path: str) -> str | None:
    """What stands at a path, as an expression; None where the path has transforms or more than one `*`."""
    if "|" in path:
        return None
    steps = [part for part in path.strip().split(".") if part]
    if "*" not in steps:
        return _steps(source, steps) if steps else None
    place = steps.index("*")
    before, after = steps[:place], steps[place + 1 :]
    if not before or "*" in after:
        return None
    each = _steps("e", after) if after else "e"
    found = f"[w for e in b if (w := {each}) is not None]"
    return f"({found} if (b := {_steps(source, before)}).__class__ is list else None)"


def _steps(source: str, steps: list[str]) -> str:
    """The first step is into an object; of what is none, nothing is found."""
    first, *rest = steps
    if source == "raw" and not first.isdigit():
        found = f"raw.get({first!r})"
    else:
        found, rest = source, steps
    for one in rest:
        if one.isdigit():
            found = f"step({found}, {one!r})"
        else:
            found = f"(o.get({one!r}) if (o := {found}).__class__ is dict else None)"
    return found


def first(paths: Paths | None) -> Lines | None:
    """Lines that put what stands at a path, or first at several, into `v`."""
    several = [paths] if isinstance(paths, str) else paths or []
    found = [at("raw", one) for one in several]
    if not found or None in found:
        return None
    return [f" v = {found[0]}", *(f" if v is None or v == '' or v == []: v = {other}" for other in found[1:])]
