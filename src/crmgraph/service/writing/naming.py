"""What people call a record by: finding it in a source where its name is all that is known."""

from crmgraph.connectors.definition import Resource
from crmgraph.connectors.namesakes import KNOWN_BY
from crmgraph.domain.normalize import text_key
from crmgraph.domain.records import Record
from crmgraph.service.ports import Source
from crmgraph.service.reading import Reading


async def called(reading: Reading, source: Source, resource: Resource, name: str) -> Record | None:
    """The record of this name or key: spelt so, or else with other capitals and accents. Raises SourceError."""
    records = await reading.everything(source, resource)
    wanted = text_key(name)
    alike = [one for one in records if text_key(own_name(one, resource)) == wanted]
    exact = (one for one in alike if own_name(one, resource) == name)
    return next(exact, alike[0] if alike else None)


def own_name(record: Record, resource: Resource) -> str:
    """What a record is known by in its source; its id where it says nothing else."""
    return str(record.peek(KNOWN_BY[resource.kind]) or record.ref.id)
