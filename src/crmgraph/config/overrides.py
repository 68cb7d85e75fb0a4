"""`CRMGRAPH__SECTION__KEY` in the environment, put over what the file says.

Names are matched without regard to case, `-` and `_` being the same, so `CRMGRAPH__SOURCES__SALES_EU__TOKEN` is the
token of `sales-eu`. A name that nothing answers to is put in as it is: the check that follows refuses it.
"""

from collections.abc import Mapping
from dataclasses import replace

from crmgraph.config.sections import CONTACT_FIELDS, ConfigFile
from crmgraph.config.variables import is_plain, is_text
from crmgraph.connectors.shapes import Path, locate, names, unknown
from crmgraph.connectors.trees import Keys, Mistake, Node, Place, Scalar

PREFIX = "CRMGRAPH__"


def overridden(root: Keys, environ: Mapping[str, str], mistakes: list[Mistake]) -> Keys:
    """The tree with every override in place; what names no place in it is added to `mistakes`."""
    for name in sorted(environ):
        if not name.startswith(PREFIX):
            continue
        place = Place(f"environment variable {name}")
        parts = name.removeprefix(PREFIX).split("__")
        if not all(parts):
            mistakes.append(place.mistake(f"This names no key; write {PREFIX}SECTION__KEY."))
        elif not is_text(environ[name]):
            mistakes.append(place.mistake("This is not UTF-8 text."))
        else:
            root = _put(root, (), parts, Scalar(place, environ[name], True, f"${{{name}}}"), mistakes)
    return root


def _put(holder: Keys, path: Path, parts: list[str], leaf: Scalar, mistakes: list[Mistake]) -> Keys:
    """`holder`, which stands at `path`, with `leaf` put where `parts` lead."""
    known = dict.fromkeys((*holder.nodes, *_known(path)))
    found = [key for key in known if _folded(key) == _folded(parts[0])]
    if len(found) > 1:
        mistakes.append(leaf.place.mistake(f"This may mean {' or '.join(f'`{key}`' for key in found)}; rename one."))
        return holder
    key = found[0] if found else parts[0].lower()
    if path == ("sources",) and not found:
        mistakes.append(leaf.place.mistake(unknown(key, holder.nodes)))
        return holder
    node: Node = replace(leaf, plain=is_plain((*path, key), leaf.text))
    if parts[1:]:
        below = holder.nodes.get(key)
        inner = below if isinstance(below, Keys) else Keys(leaf.place, {}, {})
        node = _put(inner, (*path, key), parts[1:], leaf, mistakes)
    return Keys(holder.place, {**holder.nodes, key: node}, {key: leaf.place, **holder.places})


def _known(path: Path) -> tuple[str, ...]:
    return CONTACT_FIELDS if path == ("survivorship",) else names(locate(ConfigFile, path).wanted)


def _folded(name: str) -> str:
    return name.lower().replace("-", "_")
