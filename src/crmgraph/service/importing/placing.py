"""Where a row goes at one source: to a new record, or to the one that has its e-mail or phone already.

What is there stays: addresses and tags are added to those that a record has.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from crmgraph.connectors.definition import Resource
from crmgraph.connectors.refusals import Refused
from crmgraph.connectors.writes import Writer
from crmgraph.domain.model import TagName
from crmgraph.domain.normalize import email_key, phone_key
from crmgraph.service.importing.rows import known_by
from crmgraph.service.imports import ImportMode
from crmgraph.service.ports import Source
from crmgraph.service.reading import Reading
from crmgraph.service.writing.changes import Action, Change
from crmgraph.service.writing.driver import Driver


async def placed(
    reading: Reading, source: Source, resource: Resource, mode: ImportMode, values: Mapping[str, Any]
) -> list[Change]:
    """The changes that bring a row to a source, after looking there where that is asked.

    Raises Unsupported where the source cannot be asked, Refused where it has several, SourceError where it fails.
    """
    new = Change(source.name, resource.name, Action.CREATE, values=values)
    if mode is ImportMode.CREATE:
        return [new]
    driver = Driver(source, reading.session.meters[source.name])
    writer = Writer(source.reader, reading.session.tables[source.name])
    found = await driver.run(writer.look_for(resource, known_by(values)))
    idents = {str(resource.ident(one, writer.tables)) for one in found}
    if len(idents) > 1:
        said = f"{source.name} has {len(idents)} contacts with this e-mail or phone; which is meant, no row can say."
        raise Refused(source.name, said)
    ident = next(iter(idents), None)
    there = None if ident is None else await driver.run(source.reader.get(resource, ident))
    if ident is None or there is None:
        return [new]
    return _changed(new, ident, _added(values, lambda name: writer.value(resource, there, name), reading))


def _changed(new: Change, ident: str, values: Mapping[str, Any]) -> list[Change]:
    """The changes of a record that is there: tags by their own way, so that none that comes meanwhile is lost."""
    tags: Sequence[TagName] = values.get("tags", ())
    rest = {name: value for name, value in values.items() if name != "tags"}
    changes = [Change(new.source, new.resource, Action.UPDATE, ident, values=rest)] if rest or not tags else []
    if tags:
        names = tuple(one.name for one in tags)
        changes.append(Change(new.source, new.resource, Action.TAG, ident, add=names))
    return changes


def _added(values: Mapping[str, Any], says: Callable[[str], Any], reading: Reading) -> dict[str, Any]:
    """The values with what the record has besides. Its main e-mail stays the main one; a phone that the row brings
    comes first, for where a CRM holds one only, that is the one.
    """
    made, region = dict(values), reading.gateway.identity.region
    there = {name: tuple(says(name) or ()) for name in ("emails", "phones", "addresses") if name in values}
    if "emails" in values:
        made["emails"] = _joined(there["emails"], values["emails"], lambda one: email_key(one.value) or one.value)
    if "phones" in values:
        made["phones"] = _joined(
            values["phones"], there["phones"], lambda one: phone_key(one.value, region) or one.value
        )
    if "addresses" in values:
        made["addresses"] = _joined(there["addresses"], values["addresses"], lambda one: one)
    return {name: value for name, value in made.items() if name not in there or set(value) != set(there[name])}


def _joined(first: Sequence[Any], then: Sequence[Any], key: Callable[[Any], Any]) -> tuple[Any, ...]:
    """Both, each thing once; a spelling that is there already stays as it is."""
    found = {key(one): one for one in (*then, *first)}
    return tuple(found[one] for one in dict.fromkeys(map(key, (*first, *then))))
