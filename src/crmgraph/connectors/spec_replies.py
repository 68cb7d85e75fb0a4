"""What a definition says about replies: what success is, and which failure is which."""

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from crmgraph.connectors.spec_words import Path, Paths, Strict


class OkSpec(Strict):
    """What success is where the HTTP status does not tell."""

    path: Paths = Field(description="Where the body says how it went; the first path present counts.")
    values: list[Any] = Field(alias="is", min_length=1, description="The values there that mean success.")


class CaseSpec(Strict):
    """One failure that the HTTP status alone does not tell apart."""

    status: int | list[int] | None = Field(None, description="The HTTP status, or several; none means any.")
    path: Path | None = Field(None, description="A path in the body: something must stand there, and hold `contains`.")
    contains: str | None = Field(None, description="A text that the CRM's message (or `path`) holds, in any case.")
    means: Literal["absent", "denied", "rejected", "throttled", "unavailable", "bad_reply"] = Field(
        description="What it means in our tree of errors; `absent` is no failure: the record is not there."
    )

    @model_validator(mode="after")
    def _says_when(self) -> Self:
        if self.status is None and self.path is None and self.contains is None:
            raise ValueError("This case fits every failure; say which one by `status`, `path` or `contains`.")
        return self


class ReplySpec(Strict):
    """How replies are judged. Without more: 2xx is success, and the HTTP status names the failure."""

    ok: OkSpec | None = Field(None, description="What success is, where 200 is not.")
    message: Paths = Field(
        ["message", "detail", "error.message", "error_description", "error"],
        description="Where a failure's sentence stands; the first one present counts.",
    )
    reasons: Path | None = Field(
        None, description="Where a refusal tells what is wrong with which key: an object, or a list that names keys."
    )
    existing: Path | None = Field(None, description="Where a refused create has the id of the record that is there.")
    cases: list[CaseSpec] = Field([], description="Failures to tell apart, first match first.")
