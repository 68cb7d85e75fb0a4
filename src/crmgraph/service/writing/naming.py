"""What people call a record by: finding it in a source where its name is all that is known."""

from dataclasses import replace

from crmgraph.connectors.definition import Resource
from crmgraph.connectors.namesakes import KNOWN_BY, name_of
from crmgraph.connectors.refusals import Refused
from crmgraph.domain.normalize import text_key
from crmgraph.domain.records import Record
from crmgraph.service.ports import Source
from crmgraph.service.reading import Reading
from crmgraph.service.writing.changes import Action, Change


async def called(reading: Reading, source: Source, resource: Resource, name: str) -> Record | None:
    """The record of this name or key: spelt so, or else with other capitals and accents. Raises SourceError."""
    records = await reading.everything(source, resource)
    wanted = text_key(name)
    alike = [one for one in records if text_key(own_name(one, resource)) == wanted]
    exact = (one for one in alike if own_name(one, resource) == name)
    return next(exact, alike[0] if alike else None)


async def found(reading: Reading, source: Source, change: Change) -> Change:
    """The change with the id of what it names, None where that is not there.

    Raises Refused where there is nothing to be changed (what is to be deleted may be gone), SourceError.
    """
    if change.named is None:
        return change
    resource = source.reader.definition.resources[change.resource]
    record = await called(reading, source, resource, change.named)
    if record is None and change.action is not Action.DELETE:
        said = f"{source.name} has no {resource.kind} `{change.named}` that could be changed."
        raise Refused(source.name, said)
    return replace(change, id=None if record is None else record.ref.id)


def held_as(resource: Resource, change: Change) -> str | None:
    """What is held while a change is made: its record, or the set. What is yet to be made is held by its name, which
    nobody else shall make; without one it needs no hold.
    """
    if change.id is not None or change.action is not Action.CREATE:
        return change.id or change.resource
    name = name_of(resource, change.values)
    return None if name is None else f"{change.resource}:{name}"


def own_name(record: Record, resource: Resource) -> str:
    """What a record is known by in its source; its id where it says nothing else."""
    return str(record.peek(KNOWN_BY[resource.kind]) or record.ref.id)
