"""Whether what is written otherwise can be: a set as a whole, an import, a text that is added to, a field apart."""

from collections.abc import Iterator

from crmgraph.connectors.shapes import Path, unknown
from crmgraph.connectors.spec import ResourceSpec


def whole_findings(at: Path, resource: ResourceSpec) -> Iterator[tuple[Path, str]]:
    """What is wrong with the `replace`, `import`, `append`, `complete` and `apart` of one resource."""
    for name, one in (("replace", resource.replace), ("import", resource.imports)):
        if one is not None and one.into is None:
            yield (*at, name), "Say by `into` where in the body the list of records goes."
    if resource.replace is not None and (resource.list is None or "name" not in resource.fields):
        yield (*at, "replace"), "A set is read before it is written, by name: the resource needs `list` and `name`."
    for field in resource.imports.omits if resource.imports is not None else ():
        if field not in resource.fields:
            yield (*at, "import", "omits"), unknown(field, resource.fields)
    if resource.append is not None and resource.append not in resource.fields:
        yield (*at, "append"), unknown(resource.append, resource.fields)
    for name, one in resource.apart.items():
        if name not in resource.fields:
            yield (*at, "apart", name), unknown(name, resource.fields)
        if one.into is None:
            yield (*at, "apart", name), "Say by `into` where in the body the value goes."
    for name, given in (("append", resource.append), ("complete", resource.complete)):
        if given is not None and resource.update is None:
            yield (*at, name), "This goes by `update`, or beside it; the resource needs one."
    if resource.append is not None and resource.create is not None:
        yield (*at, "append"), "A new record is either made by `create` or added by `append`; keep one."
