"""Links of a record by calls of their own: which are there, and what attaching, detaching or syncing them sends."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from crmgraph.connectors.definition import Resource
from crmgraph.connectors.exchange import Flow
from crmgraph.connectors.flows import Reader
from crmgraph.connectors.lines import parse_line, put_through
from crmgraph.connectors.paths import compile_path, put_path
from crmgraph.connectors.planning import Plan, Step
from crmgraph.connectors.refusals import Refused
from crmgraph.connectors.spec import Linked, LinkWrites, Write
from crmgraph.connectors.values import as_json
from crmgraph.domain.articles import with_article
from crmgraph.domain.errors import Unsupported
from crmgraph.domain.model import FIELDS, FieldType, Kind
from crmgraph.domain.records import Tables

Verb = Literal["attach", "detach", "sync"]
Links = Mapping[Kind, Sequence[str]]
Held = Mapping[Kind, frozenset[str]]

_PAGES = 100


def associated(
    reader: Reader, tables: Tables, resource: Resource, ident: str, verb: Verb, links: Links, parent: str | None
) -> Flow[Plan]:
    """Read what the record is linked with and tell what changing that would send; nothing where nothing changes.

    `links` are the ids by kind. A sync leaves kinds alone that are not named, and empties one that is named without
    ids. Raises Unsupported for a kind that the CRM does not link with, or where it cannot sync.
    """
    source = reader.site.source
    spec, endpoint = _offered(source, resource, verb, links)
    before = yield from reader.get(resource, ident, parent)
    if before is None:
        raise Refused(source, f"{source} has no {resource.name} `{ident}` that could be linked.")
    held = yield from _held(reader, resource, ident, before, _looked_at(spec, verb, links))
    wanted = {kind: changed(verb, held[kind], ids) for kind, ids in links.items()}
    body = _body(spec, verb, held, wanted, tables)
    steps = (Step(endpoint, {}, body, tuple(str(kind) for kind in links)),) if body else ()
    shown = {at: wanted[kind] for kind in wanted if (at := spec.links[kind].held) is not None}
    return Plan(resource, steps, {}, ident, parent, before, links=shown)


def changed(verb: Verb, held: frozenset[str], ids: Sequence[str]) -> frozenset[str]:
    """The ids that are linked afterwards."""
    if verb == "sync":
        return frozenset(ids)
    return held | frozenset(ids) if verb == "attach" else held - frozenset(ids)


def otherwise_linked(plan: Plan, after: Any) -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    """Our fields whose links are not those that the plan would make, with the ids that were to be there and those that
    are; none where the record could not be read.
    """
    held = {path: frozenset(_ids(path, after)) for path in plan.links} if after is not None else {}
    return {
        _field(plan.resource, path): (plan.links[path], there)
        for path, there in held.items()
        if there != plan.links[path]
    }


def _offered(source: str, resource: Resource, verb: Verb, links: Links) -> tuple[LinkWrites, Write]:
    spec = resource.spec.associate
    endpoint: Write | None = getattr(spec, verb, None)
    if spec is None or endpoint is None:
        raise Unsupported(f"{source} cannot {verb} the links of {with_article(resource.name)}.", source)
    for kind in links:
        if kind not in spec.links:
            ours, theirs, known = with_article(resource.name), with_article(kind), ", ".join(spec.links)
            raise Unsupported(f"{source} does not link {ours} with {theirs}, only with {known}.", source)
    return spec, endpoint


def _looked_at(spec: LinkWrites, verb: Verb, links: Links) -> Mapping[Kind, Linked]:
    """The kinds whose links must be known: those asked about, for a sync also those that share a key with one."""
    keys = {spec.links[kind].key for kind in links} if verb == "sync" else set()
    return {kind: linked for kind, linked in spec.links.items() if kind in links or linked.key in keys}


def _held(
    reader: Reader, resource: Resource, ident: str, before: Any, looked_at: Mapping[Kind, Linked]
) -> Flow[dict[Kind, frozenset[str]]]:
    """What the record is linked with, as it shows itself or as the lists of the others tell."""
    found: dict[Kind, frozenset[str]] = {}
    for kind, linked in looked_at.items():
        if linked.of is None:
            found[kind] = frozenset(_ids(linked.held or "", before))
        else:
            found[kind] = yield from _listed(reader, reader.definition.resources[linked.of], resource.kind, ident)
    return found


def _listed(reader: Reader, other: Resource, kind: Kind, ident: str) -> Flow[frozenset[str]]:
    """The ids of those of another resource that hang on the record."""
    page = yield from reader.of(other, kind, [ident], _PAGES)
    if page.next is not None:
        said = f"{reader.site.source} lists more of `{other.name}` for this {kind} than can be looked through."
        raise Unsupported(said, reader.site.source)
    return frozenset(str(other.ident(one, {})) for one in page.items if other.belongs(one))


def _ids(path: str, raw: Any) -> Iterator[str]:
    yield from (str(one) for one in compile_path(path)(raw) or ())


def _body(spec: LinkWrites, verb: Verb, held: Held, wanted: Held, tables: Tables) -> dict[str, Any]:
    """The CRM's key → ids: those that change, or for a sync all that shall stand under a key that changes."""
    changing = {kind for kind in wanted if wanted[kind] != held[kind]}
    sent: dict[str, set[str]] = {spec.links[kind].key: set() for kind in sorted(changing)}
    for kind in held if verb == "sync" else changing:
        if (key := spec.links[kind].key) in sent:
            sent[key] |= wanted.get(kind, held[kind]) if verb == "sync" else wanted[kind] ^ held[kind]
    body: dict[str, Any] = {}
    for key, ids in sent.items():
        line = parse_line(key)
        put_path(body, line.path, [as_json(put_through(one, line.steps, tables)) for one in sorted(ids)])
    return body


def _field(resource: Resource, path: str) -> str:
    """Our field that shows these links: the one that holds several where there is one, else the CRM's own key."""
    top = path.split(".")[0]
    named = [name for name, lens in resource.lenses.items() if top in (lens.reads or ())]
    several = [name for name in named if FIELDS[resource.kind][name].type is FieldType.LINKS]
    return next(iter([*several, *named]), top)
