"""What a definition says about one field that a single line cannot tell."""

from typing import Any, Literal

from pydantic import Field

from crmgraph.connectors.spec_words import Path, Paths, Strict


class Only(Strict):
    """Which of an endpoint's records, or of a list's elements, count."""

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
    key: str | None = Field(
        None, description="each: the CRM's name of what tells the elements apart; with it the list can be written back."
    )
    map: Path | None = Field(None, description="An object whose keys are field keys and whose values are values.")
    rest: str | None = Field(None, description="Top-level keys that fit this pattern (`cf_*`) are field keys.")
    format: str | None = Field(None, description="A text with {path} slots; missing when a slot is.")
    combine: Literal["union", "any"] | None = Field(
        None, description="Several reads: `union` joins the lists, `any` is true when one is."
    )
    words: dict[str, str] | None = Field(None, description="The CRM's word (in any case) → ours.")
    otherwise: str | None = Field(None, description="words: what any other word is.")
    table: str | None = Field(
        None,
        description=(
            "each, map, rest: the vocabulary that adds what it says of an element's key; for one value: `| table NAME`."
        ),
    )
    then: str | None = Field(None, description="Transforms that follow.")
    write: "str | Block | None" = Field(
        None, description="How it is written, where that is otherwise than read; `none`: the CRM does not take it."
    )
    spread: dict[Path, str] | None = Field(
        None, description="write: the CRM's paths over which the value is spread, each with the transforms of its part."
    )
    beside: dict[Path, Any] | None = Field(
        None, description="write: what else is written with it: `{via_resource: contacts}`."
    )
    on: Literal["create", "update"] | None = Field(
        None, description="The only write that takes it; what only an update takes follows a create by one."
    )
    limit: int | None = Field(None, ge=1, description="How many it holds; the surplus is reported. 1: it is no list.")
