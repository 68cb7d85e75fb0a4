"""From an endpoint and what the call is about to the frozen call."""

from collections.abc import Mapping
from typing import Any

import orjson

from crmgraph.connectors.exchange import Call, Site, Terms
from crmgraph.connectors.spec import Called
from crmgraph.connectors.templates import as_text, fill, fill_path, slots_in


def build(
    endpoint: Called,
    site: Site,
    headers: Mapping[str, str],
    slots: Mapping[str, Any],
    extra: Mapping[str, Any] | None = None,
    terms: Terms | None = None,
) -> Call:
    """The call to `endpoint`; `extra` goes where this method carries its parameters: a GET's query, a POST's body.

    What the endpoint fills from a setting stands, whatever `extra` says: it names the account.
    """
    known = {**slots, **site.settings}
    method, _, path = endpoint.call.partition(" ")
    query, body = fill(endpoint.query, known), fill(endpoint.body, known)
    if extra and method == "GET":
        query = {**query, **extra, **fill(_of_account(endpoint.query, site), known)}
    elif extra:
        body = merge(merge(body or {}, extra), fill(_of_account(endpoint.body or {}, site), known))
    return Call(
        source=site.source,
        scope=site.scope,
        method=method,
        path=fill_path(path, known),
        query=tuple(pairs(query)),
        headers=tuple(sorted(fill({**headers, **endpoint.headers}, known).items())),
        body=None if body is None else orjson.dumps(body, option=orjson.OPT_SORT_KEYS),
        terms=terms,
        endpoint=endpoint.call,
    )


def _of_account(template: Mapping[str, Any], site: Site) -> dict[str, Any]:
    return {key: value for key, value in template.items() if not slots_in(value).isdisjoint(site.settings)}


def pairs(query: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Query parameters in a stable order; a list repeats its name."""
    return [
        (name, as_text(one))
        for name, value in query.items()
        for one in (value if isinstance(value, list | tuple) else [value])
    ]


def merge(base: Mapping[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    """`extra` laid over `base`, objects inside objects merged too."""
    merged = dict(base)
    for key, value in extra.items():
        before = merged.get(key)
        merged[key] = merge(before, value) if isinstance(before, dict) and isinstance(value, dict) else value
    return merged
