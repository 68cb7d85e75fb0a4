"""The words of `vault`: the keys that secrets are sealed under in the store."""

from pydantic import Field

from crmgraph.config.section import Section
from crmgraph.connectors.definition import Setting

VAULT_ASKS = {
    "keys": Setting("The keys of secrets in the store, as NAME:KEY.", required=False, secret=True, default=None),
}


class VaultSection(Section):
    """What keeps secrets secret in the store."""

    keys: str | None = Field(
        default=None,
        description="The keys as ${VAR}: NAME:KEY, several with blanks between them. The first one seals, all open.",
    )
    keys_file: str | None = Field(default=None, description="The file that holds `keys`, a line for each.")
