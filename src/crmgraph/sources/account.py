"""One CRM account as the composition hands it over: which CRM, where it lives, who we are there."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from crmgraph.connectors.assembly import settings_of
from crmgraph.connectors.definition import Definition
from crmgraph.connectors.rates import Rate
from crmgraph.sources.breaker import USUAL, BreakerRule
from crmgraph.sources.transport import CONNECT


@dataclass(frozen=True, slots=True)
class Account:
    """What a source is built from.

    `settings` and `secrets` together are what the operator told; secrets are revealed here and never printed. Without
    `rates`, or where `concurrency` is None, the definition's own limit holds. `timeout` is seconds for one attempt of a
    call, `connect` those of them for a connection, `total` seconds for a call that reads with all its `attempts` (None:
    three times `timeout`); so many calls as `queue` says may wait for their turn.
    """

    name: str
    definition: Definition
    base_url: str
    settings: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    rates: tuple[Rate, ...] = ()
    concurrency: int | None = None
    timeout: float = 10.0
    connect: float = CONNECT
    total: float | None = None
    attempts: int = 3
    queue: int = 100
    breaker: BreakerRule = USUAL
    allow_private: bool = False

    def texts(self) -> dict[str, str]:
        """Everything told, secrets included, with the definition's defaults: only for what proves who is calling."""
        return settings_of(self.definition, {**self.settings, **self.secrets})

    def public(self) -> dict[str, str]:
        """Everything told that is no secret, and the source's own name as `source`."""
        known = self.definition.settings
        hidden = {name for name, one in known.items() if one.secret} | set(self.secrets)
        return {name: text for name, text in self.texts().items() if name not in hidden} | {"source": self.name}
