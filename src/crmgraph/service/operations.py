"""What can be asked of a source, and how it is done there."""

from dataclasses import dataclass
from enum import StrEnum

from crmgraph.domain.model import Kind


class Operation(StrEnum):
    """What can be asked of a source."""

    LIST = "LIST"
    GET = "GET"
    GET_MANY = "GET_MANY"
    SEARCH = "SEARCH"
    FIND_BY_EMAIL = "FIND_BY_EMAIL"
    FIND_BY_PHONE = "FIND_BY_PHONE"
    FILTER = "FILTER"
    ORDER = "ORDER"
    CHANGED_SINCE = "CHANGED_SINCE"
    TOTAL_COUNT = "TOTAL_COUNT"
    OF_CONTACT = "OF_CONTACT"
    OF_COMPANY = "OF_COMPANY"
    CREATE = "CREATE"
    UPDATE = "UPDATE"
    DELETE = "DELETE"
    COMPLETE = "COMPLETE"
    TAG = "TAG"
    ATTACH = "ATTACH"
    DETACH = "DETACH"
    SYNC = "SYNC"
    REPLACE = "REPLACE"
    IMPORT = "IMPORT"


@dataclass(frozen=True, slots=True)
class Capability:
    """One operation on one kind: `native` where the CRM itself does it, else how the gateway makes do.

    `fields` are those that a write takes; `required` those without which it is refused, several with `or` where one of
    them is enough. Both are None for what is no write of fields.
    """

    kind: Kind
    operation: Operation
    native: bool
    note: str | None = None
    fields: tuple[str, ...] | None = None
    required: tuple[str, ...] | None = None
