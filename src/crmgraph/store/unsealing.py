"""What lies sealed, opened to see whether it tells of somebody. What does not open, nobody can read; it is counted."""

from crmgraph.domain.errors import ConfigError
from crmgraph.store.events import Sealing


class Unsealing:
    """Opens what the vault has a key for; `shut` is how much it had none for."""

    def __init__(self, vault: Sealing) -> None:
        self.vault = vault
        self.shut = 0

    def plain(self, sealed: bool, payload: bytes, spot: tuple[str, ...]) -> bytes | str | None:
        """What was written there; None where it does not open."""
        if not sealed:
            return payload
        try:
            return self.vault.open(payload, spot)
        except ConfigError:
            self.shut += 1
            return None
