"""What a definition says about an import: many records in one call, and a summary instead of their replies."""

from pydantic import Field

from crmgraph.connectors.spec_words import Path
from crmgraph.connectors.spec_writes import Write


class Import(Write):
    """Takes many records in one call, which go `into` its body as a list; those that are there already are changed."""

    max: int = Field(500, ge=1, description="How many records one call takes.")
    omits: list[str] = Field([], description="Our fields that it does not take, or not of every record.")
    created: Path = Field("created", description="Where the number of new records stands.")
    updated: Path = Field("updated", description="Where the number of changed records stands.")
    skipped: Path = Field("skipped", description="Where the number of records that were left as they are stands.")
    errors: Path = Field("errors", description="Where the list of records that were refused is.")
    row: Path = Field("row", description="Where one of `errors` has its record's place in the call, counted from 0.")
    why: Path = Field("message", description="Where one of `errors` says what is wrong.")
