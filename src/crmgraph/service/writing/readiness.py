"""What must be so before a change can be planned: its source has room for it, and its vocabularies are at hand."""

from collections.abc import Sequence

from crmgraph.connectors.definition import Resource
from crmgraph.connectors.planning import takes
from crmgraph.connectors.writes import tables_written
from crmgraph.domain.articles import with_article
from crmgraph.domain.errors import Unavailable, Unsupported
from crmgraph.service.ports import Source
from crmgraph.service.session import Session
from crmgraph.service.writing.changes import Action, Change
from crmgraph.service.writing.suiting import suited


def refuse_misfit(resource: Resource, change: Change, ignored: Sequence[str]) -> None:
    """Raise Unsupported for an update of which the source takes nothing, not even in another form."""
    asked = (*change.values, *ignored)
    if change.action is not Action.UPDATE or not asked:
        return
    values, _ = suited(resource, change.values, "update", lambda name: None)
    if not any(takes(resource, name, "update") for name in values):
        said = f"has no room for {', '.join(asked)} of {with_article(resource.kind)}, or cannot change it."
        raise Unsupported(f"{change.source} {said}", change.source)


async def load_vocabularies(session: Session, source: Source, resource: Resource, change: Change) -> None:
    """Have at hand what the change looks into; raises Unavailable where the source does not tell it."""
    # A version is about every field, so nothing that a field looks into may be missing.
    named = resource.lenses if change.only_if.version is not None else change.values
    await session.load_vocabularies(source, tables_written(resource, named, change.action is Action.CREATE))
    missing = resource.tables_for(change.values) - set(session.tables[source.name])
    if missing:
        names = ", ".join(sorted(missing))
        error = Unavailable(source.name, f"{source.name} did not tell its {names}, without which nothing is sent.")
        error.sent = False
        raise error
