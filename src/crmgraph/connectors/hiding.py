"""A definition without some fields: they are not read, not looked up by, not filtered and not sorted by.

Writing is left as it is: what a CRM wants whole is still put together whole.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

from crmgraph.connectors.at_once import filler
from crmgraph.connectors.definition import Definition, Resource
from crmgraph.connectors.spec import Listing, ResourceSpec
from crmgraph.domain.model import Kind
from crmgraph.domain.records import Getter, Tables

IsHidden = Callable[[Collection[str], str], bool]
"""From the hidden fields and a CRM's own key of a custom field to whether that one is hidden."""

_CUSTOM = "customFields"
_SORTS = {"emails": "email", "phones": "phone"}
"""The fields that people are looked up by."""


def without(definition: Definition, hidden: Mapping[Kind, frozenset[str]], is_hidden: IsHidden) -> Definition:
    """The definition without these fields of these kinds; `customFields.KEY` is one custom field."""
    resources = {
        name: _without(one, hidden[one.kind], is_hidden) if hidden.get(one.kind) else one
        for name, one in definition.resources.items()
    }
    return replace(definition, resources=resources)


def _without(resource: Resource, hidden: frozenset[str], is_hidden: IsHidden) -> Resource:
    getters = {name: get for name, get in resource.getters.items() if name not in hidden}
    some_keys = any(name.startswith(f"{_CUSTOM}.") for name in hidden)
    if some_keys and _CUSTOM in getters:
        getters[_CUSTOM] = _fewer(getters[_CUSTOM], hidden, is_hidden)
    left = set(getters) - ({_CUSTOM} if some_keys else set())
    forms = {name: lens.form for name, lens in resource.lenses.items() if name in left and lens.form is not None}
    return replace(resource, getters=getters, filler=filler(forms), spec=_unasked(resource.spec, hidden))


def _fewer(get: Getter, hidden: frozenset[str], is_hidden: IsHidden) -> Getter:
    def read(raw: Any, tables: Tables) -> Any:
        return tuple(one for one in get(raw, tables) or () if not is_hidden(hidden, one.key)) or None

    return read


def _unasked(spec: ResourceSpec, hidden: frozenset[str]) -> ResourceSpec:
    """What it can be asked, without what tells of a hidden field."""
    sorts = {sort for field, sort in _SORTS.items() if field in hidden}
    return spec.model_copy(
        update={
            "list": _listing(spec.list, hidden),
            "search": _listing(spec.search, hidden),
            "find": {sort: how for sort, how in spec.find.items() if sort not in sorts},
            "certain": {sort: how for sort, how in spec.certain.items() if sort not in sorts},
        }
    )


def _listing(listing: Listing | None, hidden: frozenset[str]) -> Listing | None:
    if listing is None:
        return None
    known = listing.filter
    fields = {} if known is None else {name: one for name, one in known.fields.items() if name not in hidden}
    natural = listing.natural if listing.natural is None or listing.natural.split()[0] not in hidden else None
    return listing.model_copy(
        update={
            # A CRM's free text looks into every field, the hidden ones among them.
            "text": None,
            "filter": None if known is None else known.model_copy(update={"fields": fields}),
            "order": {name: one for name, one in listing.order.items() if name not in hidden},
            "natural": natural,
        }
    )
