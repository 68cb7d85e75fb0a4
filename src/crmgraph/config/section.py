"""What all sections of crmgraph.yaml have in common."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """Unknown keys are mistakes, at every depth."""

    # Only the outermost is ever asked to validate, so the others need no validator of their own.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)
