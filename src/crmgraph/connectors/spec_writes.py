"""What a definition says about writes: the call that changes something, what it must be told and what it answers."""

from typing import Literal

from pydantic import Field

from crmgraph.connectors.spec_endpoints import Called
from crmgraph.connectors.spec_words import Path, Paths, Strict
from crmgraph.domain.model import Kind


class Write(Called):
    """One method and path that changes something; `body` is what goes along beside the record's own keys."""

    into: Path | None = Field(None, description="Where in the body the record, or the one value, goes; none: its top.")
    item: Paths = Field("", description="create: where the reply has the record, or its id alone.")
    returns: Literal["record", "id"] = Field("record", description="create: what stands at `item`.")
    required: list[str | list[str]] = Field(
        [],
        description=(
            "Our fields that it does not work without; of a list, one. An update sends them along as the record has"
            " them."
        ),
    )
    constants: dict[str, str] = Field(
        {}, description="The CRM's key → a word that the transforms after it write: `Task | table types`."
    )
    repeats: list[str] = Field([], description="update: the CRM's own keys that go along as the record has them.")
    unsure: list[int] = Field(
        [], description="create: HTTP statuses that refuse, after which the record may have been made all the same."
    )
    merge: bool = Field(False, description="update: absent keys would be emptied, so the record is sent whole.")
    settle: float = Field(0, ge=0, description="Seconds until lists and searches show it; by id it shows at once.")


class TagWrites(Strict):
    """Tags that have calls of their own: {tags} for many a call, or {tag} for one."""

    add: Write = Field(description="Puts tags on.")
    remove: Write = Field(description="Takes tags off.")


class Linked(Strict):
    """How the links of one record to those of one kind are written, and where it is told which it has."""

    key: Path = Field(description="The CRM's key for their ids; transforms may follow: `deals | number`.")
    held: Path | None = Field(None, description="Where the record has the ids of those it is linked with.")
    of: str | None = Field(None, description="Or the resource whose `of` lists them.")


class LinkWrites(Strict):
    """Links to records of other kinds by calls of their own."""

    attach: Write = Field(description="Adds links.")
    detach: Write = Field(description="Takes links away.")
    sync: Write | None = Field(None, description="Makes the links to a kind exactly these; other kinds stay.")
    links: dict[Kind, Linked] = Field(description="Our kind → how its links are written.")
