"""What the operator decided, checked and frozen: what the composition builds from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr

from crmgraph.config.documents import DocumentsSettings
from crmgraph.config.rates import RatesSettings
from crmgraph.config.replica import ReplicaSettings
from crmgraph.config.telemetry import TelemetrySettings
from crmgraph.connectors.definition import Definition
from crmgraph.connectors.rates import Rate
from crmgraph.domain.survivorship.rules import Rules
from crmgraph.domain.weights import Weights
from crmgraph.service.admission import Room
from crmgraph.service.callers import Role
from crmgraph.service.cross_rules import CrossRule
from crmgraph.service.limits import Limits
from crmgraph.sources.breaker import BreakerRule


class Sealed(Mapping[str, str]):
    """Texts by name, some of them secret: readable one by one, hidden wherever the whole is printed."""

    __slots__ = ("_texts",)

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = dict(texts)

    def __getitem__(self, name: str) -> str:
        return self._texts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)

    def __repr__(self) -> str:
        return f"Sealed({', '.join(self._texts)})"


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """One configured account. None, or no rate, leaves a limit to the definition.

    `timeout` is seconds for an attempt of a call, `connect` those for a connection, `total` for all `attempts` (None:
    what is usual); `queue` is how many calls may wait. `per_caller` is `optional` or `required` where callers bring a
    credential of their own.
    """

    name: str
    connector: Definition
    base_url: str
    settings: Sealed
    rates: tuple[Rate, ...]
    concurrency: int | None
    timeout: float
    connect: float
    total: float | None
    attempts: int
    queue: int
    breaker: BreakerRule
    allow_private: bool
    per_caller: str | None = None
    duplicate_free: bool = False


@dataclass(frozen=True, slots=True)
class IdentitySettings:
    """How records are joined, `line` how surely; `index` is whether the people found are remembered, up to
    `index_limit` records. `weights` are the shipped ones where None.
    """

    default_region: str
    index: bool
    index_limit: int
    max_shared: int
    line: str = "balanced"
    weights: Weights | None = None


@dataclass(frozen=True, slots=True)
class CustomFieldSettings:
    """One custom field of ours: `type` in the graph's words, `sources` from a source's name to its own key."""

    key: str
    type: str
    label: str | None
    sources: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """How we serve. `deadline` is seconds an operation; the budgets bound one page: calls a source, records read.

    `batch` is the most operations of one request. Told to stop, a process says so for `notice` seconds and then has
    `within` seconds for its last answers.
    """

    host: str
    port: int
    workers: int
    deadline: float
    cursor_key: SecretStr | None
    page_budget: int
    scan_budget: int
    console: bool
    room: Room
    get: bool
    batch: int
    cors: tuple[str, ...]
    notice: float
    within: float


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """Where our own state is kept, as a URL; it may hold a password. `keys` seal what is secret there, the first what
    is new.
    """

    url: SecretStr
    keys: Mapping[str, bytes] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class KeySettings:
    """An API key that stands in the configuration, and the name of its role."""

    name: str
    key: SecretStr
    role: str


@dataclass(frozen=True, slots=True)
class JwtSettings:
    """Whose tokens are taken; `roles` leads from a word of the claim to a role's name."""

    issuer: str
    audience: str
    jwks_url: str
    algorithms: tuple[str, ...]
    claim: str
    roles: Mapping[str, str]
    allow_private: bool


@dataclass(frozen=True, slots=True)
class AuthSettings:
    """How callers prove who they are; with a pepper, by the store's keys too."""

    pepper: SecretStr | None
    keys: tuple[KeySettings, ...]
    jwt: JwtSettings | None


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole configuration; `sources` in order of trust, most trusted first.

    `production` takes the schema's introspection from callers who are not said to need it. Without `auth` callers are
    not told apart; `roles` are by name, in their order, and hold `admin` last.
    """

    sources: tuple[SourceSettings, ...]
    identity: IdentitySettings
    survivorship: Rules
    custom_fields: tuple[CustomFieldSettings, ...]
    rules: tuple[CrossRule, ...]
    server: ServerSettings
    store: StoreSettings
    telemetry: TelemetrySettings
    rates: RatesSettings
    path: Path
    replica: ReplicaSettings = field(default_factory=ReplicaSettings)
    production: bool = False
    limits: Limits = field(default_factory=Limits)
    documents: DocumentsSettings = field(default_factory=DocumentsSettings)
    auth: AuthSettings | None = None
    roles: Mapping[str, Role] = field(default_factory=dict)
