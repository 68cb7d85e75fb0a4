"""Fields of a record read at once, by one function that is generated for those that are asked for.

Only what has the usual form is read so, a text where a text is expected; all else is left to each field's own getter,
which knows every form and tells what is wrong.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from crmgraph.connectors.usual import Form
from crmgraph.domain.records import Fill, Filler

MOST = 256
"""How many sets of fields a resource remembers its function for."""


def filler(forms: Mapping[str, Form]) -> Filler:
    """From the fields that are asked for to what fills in those of them that have a usual form."""
    known: dict[frozenset[str], Fill] = {}

    def filling(fields: Collection[str]) -> Fill:
        wanted = frozenset(fields)
        found = known.get(wanted)
        if found is None:
            if len(known) >= MOST:
                known.clear()
            found = known[wanted] = _generated({name: one for name, one in forms.items() if name in wanted})
        return found

    return filling


def _generated(forms: Mapping[str, Form]) -> Fill:
    """The function that puts what it finds among the values."""
    lines = ["def fill(raw, values):", " if raw.__class__ is not dict: return"]
    space: dict[str, Any] = {}
    for number, (name, form) in enumerate(forms.items()):
        lines += form.lines(repr(name), f"x{number}")
        space |= {**form.names, f"x{number}": form.extra}
    exec(compile("\n".join(lines), "<fields at once>", "exec"), space)
    fill: Callable[[Any, dict[str, Any]], None] = space["fill"]
    return fill
