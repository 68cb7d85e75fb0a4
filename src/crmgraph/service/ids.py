"""Global ids: opaque to callers, to us a kind and where the record lives, or a key."""

import base64
import binascii
from dataclasses import dataclass

import orjson

from crmgraph.domain.errors import InputError
from crmgraph.domain.model import Kind
from crmgraph.domain.records import Ref

_BY_KEY = frozenset({Kind.TAG, Kind.CUSTOM_FIELD, Kind.CONTACT})
"""The kinds whose things belong to no one source and are known by their key; people by their records too."""

_WRONG = "is not an id that this server gave; take ids from its answers, unchanged."


@dataclass(frozen=True, slots=True)
class NodeId:
    """What a global id names: a record, or for what belongs to no one source a key, which for a person is their id in
    the map.
    """

    kind: Kind
    ref: Ref | None = None
    key: str | None = None


def encode(kind: Kind, ref: Ref) -> str:
    """The global id of the thing that a record is about."""
    return _encode([kind.value, ref.source, ref.resource, ref.id, *([ref.parent] if ref.parent is not None else [])])


def encode_key(kind: Kind, key: str) -> str:
    """The global id of a thing that is known by its key alone."""
    return _encode([kind.value, key])


def _encode(parts: list[str]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(parts)).decode().rstrip("=")


def decode(given: str) -> NodeId:
    """What an id names; raises InputError for anything that is no id of ours."""
    try:
        parts = orjson.loads(base64.b64decode(given + "=" * (-len(given) % 4), altchars=b"-_", validate=True))
        kind, *rest = [str(part) for part in parts] if isinstance(parts, list) else []
        if len(rest) == 1 and kind in _BY_KEY:
            return NodeId(Kind(kind), key=rest[0])
        source, resource, ident, *parent = rest
        if len(parent) > 1 or not ident:
            raise ValueError
        return NodeId(Kind(kind), Ref(source, resource, ident, parent[0] if parent else None))
    except (binascii.Error, ValueError, UnicodeError, RecursionError):
        raise never_given(given) from None


def never_given(given: str) -> InputError:
    """The error for what is no id of ours."""
    shown = given if len(given) <= 80 else f"{given[:77]}…"
    return InputError(f"`{shown}` {_WRONG}")
