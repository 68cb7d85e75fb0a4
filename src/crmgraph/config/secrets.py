"""Every secret of a configuration: what must appear in nothing that is told."""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from crmgraph.config.settings import Settings, SourceSettings


def secrets_of(settings: Settings) -> tuple[str, ...]:
    """The secrets, each once; of an address that holds a password, the password too."""
    return tuple(dict.fromkeys(text for text in _found(settings) if text))


def _found(value: Any) -> Iterator[str]:
    if isinstance(value, SecretStr):
        yield from _parts(value.get_secret_value())
    elif isinstance(value, SourceSettings):
        asked = value.connector.settings
        yield from (text for name, text in value.settings.items() if name in asked and asked[name].secret)
    elif isinstance(value, bytes):
        yield from (base64.b64encode(value).decode(), value.hex())
    elif isinstance(value, Mapping | tuple | list):
        for one in value.values() if isinstance(value, Mapping) else value:
            yield from _found(one)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _found(getattr(value, field.name))


def _parts(secret: str) -> Iterator[str]:
    """An address is no secret as a whole: the store's, for one, is the path of a file."""
    if "://" not in secret:
        yield secret
    elif (password := urlsplit(secret).password) is not None:
        yield from (password, unquote(password))
