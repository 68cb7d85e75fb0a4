"""Whether the documents that an operator trusts could be asked: each is parsed, held to the limits and validated."""

from collections.abc import Iterable, Iterator

from strawberry import Schema

from crmgraph.api.documents import Documents
from crmgraph.connectors.trees import Mistake
from crmgraph.domain.errors import InputError
from crmgraph.service.limits import Limits
from crmgraph.service.trusted import TrustedDocument


def mistakes(schema: Schema, trusted: Iterable[TrustedDocument], limits: Limits) -> Iterator[Mistake]:
    """Everything that is wrong with them, in its place: in a manifest that is the line of the document's id."""
    documents = Documents(schema)
    for one in trusted:
        try:
            wrong = documents.get(one.text, limits).mistakes
        except InputError as refused:
            yield Mistake(one.file, one.line or 1, 1, f"{_which(one)}{refused.message}")
            continue
        for error in wrong:
            place = error.locations[0] if error.locations and not one.line else None
            line, column = (place.line, place.column) if place is not None else (one.line or 1, 1)
            yield Mistake(one.file, line, column, f"{_which(one)}{error.message}")


def _which(one: TrustedDocument) -> str:
    return f"The document `{one.ids[0]}`: " if one.line else ""
