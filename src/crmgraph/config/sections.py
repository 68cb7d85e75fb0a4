"""The words of crmgraph.yaml: what an operator may write, checked and described for editors."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, ValidationInfo, WithJsonSchema
from pydantic.config import JsonDict

from crmgraph.config.auth import AuthSection, RoleSection
from crmgraph.config.breakers import BreakerSection
from crmgraph.config.documents import DocumentsSection
from crmgraph.config.question_limits import QuestionLimitsSection
from crmgraph.config.rates import RatesSection
from crmgraph.config.replica import ReplicaSection
from crmgraph.config.section import Section
from crmgraph.config.serving import AdmissionSection, Origin, StoppingSection
from crmgraph.config.survivorship import FieldRules
from crmgraph.config.telemetry import TelemetrySection
from crmgraph.config.vault import VaultSection
from crmgraph.config.words import KnownSource
from crmgraph.connectors.shapes import unknown
from crmgraph.domain.model import FIELDS, Kind

CONTACT_FIELDS = tuple(FIELDS[Kind.CONTACT])

_RATE = re.compile(r"0*[1-9]\d{0,8}/(0*[1-9]\d{0,8})?[smhd]")
_STORE = re.compile(r"sqlite:///(?!:memory:)[^?]+|postgres(ql)?://[^\s]+/[^\s/]+")
_SETTING: JsonDict = {
    "type": ["string", "number", "boolean"],
    "description": "What the connector asks for, by its name; a secret only as ${VAR}, or as NAME_file with a path.",
}


def _source_key(name: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_-]*", name):
        raise ValueError("A source's name starts with a small letter; small letters, digits, `_` and `-` follow.")
    return name


def _custom_key(key: str) -> str:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", key):
        raise ValueError("A custom field's key starts with a letter; letters, digits and `_` follow.")
    return key


def _contact_field(name: str) -> str:
    if name not in CONTACT_FIELDS:
        raise ValueError(unknown(name, CONTACT_FIELDS))
    return name


def _rate(text: str) -> str:
    if not _RATE.fullmatch(text):
        raise ValueError("`rate` is a count and a period (s, m, h or d), for example `60/1m` or `100/10s`.")
    return text


def _total(seconds: float, info: ValidationInfo) -> float:
    if seconds < info.data.get("timeout", 0.0):
        raise ValueError("`total` is for all attempts of a call, so it should not be less than `timeout`.")
    return seconds


def _region(code: str) -> str:
    if not re.fullmatch(r"[A-Z]{2}", code):
        raise ValueError("`default_region` is a country by its two capital letters (ISO 3166), for example `US`.")
    return code


def _store_url(text: str) -> str:
    if not _STORE.fullmatch(text):
        raise ValueError("`url` should be `sqlite:///PATH` of a file, or `postgresql://USER@HOST/DATABASE`.")
    return text


SourceKey = Annotated[
    str, AfterValidator(_source_key), WithJsonSchema({"type": "string", "pattern": "^[a-z][a-z0-9_-]*$"})
]
CustomKey = Annotated[str, AfterValidator(_custom_key), WithJsonSchema({"type": "string", "pattern": "^[A-Za-z]\\w*$"})]
ContactField = Annotated[
    str, AfterValidator(_contact_field), WithJsonSchema({"type": "string", "enum": list(CONTACT_FIELDS)})
]
RateText = Annotated[str, AfterValidator(_rate)]


class LimitsSection(Section):
    """How hard a source may be asked."""

    rate: RateText | list[RateText] | None = Field(
        default=None,
        description="Calls in a time, `60/1m`; a list where several hold at once; without it, what the connector says.",
    )
    concurrency: int | None = Field(
        default=None, ge=1, le=1000, description="Calls at once; without it, what the connector says."
    )
    timeout: float = Field(default=4.0, gt=0, le=600, description="Seconds that one attempt of a call may take.")
    connect: float = Field(default=5.0, gt=0, le=600, description="Seconds of those in which a connection must stand.")
    total: Annotated[float, AfterValidator(_total)] | None = Field(
        default=None,
        gt=0,
        le=3600,
        description="Seconds that a call may take with all its attempts; without it, three times `timeout`.",
    )
    attempts: int = Field(
        default=3, ge=1, le=10, description="How often a call that reads is made at the most when it fails."
    )
    queue: int = Field(default=100, ge=0, le=100_000, description="How many calls may wait for their turn.")


class SourceSection(Section):
    """One CRM account. What else the connector asks for (`crmgraph connectors` lists it) stands beside these keys."""

    model_config = ConfigDict(json_schema_extra={"additionalProperties": _SETTING})

    connector: str = Field(
        min_length=1, description="A built-in connector's name, or the path of a definition file beside this file."
    )
    base_url: str | None = Field(default=None, description="Where the CRM lives, when the connector cannot know it.")
    limits: LimitsSection = Field(default=LimitsSection(), description="How hard the CRM may be asked.")
    breaker: BreakerSection = Field(default=BreakerSection(), description="When the CRM is left alone for a while.")
    per_caller: Literal["optional", "required"] | None = Field(
        default=None,
        description="Whether callers may, or must, bring a credential of their own in the header X-Source-Token-NAME;"
        " it stands for the connector's secret `token`.",
    )
    allow_private: bool = Field(
        default=False, description="Whether the CRM may live at a private or loopback address, and be called over http."
    )
    duplicate_free: bool = Field(
        default=False,
        description="Whether the CRM answers for holding nobody twice: two records of it are then never one person.",
    )


class IdentitySection(Section):
    """What decides which records are one person."""

    default_region: Annotated[str, AfterValidator(_region)] = Field(
        default="US", description="The country of phone numbers that are written without one: two letters."
    )
    index: Literal["off", "on"] = Field(
        default="on",
        description="Whether all contacts are read from time to time, so that lists know who stands in several.",
    )
    index_limit: int = Field(default=100_000, ge=1, description="The most records whose keys are remembered.")
    line: Literal["safe", "balanced"] = Field(
        default="balanced",
        description="How surely records must be one person to be joined: `safe` joins what is nearly certain,"
        " `balanced` what is likely too.",
    )
    max_shared: int = Field(
        default=5, ge=1, description="How many people may share an e-mail or phone before it no longer joins records."
    )
    weights: str | None = Field(
        default=None,
        description="A file, beside this one, with what findings weigh, as `crmgraph identity calibrate` writes it.",
    )


class CustomFieldSection(Section):
    """One custom field of the graph, and what each source calls it."""

    type: Literal["text", "number", "boolean", "date", "option", "options", "money", "raw"] = Field(
        description="What its values are."
    )
    label: str | None = Field(default=None, description="Its name for people.")
    sources: dict[KnownSource, str] = Field(min_length=1, description="A source's name → that source's own key.")


class CrossRuleSection(Section):
    """A rule between two CRMs: who appears or changes in the one is made or changed in the other."""

    source: KnownSource = Field(alias="from", description="The source whose people are read.")
    target: KnownSource = Field(alias="to", description="The source that is written.")
    fields: list[str] | dict[str, str | list[str]] = Field(
        description="The fields that go along under their own names; or a field, or customFields.KEY, → the ones that"
        " say the same in the target."
    )
    constants: dict[str, str | bool | int | float | list[str]] = Field(
        default={}, description="A field of the target, or customFields.KEY → what everybody gets in it."
    )
    create: bool = Field(default=True, description="Whether people whom the target does not know are made there.")
    push: list[Literal["tasks", "notes"]] = Field(default=[], description="What of a person goes along.")
    assignee: str | None = Field(
        default=None,
        description="Who gets the tasks that are pushed, by name or e-mail in the target; without it, whoever has the"
        " assignee's e-mail there.",
    )


class ServerSection(Section):
    """How the graph is served: where, by how many processes, and what one question may cost."""

    host: str = Field(default="127.0.0.1", min_length=1, description="The address to listen on.")
    port: int = Field(default=8000, ge=0, le=65535, description="The port to listen on; 0 takes any free one.")
    workers: int = Field(default=1, ge=1, le=256, description="Processes that answer.")
    deadline: float = Field(default=10.0, gt=0, le=600, description="Seconds in which an operation is answered.")
    cursor_key: str | None = Field(
        default=None, description="The secret that seals cursors, as ${VAR}; several workers share it."
    )
    cursor_key_file: str | None = Field(default=None, description="The file that holds `cursor_key`, beside this file.")
    page_budget: int = Field(default=10, ge=1, description="Calls that one page may cost at each source.")
    scan_budget: int = Field(default=1000, ge=1, description="Records that one page may read.")
    console: bool | None = Field(
        default=None, description="Whether the console is served; without it, everywhere but in production."
    )
    admission: AdmissionSection = Field(
        default=AdmissionSection(), description="How many questions a process works on at once."
    )
    get: bool = Field(default=True, description="Whether queries may be asked by GET.")
    batch: int = Field(
        default=0, ge=0, le=1000, description="How many operations one request may hold as a JSON array; 0: no array."
    )
    cors: list[Origin] = Field(
        default=[], description="The origins whose web pages may ask, like `https://app.example.com`."
    )
    stopping: StoppingSection = Field(default=StoppingSection(), description="How the server ends.")


class StoreSection(Section):
    """Where our own state is kept: the writes under way, and the answers to them."""

    url: Annotated[str, AfterValidator(_store_url)] | None = Field(
        default=None,
        description="`sqlite:///PATH`, or `postgresql://USER@HOST/DATABASE`; without it, crmgraph.db beside this file.",
    )


class ConfigFile(Section):
    """The configuration of crmgraph."""

    environment: Literal["development", "production"] = Field(
        default="development",
        description="In production no console is served unless `server.console` says so, and no schema told.",
    )
    sources: dict[SourceKey, SourceSection] = Field(
        min_length=1, description="The CRM accounts by name, the most trusted first."
    )
    identity: IdentitySection = Field(default=IdentitySection(), description="How records become one person.")
    survivorship: dict[ContactField, FieldRules] = Field(
        default={}, description="A contact's field → the rule, or the rules in order, by which one value survives."
    )
    custom_fields: dict[CustomKey, CustomFieldSection] = Field(
        default={}, description="Custom fields by the graph's own key."
    )
    rules: dict[SourceKey, CrossRuleSection] = Field(
        default={}, description="Rules between CRMs by name; `crmgraph rules run NAME` runs one."
    )
    documents: DocumentsSection = Field(
        default=DocumentsSection(), description="The documents that are trusted, and what becomes of others."
    )
    limits: QuestionLimitsSection = Field(
        default=QuestionLimitsSection(), description="What one question may be and cost."
    )
    server: ServerSection = Field(default=ServerSection(), description="How the graph is served.")
    auth: Literal["none"] | AuthSection = Field(
        default="none",
        description="How callers prove who they are; `none` tells nobody apart and listens on this machine alone.",
    )
    roles: dict[SourceKey, RoleSection] = Field(default={}, description="What callers may do and see, by role.")
    store: StoreSection = Field(default=StoreSection(), description="Where our own state is kept.")
    replica: ReplicaSection = Field(default=ReplicaSection(), description="How our copy of the CRMs is kept.")
    telemetry: TelemetrySection = Field(
        default=TelemetrySection(), description="What is told of the work: log lines, metrics and traces."
    )
    vault: VaultSection = Field(default=VaultSection(), description="The keys that seal what is secret in the store.")
    rates: RatesSection = Field(default=RatesSection(), description="How the CRMs' rates are shared between processes.")
