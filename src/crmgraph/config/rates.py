"""How the CRMs' rates are shared between processes: the words of the section, and what they come to."""

import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from crmgraph.config.section import Section

_URL = re.compile(r"(redis|rediss|valkey|valkeys)://[^\s/]+(/\d*)?")


def _url(text: str) -> str:
    if not _URL.fullmatch(text):
        raise ValueError("`url` should be `redis://HOST:PORT`, or `rediss://…` over TLS; `valkey://` is the same.")
    return text


class RatesSection(Section):
    """How the CRMs' rates are shared between the processes that ask them."""

    url: Annotated[str, AfterValidator(_url)] | None = Field(
        default=None,
        description="Redis or Valkey, `redis://HOST:PORT`; without it, where our own state is kept, when several"
        " workers answer.",
    )
    reserve: float = Field(
        default=0.2, ge=0, lt=1, description="The part of every rate that reports leave to people and writes."
    )


@dataclass(frozen=True, slots=True)
class RatesSettings:
    """Where rates are shared, as a URL that may hold a password; None: in the store."""

    url: SecretStr | None = None
    reserve: float = 0.2


def rates(section: RatesSection) -> RatesSettings:
    """The settings of a section without mistakes."""
    return RatesSettings(None if section.url is None else SecretStr(section.url), section.reserve)
