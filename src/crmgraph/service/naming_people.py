"""The people whom a question or a decision names by their ids, read live and put together under the same knowledge."""

from collections.abc import Collection, Mapping, Sequence

from crmgraph.domain.articles import with_article
from crmgraph.domain.errors import InputError
from crmgraph.domain.model import Kind
from crmgraph.service.entity import Entity
from crmgraph.service.ids import decode
from crmgraph.service.reading import Reading


async def people_named(reading: Reading, given: Mapping[str, str], fields: Collection[str]) -> list[Entity]:
    """The people of ids, by the word of the question that gives each. Raises InputError for what is no person, before
    anybody is called, and for who is gone; SourceError where a source could not be asked.
    """
    for word, ident in given.items():
        _refuse_other_kinds(word, ident)
    found = [await _person(reading, word, ident, fields) for word, ident in given.items()]
    return await settled(reading, list(given.values()), found, fields)


def _refuse_other_kinds(word: str, given: str) -> None:
    kind = decode(given).kind
    if kind is not Kind.CONTACT:
        raise InputError(f"`{word}` is the id of {with_article(kind)}; give the ids of people.")


async def _person(reading: Reading, word: str, given: str, fields: Collection[str]) -> Entity:
    found = await reading.node(given, fields)
    if isinstance(found, Entity):
        return found
    for ref in await reading.leading.records(given):
        await reading.lookup.record(ref)  # They were looked up before, so this makes no call; it raises why it failed.
    raise InputError(f"`{word}` names nobody who is still there.")


async def settled(
    reading: Reading, given: Sequence[str], found: Sequence[Entity], fields: Collection[str] = ()
) -> list[Entity]:
    """People as they are when all of them are known: who was found to have a record of another's is put together
    again, for the reading of one may tell more of those before.
    """
    refs = [ref for one in found for ref in one.person.refs]
    if len(set(refs)) == len(refs):
        return list(found)
    again = [await reading.node(one, fields) for one in given]
    return [new if isinstance(new, Entity) else old for new, old in zip(again, found, strict=True)]
