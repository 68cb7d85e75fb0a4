"""The words of `limits`: how large a question may be, and what it may cost."""

from typing import Literal

from pydantic import Field

from crmgraph.config.section import Section
from crmgraph.service.limits import Limits, Mode

_DEFAULT = Limits()


class QuestionLimitsSection(Section):
    """What one question may be and cost before anything is asked."""

    mode: Literal["enforce", "measure", "off"] = Field(
        default="enforce",
        description="`enforce` refuses what goes over, `measure` answers and tells it, `off` reckons nothing."
        " `tokens` hold in every mode.",
    )
    tokens: int = Field(default=_DEFAULT.tokens, ge=1, description="Words and signs of a document.")
    directives: int = Field(default=_DEFAULT.directives, ge=0, description="Directives of a document.")
    aliases: int = Field(default=_DEFAULT.aliases, ge=0, description="Aliases of a document.")
    fields: int = Field(default=_DEFAULT.fields, ge=1, description="Fields selected, fragments spelled out.")
    depth: int = Field(default=_DEFAULT.depth, ge=1, le=150, description="How deep fields nest.")
    roots: int = Field(default=_DEFAULT.roots, ge=1, description="Fields at the root of a query.")
    mutations: int = Field(default=_DEFAULT.mutations, ge=1, description="Mutations of one operation.")
    inputs: int = Field(default=_DEFAULT.inputs, ge=0, description="Input objects that a query is asked with.")
    values: int = Field(default=_DEFAULT.values, ge=1, description="Values that an answer may have to make.")
    calls: int = Field(
        default=_DEFAULT.calls, ge=1, description="Calls that a question may cost one source, as `--explain` foretells."
    )


def limits_of(section: QuestionLimitsSection) -> Limits:
    """The limits as the graph checks them."""
    return Limits(**{**dict(section), "mode": Mode(section.mode)})
