"""From the bytes of a request to a `Question`: every shape checked, every wrong one named."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import orjson

from crmgraph.web.graph import Question
from crmgraph.web.refusal import Refused


def from_body(body: bytes, batch: int = 0) -> Question | list[Question]:
    """The question in a POST's body: one JSON object, or where `batch` allows a list of so many. Refused with 400."""
    if not body:
        raise _bad('The body is empty; send a JSON object such as {"query": "{ __typename }"}.')
    value = _loaded(body, "The body")
    if batch and isinstance(value, list):
        return _several(value, batch)
    if not isinstance(value, dict):
        raise _bad(f"The body must be one JSON object, but it is {_a(value)}.")
    return _question(value)


def from_query_string(query_string: bytes) -> Question:
    """The question in a GET's URL; `variables` and `extensions` are JSON. Refused with 400."""
    try:
        # Every pair is decoded here, so one that is no UTF-8 cannot slip through as replacement characters.
        pairs = dict(parse_qsl(query_string.decode("ascii"), errors="strict", max_num_fields=100))
    except (ValueError, UnicodeDecodeError):
        raise _bad("The URL's query string must hold at most 100 parameters, percent-encoded as UTF-8.") from None
    maps = {
        name: _loaded(pairs[name], f"The parameter `{name}`") for name in ("variables", "extensions") if name in pairs
    }
    return _question(pairs | maps)


def _several(values: list[Any], most: int) -> list[Question]:
    if not 0 < len(values) <= most:
        raise _bad(f"The array must hold between 1 and {most} operations, but it holds {len(values)}.")
    if strange := [value for value in values if not isinstance(value, dict)]:
        raise _bad(f"Each operation of the array must be a JSON object, but one is {_a(strange[0])}.")
    return [_question(value) for value in values]


def _question(parameters: Mapping[str, Any]) -> Question:
    query, ident = _text(parameters, "query"), _text(parameters, "documentId")
    extensions = _map(parameters, "extensions")
    if query is None and ident is None and (extensions or {}).get("persistedQuery") is None:
        raise _bad("The parameter `query` is missing; it must hold the GraphQL document as a string.")
    if query is not None and ident is not None:
        raise _bad("Only one of the parameters `query` and `documentId` can say what is asked; leave the other out.")
    variables, name = _map(parameters, "variables"), _text(parameters, "operationName")
    return Question(query, variables, name, extensions, ident)


def _text(parameters: Mapping[str, Any], name: str) -> str | None:
    value = parameters.get(name)
    if value is None or isinstance(value, str):
        return value
    raise _bad(f"The parameter `{name}` must be a string, but it is {_a(value)}.")


def _map(parameters: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    value = parameters.get(name)
    if value is None or isinstance(value, dict):
        return value
    raise _bad(f"The parameter `{name}` must be a JSON object, but it is {_a(value)}.")


def _loaded(text: bytes | str, where: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _bad(f"{where} is not valid JSON in UTF-8: {error}.") from None


def _a(value: Any) -> str:
    """How a JSON value is called in a sentence."""
    match value:
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "an array"
        case dict():
            return "an object"
    return "null"


def _bad(message: str) -> Refused:
    return Refused(400, message)
