"""The people of a source, page by page: all of them, or those that changed after a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crmgraph.domain.errors import BadReply, Unsupported
from crmgraph.domain.filtering import Condition, Op
from crmgraph.domain.model import Kind
from crmgraph.domain.records import Record
from crmgraph.service.cross_rules import CrossRule
from crmgraph.service.pages import Asked
from crmgraph.service.reading import Reading
from crmgraph.service.ruling.saying import read_by
from crmgraph.service.standings import Standing
from crmgraph.service.streams import PageEnds, Stream

PAGE = 25
"""How many people are read at once."""

TRIES = 3
"""How often a page may come to nothing, because its list moved, before the list is given up."""


@dataclass(frozen=True, slots=True)
class Scanned:
    """Some people, and where to go on; None at the end."""

    records: Sequence[Record]
    standing: Mapping[str, Any] | None


async def scanned(
    reading: Reading, rule: CrossRule, since: datetime | None, standing: Mapping[str, Any] | None, first: int = PAGE
) -> Scanned:
    """The next people behind a standing; raises SourceError, Unsupported."""
    stream = await _stream(reading, rule, since, Standing.of_json(standing or {}))
    records: list[Record] = []
    try:
        while len(records) < min(first, PAGE) and await stream.fill():
            records.append(stream.take())
    except PageEnds:
        stream.tries = 0 if records else stream.tries + 1
    if stream.tries >= TRIES:
        raise BadReply(rule.source, f"{rule.source} changes its list of contacts faster than it can be read.")
    changed = [one for one in records if _is_changed(one, since)]
    whole = await reading.lookup.complete(changed, read_by(rule))
    return Scanned(whole, None if stream.done else stream.standing.as_json())


async def _stream(reading: Reading, rule: CrossRule, since: datetime | None, standing: Standing) -> Stream:
    source = reading.session.sources[rule.source]
    after = None if since is None else Condition("updatedAt", Op.GTE, since)
    fields = read_by(rule)
    asked = Asked(Kind.CONTACT, PAGE, filter=after, sources=(rule.source,), fields=fields)
    choices = await reading.lists.choosing.lists(asked, [source])
    if not choices:
        raise Unsupported(f"{rule.source} has no list of its contacts that a rule could go through.", rule.source)
    return Stream(reading.session, choices[0], asked.needed, standing)


def _is_changed(record: Record, since: datetime | None) -> bool:
    """Whether a record changed after a time; one that does not tell may have."""
    changed = record.peek("updatedAt")
    return since is None or changed is None or changed >= since
