"""The words of a definition file: what a connector's author may write, checked and described for editors.

A template is any JSON in which texts may hold `{slot}`s: settings of the source (`{location_id}`), and what the call is about
(`{id}`, `{ids}`, `{parent}`, `{parents}`, `{value}`, `{text}`, `{size}`, `{page}`, `{offset}`). A text that is nothing but one
slot takes the slot's own type. A key whose slot has no value is left out.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from crmgraph.domain.model import Kind

Template = Any
Path = str
Paths = str | list[str]


class Strict(BaseModel):
    """Unknown keys are mistakes, at every depth."""

    model_config = ConfigDict(extra="forbid", frozen=True)


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


class OkSpec(Strict):
    """What success is where the HTTP status does not tell."""

    path: Paths = Field(description="Where the body says how it went; the first path present counts.")
    values: list[Any] = Field(alias="is", description="The values there that mean success.")


class CaseSpec(Strict):
    """One failure that the HTTP status alone does not tell apart."""

    status: int | list[int] | None = Field(None, description="The HTTP status, or several; none means any.")
    path: Path | None = Field(None, description="A path in the body that must hold `contains`.")
    contains: str | None = Field(None, description="A text that the CRM's message (or `path`) holds, in any case.")
    means: Literal["absent", "denied", "rejected", "throttled", "unavailable", "bad_reply"] = Field(
        description="What it means in our tree of errors; `absent` is no failure: the record is not there."
    )


class ReplySpec(Strict):
    """How replies are judged. Without more: 2xx is success, and the HTTP status names the failure."""

    ok: OkSpec | None = Field(None, description="What success is, where 200 is not.")
    message: Paths = Field(
        ["message", "detail", "error.message", "error_description", "error"],
        description="Where a failure's sentence stands; the first one present counts.",
    )
    cases: list[CaseSpec] = Field([], description="Failures to tell apart, first match first.")


class PagesSpec(Strict):
    """How a list goes on."""

    style: Literal["none", "page", "offset", "cursor"] = Field(
        description="`page` counts pages, `offset` counts records, `cursor` hands over what the last reply gave."
    )
    size: int = Field(100, ge=1, description="Records asked for a page.")
    params: dict[str, Template] = Field({}, description="What every page's call carries: {page}, {offset}, {size}.")
    first: int = Field(1, description="The number of the first page.")
    next: dict[str, str] = Field(
        {}, description="cursor: parameter → path in the body, or in its last record as `last.PATH`; none found ends."
    )
    more: Path | None = Field(None, description="A truth value in the body: whether there is a next page.")
    ends_short: bool = Field(
        False, description="Whether a page with fewer records than asked is the last; else only an empty one is."
    )


class Endpoint(Strict):
    """One method and path, and where its reply keeps things."""

    call: str = Field(pattern=r"^(GET|POST|PUT|PATCH|DELETE) /\S*$", description="`GET /contacts/{id}`.")
    query: dict[str, Template] = Field({}, description="Query parameters; a list value is repeated.")
    headers: dict[str, str] = Field({}, description="Headers of this endpoint alone.")
    body: Template = Field(None, description="The JSON body.")
    items: Paths | None = Field(None, description="Where the list is; an empty text is the body itself.")
    item: Paths | None = Field(None, description="Where the one record is; an empty text is the body itself.")
    reply: ReplySpec | None = Field(None, description="Where this endpoint's replies differ from the connector's.")
    omits: list[str] = Field([], description="Fields its records do not carry although the resource has them.")
    pages: PagesSpec | None = Field(None, description="How the list goes on; none: it comes at once.")
    total: Path | None = Field(None, description="Where the number of all records stands.")


class SelectSpec(Strict):
    """How a call names the fields it wants (sparse fields)."""

    param: str = Field(description="The parameter's name.")
    separator: str = Field(",", description="What stands between the names.")
    always: list[str] = Field(["id"], description="The CRM's names that are always asked for.")


class OrderSpec(Strict):
    """One order that the CRM can list in."""

    asc: dict[str, Template] | None = Field(None, description="What the call carries for ascending; none: it cannot.")
    desc: dict[str, Template] | None = Field(None, description="What the call carries for descending; none: it cannot.")
    compares: Literal["instant", "binary", "casefold"] = Field(
        "instant", description="How the CRM compares; a merge across sources needs the same everywhere."
    )


class FilterField(Strict):
    """How one of our fields is filtered in the CRM."""

    name: str = Field(description="The CRM's name for it.")
    ops: dict[str, str | dict[str, Template]] = Field(
        description="Our operator → the CRM's word, or a whole condition in its place. `not.eq` and so on are negations."
    )
    format: str | None = Field(None, description="Transforms that write the value, for example `compact`.")
    widen: Literal["day", "second"] | None = Field(
        None, description="The CRM compares coarser than we do: ask for that much more on either side."
    )


class FilterSpec(Strict):
    """How conditions are put to this endpoint. The gateway applies them again, so a wider answer is allowed."""

    style: Literal["params", "groups", "tree"] = Field(
        description="`params`: all must hold; `groups`: any of groups of all; `tree`: nested."
    )
    into: Path | None = Field(None, description="groups, tree: where in the body the conditions go.")
    condition: dict[str, Template] = Field(description="One condition: {name}, {op}, {value}.")
    group: Template = Field(None, description="groups: what holds one group, with {items}.")
    both: Template = Field(None, description="tree: what holds conditions that must all hold, with {items}.")
    either: Template = Field(None, description="tree: what holds conditions of which one must hold, with {items}.")
    separator: str | None = Field(None, description="params: what joins the values when a parameter comes up twice.")
    extra: dict[str, Template] = Field({}, description="What the call carries besides, when there is a condition.")
    forbid: str = Field("", description="Characters that a value cannot carry here; such a condition is not put.")
    longest: int | None = Field(None, description="The longest value it takes, in characters.")
    max: int = Field(64, ge=1, description="How many groups, or conditions of one group, a call takes.")
    fields: dict[str, FilterField] = Field(
        description="Our field → how the CRM filters it; `customFields` is all of them."
    )


class Listing(Endpoint):
    """A list with what may be asked of it."""

    text: dict[str, Template] | None = Field(None, description="Free text: what the call carries, with {text}.")
    longest_text: int | None = Field(None, description="The longest free text it takes, in characters.")
    filter: FilterSpec | None = Field(None, description="The conditions it takes.")
    order: dict[str, OrderSpec] = Field({}, description="Our field → how the CRM sorts by it.")
    natural: str | None = Field(None, description="The order it comes in unasked: `createdAt desc`.")
    select: SelectSpec | None = Field(None, description="How sparse fields are asked for.")


class Through(Strict):
    """A look-up that goes through a list's filter, many keys a call."""

    through: Literal["list", "search"] = Field(description="Which list's filter is used.")
    max: int = Field(50, ge=1, description="How many keys a call takes.")


class Whole(Strict):
    """A look-up answered by reading the whole list once: for short vocabularies, or where the CRM has no other way."""

    whole: Literal["list"] = Field(description="The list that is read.")


class Find(Endpoint):
    """A look-up by one e-mail or phone; what comes back is checked again by the gateway."""

    write: str | None = Field(None, description="Transforms that write the key, for example `tail 4`.")
    most: int = Field(50, ge=1, description="How many records it may return at the most.")


class Of(Endpoint):
    """The records that hang on another one: {parent}, or {parents} for many a call."""

    many: int | None = Field(None, ge=1, description="How many parents a call takes, as {parents}.")


class Many(Endpoint):
    """Several records by id, as {ids}."""

    max: int = Field(50, ge=1, description="How many ids a call takes.")


class Only(Strict):
    """Which of an endpoint's records belong to this resource."""

    path: Path = Field(description="What is looked at; transforms may follow.")
    any_of: list[Any] | None = Field(None, alias="in", description="It must be one of these.")
    none_of: list[Any] | None = Field(None, alias="not_in", description="It must be none of these.")


class Block(Strict):
    """A field that one line cannot tell."""

    read: Paths | None = Field(None, description="Where it stands; of several the first present.")
    const: Any = Field(None, description="The same for every record.")
    each: Path | None = Field(None, description="A list of objects; `object` says what each gives.")
    object: dict[str, Paths] | None = Field(None, description="Our part → its path: of each element, or of the record.")
    where: Only | None = Field(None, description="each: which elements count.")
    key: str | None = Field(None, description="each: the CRM's name of what tells the elements apart.")
    map: Path | None = Field(None, description="An object whose keys are field keys and whose values are values.")
    rest: str | None = Field(None, description="Top-level keys that fit this pattern (`cf_*`) are field keys.")
    format: str | None = Field(None, description="A text with {path} slots; missing when a slot is.")
    combine: Literal["union", "any"] | None = Field(
        None, description="Several reads: `union` joins the lists, `any` is true when one is."
    )
    words: dict[str, str] | None = Field(None, description="The CRM's word (in any case) → ours.")
    otherwise: str | None = Field(None, description="words: what any other word is.")
    table: str | None = Field(
        None, description="each, map: the vocabulary that adds what it says of an element's key; for one value: `| table NAME`."
    )
    then: str | None = Field(None, description="Transforms that follow.")
    write: Literal["none"] | None = Field(None, description="`none`: the CRM does not take it.")


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
    of: dict[Kind, Of | Through | Whole] = Field({}, description="Those that hang on a record of another kind.")
    fields: dict[str, Paths | Block] = Field(description="Our field → where the CRM keeps it.")


class QuotaSpec(Strict):
    """Where a reply's headers tell what is left of an allowance."""

    window: str = Field(description="How long the allowance is for: `10s`, `1m`, `1d`.")
    limit: str = Field(description="The header with the whole allowance.")
    remaining: str = Field(description="The header with what is left.")


class LimitsSpec(Strict):
    """What the CRM allows, as far as it says."""

    rate: Annotated[str, Field(pattern=r"^\d+/\d*[smhd]$")] | None = Field(
        None, description="Calls in a time: `100/10s`."
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
    resources: dict[str, ResourceSpec] = Field(description="Kind (or a name of its own) → what the CRM offers.")
