"""Values to JSON bytes: orjson for nearly all of them, the standard library for what orjson refuses.

CRMs hold numbers beyond 64 bits, halves of emoji and maps keyed by number; an answer must not fail for them.
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from math import isfinite
from typing import Any

import orjson


def to_json(value: Any) -> bytes:
    """UTF-8 JSON. Decimals become strings, NaN and infinities null, lone surrogates U+FFFD. An `orjson.Fragment` is
    JSON already and stays as it is.

    Raises `TypeError` for a type that JSON has no word for.
    """
    try:
        return orjson.dumps(value, default=_decimal)
    except orjson.JSONEncodeError:
        return json.dumps(_mended(value), ensure_ascii=False, separators=(",", ":")).encode()


def _decimal(value: Any) -> str:
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError


def _mended(value: Any) -> Any:
    """The same value in the standard library's shapes."""
    match value:
        case str():
            return _whole(value)
        case None | bool() | int():
            return value
        case float():
            return value if isfinite(value) else None
        case Mapping():
            return {_whole(str(key)): _mended(each) for key, each in value.items()}
        case list() | tuple():
            return [_mended(each) for each in value]
        case _:
            return json.loads(orjson.dumps(value, default=_decimal))


def _whole(text: str) -> str:
    """Joins the halves of a character that came apart; a half without its other becomes U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
