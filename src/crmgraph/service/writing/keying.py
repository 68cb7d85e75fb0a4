"""Custom fields under each source's own keys."""

from collections.abc import Mapping, Sequence
from typing import Any

from crmgraph.domain.model import Custom
from crmgraph.service.custom import CustomFields


def keyed(fields: CustomFields, source: str, values: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The values with custom fields under the source's own keys, and those that it has no key for."""
    customs: Sequence[Custom] = values.get("customFields") or ()
    theirs = {one.key: fields.theirs(source, one.key) for one in customs}
    kept = tuple(Custom(key, one.value) for one in customs if (key := theirs[one.key]) is not None)
    rest = {name: value for name, value in values.items() if name != "customFields"}
    ignored = tuple(f"customFields.{key}" for key, their in theirs.items() if their is None)
    return ({**rest, "customFields": kept} if kept else rest), ignored
