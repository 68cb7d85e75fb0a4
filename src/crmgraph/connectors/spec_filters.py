"""What a definition says about filters: our conditions in the CRM's words."""

from typing import Literal, Self

from pydantic import Field, model_validator

from crmgraph.connectors.spec_words import Path, Strict, Template


class FilterField(Strict):
    """How one of our fields is filtered in the CRM."""

    name: str = Field(description="The CRM's name for it; for custom fields with {key}.")
    ops: dict[str, str | dict[str, Template]] = Field(
        min_length=1,
        description=(
            "Our operator → the CRM's word, or a whole condition in its place. `not.eq` and so on are negations; `find`"
            " is for look-ups by a key, which may miss what is spelt otherwise."
        ),
    )
    format: str | None = Field(None, description="Transforms that write the value, for example `compact`.")
    widen: Literal["day", "second"] | None = Field(
        None, description="The CRM compares coarser than we do: ask for that much more on either side."
    )
    table: str | None = Field(
        None,
        description=(
            "The vocabulary in which our word is looked up: its ids are asked for."
            " For custom fields: the one whose ids are their keys; others are not put."
        ),
    )
    types: list[str] | None = Field(
        None, description="customFields: the types, as `table` tells them, that are filtered so; none: all."
    )
    spellings: str | None = Field(
        None,
        description="The vocabulary that holds every spelling the CRM knows: all that mean the same are asked for.",
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
    longest: int | None = Field(None, ge=1, description="The longest value it takes, in characters.")
    max: int = Field(64, ge=1, description="How many groups, or conditions of one group, a call takes.")
    fields: dict[str, FilterField] = Field(
        description="Our field → how the CRM filters it; `customFields` is all of them."
    )

    @model_validator(mode="after")
    def _has_its_parts(self) -> Self:
        needed = {"params": (), "groups": ("into", "group"), "tree": ("into", "both", "either")}[self.style]
        missing = [name for name in needed if getattr(self, name) is None]
        if missing:
            raise ValueError(f"Conditions of the style `{self.style}` need `{missing[0]}` as well.")
        return self
