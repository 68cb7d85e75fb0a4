"""A definition ready for use: every field compiled to a lens, every resource with its kind."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from crmgraph.connectors.at_once import filler
from crmgraph.connectors.mapping import Lens, Reader, belongs, reader
from crmgraph.connectors.paths import compile_path
from crmgraph.connectors.spec import Called, DefinitionSpec, Endpoint, Listing, Many, Paths, ReplySpec, ResourceSpec
from crmgraph.connectors.transforms import Unreadable
from crmgraph.connectors.vocabularies import Vocabulary
from crmgraph.domain.errors import BadReply
from crmgraph.domain.model import Kind
from crmgraph.domain.records import Filler, Getter, Record, Ref, Tables


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing a source of this connector is told."""

    description: str
    required: bool
    secret: bool
    default: str | None


@dataclass(frozen=True, slots=True)
class Resource:
    """What a connector offers for one kind, compiled."""

    name: str
    kind: Kind
    spec: ResourceSpec
    lenses: Mapping[str, Lens]
    getters: Mapping[str, Getter]
    ident: Reader
    parent: Reader | None
    belongs: Callable[[Any], bool]
    looking: Mapping[str, frozenset[str]]
    """The fields that look into vocabularies → which ones."""
    filler: Filler

    @property
    def listings(self) -> tuple[Listing, ...]:
        """The lists it has, the plain one first."""
        return tuple(one for one in (self.spec.list, self.spec.search) if one is not None)

    def tables_for(self, fields: Collection[str]) -> frozenset[str]:
        """The vocabularies that must be at hand before `fields` are read."""
        return frozenset[str]().union(*(tables for field, tables in self.looking.items() if field in fields))

    def record(
        self,
        raw: Any,
        source: str,
        tables: Tables,
        fetched_at: datetime,
        unread: frozenset[str] = frozenset(),
        parent: str | None = None,
    ) -> Record:
        """The record of one raw item; raises BadReply when it has no id."""
        ident = self.ident(raw, tables)
        if ident is None or isinstance(ident, dict | list) or ident == "":
            raise BadReply(
                source,
                f"{source} answered a {self.name} without an id where its definition has one, at `{self.spec.id}`.",
            )
        if self.parent is not None and (found := self.parent(raw, tables)) is not None:
            parent = str(found)
        ref = Ref(source, self.name, str(ident), parent)
        return Record(ref, self.kind, raw, self.getters, tables, fetched_at, unread, self.filler)


def _careful(line: str) -> Reader:
    """The line's reader; what its transforms cannot make sense of is not there."""
    inner = reader(line)

    def read(raw: Any, tables: Tables) -> Any:
        try:
            return inner(raw, tables)
        except Unreadable:
            return None

    return read


@dataclass(frozen=True, slots=True)
class Definition:
    """A connector: the CRM product, without credentials."""

    spec: DefinitionSpec
    settings: Mapping[str, Setting]
    resources: Mapping[str, Resource]
    tables: Mapping[str, Vocabulary]
    _by_kind: Mapping[Kind, tuple[Resource, ...]] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        kinds = dict.fromkeys(one.kind for one in self.resources.values())
        found = {kind: tuple(one for one in self.resources.values() if one.kind is kind) for kind in kinds}
        object.__setattr__(self, "_by_kind", found)

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def title(self) -> str:
        return self.spec.title

    @property
    def base_url(self) -> str | None:
        return self.spec.base_url

    def of_kind(self, kind: Kind) -> tuple[Resource, ...]:
        """The resources that give records of `kind`."""
        return self._by_kind.get(kind, ())

    def fitted(self, settings: Collection[str]) -> "Definition":
        """As it is for an account with these settings: a look-up that needs another one is not there."""
        return replace(self, resources={name: _fitted(one, settings) for name, one in self.resources.items()})

    def reply_for(self, endpoint: Called) -> ReplySpec:
        """How this endpoint's replies are judged."""
        return endpoint.reply or self.spec.reply

    def probe(self) -> Endpoint | None:
        """One cheap authenticated read."""
        if self.spec.probe is not None:
            return self.spec.probe
        return next((lists[0] for one in self.resources.values() if (lists := one.listings)), None)


def _fitted(resource: Resource, settings: Collection[str]) -> Resource:
    spec = resource.spec
    ways = {"list": spec.list, "search": spec.search, "get_many": spec.get_many}
    lacking = {
        name: None
        for name, one in ways.items()
        if isinstance(one, Listing | Many) and not set(one.needs) <= set(settings)
    }
    return replace(resource, spec=spec.model_copy(update=lacking)) if lacking else resource


def compiled_resource(name: str, spec: ResourceSpec, lenses: Mapping[str, Lens]) -> Resource:
    """A resource from its spec and its compiled fields."""
    return Resource(
        name=name,
        kind=spec.kind or Kind(name),
        spec=spec,
        lenses=lenses,
        getters={field: lens.get for field, lens in lenses.items()},
        ident=_careful(spec.id),
        parent=_careful(spec.parent) if spec.parent else None,
        belongs=belongs(spec.only),
        looking={field: lens.tables for field, lens in lenses.items() if lens.tables},
        filler=filler({field: lens.form for field, lens in lenses.items() if lens.form is not None}),
    )


def items_at(paths: Paths | None, body: Any) -> Any:
    """What stands at the first of `paths` that is there; the empty path is the body itself."""
    found = (compile_path(path)(body) for path in ([paths] if isinstance(paths, str) else paths or [""]))
    return next((one for one in found if one is not None), None)


def list_at(paths: Paths | None, body: Any) -> list[Any] | None:
    """The first list that stands at one of `paths`, None where none does."""
    found = (compile_path(path)(body) for path in ([paths] if isinstance(paths, str) else paths or [""]))
    return next((one for one in found if isinstance(one, list)), None)
