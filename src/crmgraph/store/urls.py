"""The URL of a store, as far as it can be judged without the library of databases."""

from pathlib import Path

from crmgraph.domain.errors import ConfigError

_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}


def driver_of(url: str) -> str:
    """The driver that we use for it; raises ConfigError, without repeating a password."""
    name, separator, _ = url.partition("://")
    if not separator or not name.replace("+", "").isalnum():
        raise no_url()
    if name not in _DRIVERS:
        raise ConfigError(f"The store's URL names `{name}`; `sqlite` and `postgresql` are what can be used.")
    return _DRIVERS[name]


def is_new(url: str) -> bool:
    """Whether the store is a file that does not exist yet."""
    _, separator, path = url.partition(":///")
    return url.startswith("sqlite") and bool(separator) and not Path(path).exists()


def no_url() -> ConfigError:
    """The error for a text that is no URL at all."""
    return ConfigError(
        "The store's URL is no URL; `sqlite:///crmgraph.db` or `postgresql://USER@HOST/DATABASE` would be."
    )
