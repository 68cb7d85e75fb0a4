"""What a record must still be for a change to be made."""

from crmgraph.connectors.refusals import Refused
from crmgraph.domain.records import Record
from crmgraph.service.versions import version_of
from crmgraph.service.writing.changes import OnlyIf


class StaleRecord(Refused):
    """The record is no longer what the caller's condition says."""

    code = "STALE"


def hold_to(wanted: OnlyIf, before: Record) -> None:
    """Raise StaleRecord where the record, as it is now, does not meet the condition."""
    name, changed = before.ref.source, before.get("updatedAt")
    if wanted.updated_at is not None and (changed is None or changed > wanted.updated_at):
        when = "at a time that it does not tell" if changed is None else f"at {changed.isoformat()}"
        raise StaleRecord(name, f"The record at {name} was changed {when}; read it again and decide anew.")
    if wanted.version is not None and version_of(before) != wanted.version:
        raise StaleRecord(name, f"The record at {name} is not of that version any more; read it again.")
