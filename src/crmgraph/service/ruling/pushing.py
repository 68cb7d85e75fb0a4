"""The tasks and notes of a person, each made once at their record in the target and kept like the first."""

import re
from collections.abc import Mapping, Sequence
from html import unescape
from typing import Any

from crmgraph.connectors.definition import Resource
from crmgraph.connectors.planning import takes
from crmgraph.domain.errors import SourceError
from crmgraph.domain.model import Kind, Link
from crmgraph.domain.records import Record, Ref
from crmgraph.service.ruling.pairing import pair_of
from crmgraph.service.ruling.reports import RuleOutcome, Treated
from crmgraph.service.ruling.saying import READ
from crmgraph.service.ruling.settling import whole
from crmgraph.service.ruling.writing import RuleWriter, Told
from crmgraph.service.writing.changes import Action, Change, offers
from crmgraph.service.writing.pointing import Pointer

_SAID: Mapping[Kind, tuple[str, ...]] = {
    Kind.TASK: ("title", "body", "priority", "dueAt", "dueDate", "completed"),
    Kind.NOTE: ("title", "body"),
}
"""What is pushed of each kind."""

_MARKUP = re.compile(r"<[^<>]*>")

TITLE = 80
"""How many letters of a note's text make a title for a CRM that wants one."""


async def pushed(
    writer: RuleWriter, kind: Kind, of: Record, to: Record, open_writes: frozenset[Ref], done: list[Treated]
) -> None:
    """Push what hangs on a person, and add to `done` what became of each that is not there yet; raises SourceError
    where a source does not tell all of it.
    """
    known = {one.of for one in done}
    taken: set[Ref] = set()
    for record in await _hanging(writer, of, kind):
        if record.ref not in known:
            done.append(await _pushed(writer, record, to, open_writes, taken))


async def _hanging(writer: RuleWriter, record: Record, kind: Kind) -> Sequence[Record]:
    reading, source = writer.reading, record.ref.source
    found = await reading.relations.hanging(reading.relations.alone(record), [kind], READ[kind])
    if not found.whole:
        raise reading.session.meters[source].lost or SourceError(source, f"{source} did not tell all its {kind}s.")
    return [one.record for one in found.entities]


async def _pushed(
    writer: RuleWriter, record: Record, home: Record, open_writes: frozenset[Ref], taken: set[Ref]
) -> Treated:
    target = writer.rule.target
    pair = await pair_of(writer.stores.rules, writer.rule.name, record.ref, target)
    said = _said(writer, record)
    heard = pair.echo.brought if pair.echo is not None else {}
    fresh = {name: {k: v for k, v in one.items() if k not in heard.get(name, ())} for name, one in said.items()}
    told = Told(record.kind, record.ref, said, fresh, pair.mine)
    resource = _resource(writer, target, record.kind)
    if resource is None:
        reason = f"{target} has no place for a {record.kind} that is made from here."
        return Treated(record.kind, record.ref, None, RuleOutcome.SKIPPED, reason=reason)
    to = pair.known[0] if pair.known else await _alike(writer, record, home, said, taken)
    if to is not None:
        taken.add(to)
        # One text that holds them all is added to, never replaced.
        return await writer.update(told, to) if resource.spec.append is None else await writer.remember(told, to)
    if record.ref in open_writes:
        reason = f"Whether {target} made this before is not known yet; `pendingWrites` tells more."
        return Treated(record.kind, record.ref, None, RuleOutcome.SKIPPED, reason=reason)
    made = await writer.create(told, _creation(writer, resource, record, home, said))
    taken |= {made.to} if made.to is not None else set()
    return made


def _said(writer: RuleWriter, record: Record) -> dict[str, dict[str, Any]]:
    said = writer.saying.all_of(record, _SAID[record.kind])
    if record.kind is Kind.TASK and not said["completed"] and record.get("status") is not None:
        done = record.get("status") == "DONE"
        said["completed"] = {writer.saying.digest(done): done}
    return said


def _resource(writer: RuleWriter, target: str, kind: Kind) -> Resource | None:
    """Where the target keeps what is made of this kind."""
    source = writer.reading.session.sources[target]
    stores = writer.reading.session.resources(kind, [source])
    return next((one for _, one in stores if offers(one, Action.CREATE)), None)


async def _alike(
    writer: RuleWriter, record: Record, home: Record, said: Mapping[str, Any], taken: set[Ref]
) -> Ref | None:
    """A record of the target's person that says the same and stands for no other: made before, and not remembered."""
    for there in await _hanging(writer, home, record.kind):
        names = [name for name in said if there.maps(name) and said[name]]
        now = writer.saying.all_of(there, names)
        same = bool(names) and all(now[name].keys() == said[name].keys() for name in names)
        if same and there.ref not in taken and not await writer.stores.rules.touching(there.ref, record.ref.source):
            return there.ref
    return None


def _creation(writer: RuleWriter, resource: Resource, record: Record, home: Record, said: Mapping[str, Any]) -> Change:
    values, link = whole(resource.kind, said), Link(home.ref.id)
    if record.kind is Kind.NOTE and "title" not in values and takes(resource, "title", "create"):
        values["title"] = _headline(values.get("body") or "")
    if resource.spec.append is not None or any(takes(resource, one, "create") for one in ("contact", "contacts")):
        values["contact"] = link
    if record.kind is Kind.TASK and (assignees := _assignees(writer, record)):
        values["assignees"] = assignees
    create = resource.spec.create
    below = resource.spec.parent is not None or (create is not None and "{parent}" in create.call)
    parent = home.ref.id if below else None
    return Change(home.ref.source, resource.name, Action.CREATE, parent=parent, values=values)


def _headline(text: str) -> str:
    """The beginning of a text, without its markup."""
    plain = " ".join(unescape(_MARKUP.sub(" ", text)).split("\n")[0].split())
    return plain[:TITLE]


def _assignees(writer: RuleWriter, record: Record) -> tuple[Pointer, ...]:
    """Who is to do a task: as the rule says, else whoever does it in the source."""
    if writer.rule.assignee is not None:
        return (Pointer(Kind.USER, text=writer.rule.assignee),)
    source = writer.reading.session.sources[record.ref.source]
    users = writer.reading.session.resources(Kind.USER, [source])
    ids = [one.id for one in record.get("assignees") or () if one.id is not None]
    return tuple(Pointer(Kind.USER, (Ref(source.name, users[0][1].name, one),)) for one in ids if users)
