"""The words of `replica`: our stored copy of what the CRMs hold, and what they come to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema

from crmgraph.config.section import Section
from crmgraph.connectors.rates import seconds_in
from crmgraph.connectors.trees import Keys, Mistake, Node
from crmgraph.service.replica import Replicating


def _span(text: str) -> str:
    if not text[:1].isdigit() or not seconds_in(text):
        raise ValueError(f"`{text}` is no time; write a number and s, m, h or d, like `900s` or `30d`.")
    return text


Span = Annotated[
    str, AfterValidator(_span), WithJsonSchema({"type": "string", "pattern": r"^\d+[smhd]$", "examples": ["900s"]})
]


class ReplicaSection(Section):
    """Our stored copy of what the CRMs hold."""

    sync: bool = Field(
        default=False, description="Whether the server keeps it true; `crmgraph sync` reads into it in any case."
    )
    every: Span = Field(default="15m", description="How long after a reading the next one begins.")
    encrypt: bool = Field(
        default=False, description="Whether what it holds is sealed under the first key of `vault`, at rest."
    )
    keep: Span = Field(
        default="30d", description="How long it is remembered of a record that it is gone, without what it said."
    )


@dataclass(frozen=True, slots=True)
class ReplicaSettings:
    """Whether and how often (seconds) the server syncs, and how the replica is kept."""

    sync: bool = False
    every: float = 900.0
    how: Replicating = field(default_factory=Replicating)


def replica(section: ReplicaSection, region: str) -> ReplicaSettings:
    """The settings of a section without mistakes."""
    how = Replicating(region, section.encrypt, seconds_in(section.keep) or 0.0)
    return ReplicaSettings(section.sync, seconds_in(section.every) or 0.0, how)


def keyless(root: Node, keys: Mapping[str, bytes]) -> Iterator[Mistake]:
    """An encrypted replica needs a key."""
    section = root.nodes.get("replica") if isinstance(root, Keys) else None
    encrypt = section.nodes.get("encrypt") if isinstance(section, Keys) else None
    if not keys and encrypt is not None and getattr(encrypt, "data", None) is True:
        yield encrypt.place.mistake(
            "An encrypted replica needs a key to be sealed under; give one: `vault: {keys: ${CRMGRAPH_VAULT_KEYS}}`."
        )
