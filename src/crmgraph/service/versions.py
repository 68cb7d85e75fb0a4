"""The version of a record: what tells whether somebody has changed it since it was read; no CRM has one of its own."""

import hashlib
import json

from crmgraph.domain.records import Record
from crmgraph.service.plain import plain_value

_TOLD_BY_READING = frozenset({"url", "updatedAt"})
"""What may be otherwise though nothing was changed: LeadConnector's search has its own time for the last change."""


def version_of(record: Record) -> str:
    """Equal as long as everything that the graph knows of the record is; it is opaque."""
    fields = (name for name in record.fields() if name not in _TOLD_BY_READING)
    told = {name: plain_value(record.kind, name, record.peek(name)) for name in fields}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:20]
