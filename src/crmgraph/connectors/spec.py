"""A definition file: what a connector's author may write, checked and described for editors."""

from typing import Literal

from pydantic import Field

from crmgraph.connectors.spec_endpoints import (
    Agenda,
    Called,
    Endpoint,
    Find,
    Listing,
    Many,
    Of,
    OrderSpec,
    PagesSpec,
    SelectSpec,
    Through,
    Whole,
)
from crmgraph.connectors.spec_fields import Block, Only
from crmgraph.connectors.spec_filters import FilterField, FilterSpec
from crmgraph.connectors.spec_imports import Import
from crmgraph.connectors.spec_oauth import OAuthSpec
from crmgraph.connectors.spec_replies import CaseSpec, OkSpec, ReplySpec
from crmgraph.connectors.spec_webhooks import WebhooksSpec
from crmgraph.connectors.spec_words import Path, Paths, RateText, Strict, Template, WindowText
from crmgraph.connectors.spec_writes import Linked, LinkWrites, TagWrites, Write
from crmgraph.domain.model import Kind

__all__ = [
    "Agenda",
    "AuthSpec",
    "Block",
    "Called",
    "CaseSpec",
    "DefinitionSpec",
    "Endpoint",
    "FilterField",
    "FilterSpec",
    "Find",
    "Import",
    "LimitsSpec",
    "LinkWrites",
    "Linked",
    "Listing",
    "Many",
    "OAuthSpec",
    "Of",
    "OkSpec",
    "Only",
    "OrderSpec",
    "PagesSpec",
    "Path",
    "Paths",
    "QuotaSpec",
    "ReplySpec",
    "ResourceSpec",
    "SelectSpec",
    "SettingSpec",
    "Strict",
    "TableSpec",
    "TagWrites",
    "Template",
    "Through",
    "WebhooksSpec",
    "Whole",
    "Write",
]


class SettingSpec(Strict):
    """One thing that a source of this connector must or may be told."""

    description: str = Field(description="What it is and where its owner finds it.")
    required: bool = Field(True, description="Whether a source cannot work without it.")
    secret: bool = Field(False, description="Whether it may only be given as ${VAR} or NAME_file.")
    default: str | None = Field(None, description="What holds when it is not given.")


class AuthSpec(Strict):
    """How a call proves who is calling; the values are templates over the settings."""

    bearer: str | None = Field(None, description="Sent as `Authorization: Bearer …`.")
    header: dict[str, str] = Field({}, description="Headers that carry the credential, for example X-Api-Key.")
    query: dict[str, str] = Field({}, description="Query parameters that carry it; only for CRMs that offer no header.")
    oauth: OAuthSpec | None = Field(None, description="OAuth 2, for a source that is given a `client_id`.")


class TableSpec(Strict):
    """A vocabulary: ids and what they mean, read once and kept."""

    of: str | None = Field(None, description="The resource whose list it is; `key` and `value` then name our fields.")
    endpoint: Endpoint | None = Field(None, description="Or an endpoint of its own.")
    key: Path = Field("id", description="Where the id stands.")
    value: str | dict[str, str] = Field("name", description="What it means: a path, or named parts with their paths.")


class ResourceSpec(Strict):
    """What the CRM offers for one kind."""

    kind: Kind | None = Field(None, description="The graph's kind; none: the resource's own name is one.")
    id: Path = Field("id", description="Where the record's id stands.")
    parent: Path | None = Field(
        None, description="Where the id stands of the record it hangs on, where `get` needs it."
    )
    only: Only | None = Field(None, description="Which records belong to it.")
    list: Listing | None = Field(None, description="All records.")
    search: Listing | None = Field(None, description="A second list, for what the first cannot.")
    get: Endpoint | None = Field(None, description="One record by {id}.")
    get_many: Many | Through | Whole | None = Field(None, description="Several by id.")
    find: dict[Literal["email", "phone"], Find | Through] = Field({}, description="By a key of a person.")
    certain: dict[Literal["email", "phone"], Find] = Field(
        {}, description="By a key of a person, without lag: tells whether a create happened."
    )
    of: dict[Kind, Of | Through | Whole] = Field({}, description="Those that hang on a record of another kind.")
    agenda: Agenda | None = Field(
        None, description="Those of one user between two times, where the CRM has no `list` of all."
    )
    create: Write | None = Field(
        None, description="Makes a record; {parent} is the one that it hangs on. With {id} it is made under its own id."
    )
    append: str | None = Field(
        None,
        description=(
            "Instead of `create`, where a contact has one place for all of them: our text field that a new one is"
            " added to, after a blank line, by `update`."
        ),
    )
    update: Write | None = Field(None, description="Changes the record {id}.")
    complete: Write | None = Field(None, description="Is called instead of `update` where a task is done or reopened.")
    delete: Write | None = Field(None, description="Removes the record {id}.")
    replace: Write | None = Field(
        None,
        description="Writes the whole `list` anew, by `into`: what is not sent along is gone. Records have a `name`.",
    )
    imports: Import | None = Field(None, alias="import", description="Makes or changes many records in one call.")
    tags: TagWrites | None = Field(None, description="Tags by calls of their own; none: they go with an update.")
    associate: LinkWrites | None = Field(None, description="Links to records of other kinds by calls of their own.")
    custom: Write | Literal["partial"] | None = Field(
        None,
        description=(
            "Custom values by a call for each, {field}; `partial`: with an update, which keeps those it is not sent;"
            " none: with an update, all of them."
        ),
    )
    apart: dict[str, Write] = Field(
        {}, description="Our field → the call that alone writes it, of the record {id}; the value goes `into` its body."
    )
    fields: dict[str, Paths | Block] = Field(description="Our field → where the CRM keeps it.")


class QuotaSpec(Strict):
    """Where a reply's headers tell what is left of an allowance."""

    window: WindowText = Field(description="How long the allowance is for: `10s`, `1m`, `1d`.")
    limit: str = Field(description="The header with the whole allowance.")
    remaining: str = Field(description="The header with what is left.")


class LimitsSpec(Strict):
    """What the CRM allows, as far as it says."""

    rate: RateText | list[RateText] | None = Field(
        None, description="Calls in a time: `100/10s`; a list where several hold at once."
    )
    concurrency: int = Field(8, ge=1, description="Calls at once.")
    quota: list[QuotaSpec] = Field([], description="Headers that tell what is left.")


class DefinitionSpec(Strict):
    """A connector: what a CRM product is, without any credential."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_-]*$", description="The connector's name.")
    title: str = Field(description="The product's name for people.")
    doc: str = Field("", description="What an operator should know.")
    base_url: str | None = Field(None, description="Where it lives, when that is the same for every account.")
    settings: dict[str, SettingSpec] = Field({}, description="What a source must be told.")
    auth: AuthSpec = Field(AuthSpec(), description="How a call proves who is calling.")
    headers: dict[str, str] = Field({}, description="Headers of every call.")
    limits: LimitsSpec = Field(LimitsSpec(), description="What the CRM allows.")
    reply: ReplySpec = Field(ReplySpec(), description="How replies are judged.")
    tables: dict[str, TableSpec] = Field({}, description="Vocabularies: ids and what they mean.")
    probe: Endpoint | None = Field(None, description="One cheap authenticated read, for `doctor`; else the first list.")
    webhooks: WebhooksSpec | None = Field(None, description="What the CRM tells us of itself, and how it is believed.")
    resources: dict[str, ResourceSpec] = Field(description="Kind (or a name of its own) → what the CRM offers.")
