"""What a definition says about calls: one endpoint, how a list goes on, and what a list may be asked."""

from typing import Literal

from pydantic import Field

from crmgraph.connectors.spec_filters import FilterSpec
from crmgraph.connectors.spec_replies import ReplySpec
from crmgraph.connectors.spec_words import CallText, Path, Paths, Strict, Template


class PagesSpec(Strict):
    """How a list goes on."""

    style: Literal["none", "page", "offset", "cursor"] = Field(
        description="`page` counts pages, `offset` counts records, `cursor` hands over what the last reply gave."
    )
    size: int = Field(100, ge=1, description="Records asked for a page.")
    params: dict[str, Template] = Field({}, description="What every page's call carries: {page}, {offset}, {size}.")
    first: int = Field(1, ge=0, description="The number of the first page.")
    last: Path | None = Field(None, description="page: where the number of the last page stands.")
    next: dict[str, str] = Field(
        {},
        description=(
            "cursor: parameter → its line: a path in the body, or in its last record as `last.PATH`, with transforms;"
            " none found ends the list."
        ),
    )
    more: Path | None = Field(None, description="A truth value in the body: whether there is a next page.")
    ends_short: bool = Field(
        False, description="Whether a page with fewer records than asked is the last; else only an empty one is."
    )


class Called(Strict):
    """One method and path, what the call carries and how its replies are judged."""

    call: CallText = Field(description="`GET /contacts/{id}`.")
    query: dict[str, Template] = Field({}, description="Query parameters; a list value repeats its name.")
    headers: dict[str, str] = Field({}, description="Headers of this endpoint alone.")
    body: dict[str, Template] | None = Field(None, description="The JSON body.")
    reply: ReplySpec | None = Field(None, description="How this endpoint's replies are judged, instead of all others.")


class Endpoint(Called):
    """A call that reads, and where its reply keeps things."""

    items: Paths | None = Field(None, description="Where the list is; an empty text is the body itself.")
    item: Paths | None = Field(None, description="Where the one record is; an empty text is the body itself.")
    omits: list[str] = Field([], description="Fields its records do not carry although the resource has them.")
    pages: PagesSpec | None = Field(None, description="How the list goes on; none: it comes at once.")
    total: Path | None = Field(None, description="Where the number of all records stands.")
    lifetime: float = Field(
        0, ge=0, le=300, description="Seconds for which a reply may be given again; 0: every question is asked anew."
    )


class SelectSpec(Strict):
    """How a call names the fields it wants (sparse fields)."""

    param: str = Field(description="The parameter's name.")
    separator: str = Field(",", description="What stands between the names.")
    always: list[str] = Field(["id"], description="The CRM's names that are always asked for.")


class OrderSpec(Strict):
    """One order that the CRM can list in."""

    asc: dict[str, Template] | None = Field(None, description="What the call carries for ascending; none: it cannot.")
    desc: dict[str, Template] | None = Field(None, description="What the call carries for descending; none: it cannot.")


class Listing(Endpoint):
    """A list with what may be asked of it."""

    text: dict[str, Template] | None = Field(None, description="Free text: what the call carries, with {text}.")
    longest_text: int | None = Field(None, ge=1, description="The longest free text it takes, in characters.")
    filter: FilterSpec | None = Field(None, description="The conditions it takes.")
    order: dict[str, OrderSpec] = Field({}, description="Our field → how the CRM sorts by it.")
    natural: str | None = Field(None, description="The order it comes in unasked: `createdAt desc`.")
    select: SelectSpec | None = Field(None, description="How sparse fields are asked for.")
    needs: list[str] = Field([], description="Settings without which it cannot be called: then there is no such list.")


class Through(Strict):
    """A look-up that goes through a list's filter, many keys a call."""

    through: Literal["list", "search"] = Field(description="Which list's filter is used.")
    max: int = Field(50, ge=1, description="How many keys a call takes.")


class Whole(Strict):
    """A look-up answered by reading the whole list once: for short lists, or where the CRM has no other way."""

    whole: Literal["list"] = Field(description="The list that is read.")


class Find(Endpoint):
    """A look-up by one e-mail or phone, as {value}; what comes back is checked again by the gateway."""

    write: str | None = Field(None, description="Transforms that write the key, for example `tail 4`.")
    most: int = Field(50, ge=1, description="How many records it returns at the most, as {size}.")


class Agenda(Endpoint):
    """The records of one user, {whose}, that begin between two times, {begin} and {end}."""

    write: str | None = Field(None, description="Transforms that write the two times, for example `millis`.")


class Of(Endpoint):
    """The records that hang on another one: {parent}, or {parents} for many a call."""

    many: int | None = Field(None, ge=1, description="How many parents a call takes, as {parents}.")
    alone: Endpoint | None = Field(None, description="What is called instead where there is one {parent} only.")
    told_by: str | None = Field(
        None, description="The CRM's key by which the parent's own record tells it: one that has it is not asked for."
    )


class Many(Endpoint):
    """Several records by id, as {ids}."""

    max: int = Field(50, ge=1, description="How many ids a call takes.")
    needs: list[str] = Field([], description="Settings without which it cannot be called: then each is got by its id.")
