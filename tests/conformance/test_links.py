"""Every definition that links records by calls of their own, against its simulator."""

from typing import Any

import orjson
import pytest
from tests.conformance.test_writes import Desk
from tests.conformance.worlds import DEFINITIONS

from crmgraph.connectors.definition import Resource
from crmgraph.connectors.paths import compile_path
from crmgraph.connectors.writes import Outcome, Refused, Verb, Written
from crmgraph.domain.errors import Unsupported
from crmgraph.domain.model import Kind

LINKING = [
    (name, part, kind)
    for name, one in DEFINITIONS.items()
    for part, resource in one.resources.items()
    if resource.spec.associate is not None
    for kind in resource.spec.associate.links
]
each_link = pytest.mark.parametrize(("name", "part", "kind"), LINKING)


class Ties(Desk):
    """A record that is linked with nothing of one kind yet, and three that it can be linked with."""

    def __init__(self, name: str, part: str, kind: Kind) -> None:
        super().__init__(name)
        self.own, self.kind = self.resource(part), kind

    async def start(self) -> list[str]:
        made, _ = await self.make(self.own.name)
        self.ident = str(made.id)
        if there := await self.linked():
            await self.change("detach", {self.kind: there})
        return [record.ref.id for record in (await self.world.some(self.other()))[:3]]

    def other(self) -> Resource:
        spec = self.own.spec.associate
        assert spec is not None
        return self.resource(spec.links[self.kind].of or str(self.kind))

    async def linked(self) -> list[str]:
        """What the record is linked with, as the CRM tells it now."""
        spec = self.own.spec.associate
        assert spec is not None
        if (held := spec.links[self.kind].held) is None:
            return sorted(one.ref.id for one in await self.world.hanging(self.other(), self.own.kind, self.ident))
        raw = await self.world.run(self.world.reader.get(self.own, self.ident))
        return sorted(str(one) for one in compile_path(held)(raw))

    async def change(self, verb: Verb, links: dict[Kind, list[str]]) -> Written:
        written: Written = await self.world.run((await self.writer()).associate(self.own, self.ident, verb, links))
        return written

    def sent(self) -> list[tuple[str, str, Any]]:
        """The writing calls."""
        return [
            (call.method, call.path, orjson.loads(call.body or b"null"))
            for call in self.world.calls
            if call.method != "GET"
        ]


@each_link
async def test_links_are_attached_and_detached_and_others_stay(name: str, part: str, kind: Kind) -> None:
    ties = Ties(name, part, kind)
    one, two, three = await ties.start()
    for verb, ids, there in (
        ("attach", [one, two], [one, two]),
        ("attach", [two, three], [one, two, three]),
        ("detach", [one], [two, three]),
    ):
        written = await ties.change(verb, {kind: ids})
        assert (written.outcome, written.altered) == (Outcome.DONE, ())
        assert await ties.linked() == sorted(there)


@each_link
async def test_links_that_are_as_asked_already_make_no_writing_call(name: str, part: str, kind: Kind) -> None:
    ties = Ties(name, part, kind)
    one, two, three = await ties.start()
    await ties.change("attach", {kind: [one, two]})
    asked = len(ties.sent())
    for verb, ids in (("attach", [two, one]), ("detach", [three]), ("sync", [two, one])):
        assert (await ties.change(verb, {kind: ids})).outcome is Outcome.UNCHANGED
    assert len(ties.sent()) == asked


@each_link
async def test_a_sync_makes_links_exactly_these_and_empties_a_kind_without_any(
    name: str, part: str, kind: Kind
) -> None:
    ties = Ties(name, part, kind)
    one, two, three = await ties.start()
    await ties.change("attach", {kind: [one, two]})
    written = await ties.change("sync", {kind: [two, three]})
    assert (written.outcome, written.altered) == (Outcome.DONE, ())
    assert await ties.linked() == sorted([two, three])
    assert (await ties.change("sync", {kind: []})).outcome is Outcome.DONE
    assert await ties.linked() == []


async def test_concord_adds_by_put_takes_away_by_delete_and_replaces_by_post() -> None:
    ties = Ties("concord", "contact", Kind.COMPANY)
    one, two, three = await ties.start()
    await ties.change("attach", {Kind.COMPANY: [one, two]})
    await ties.change("detach", {Kind.COMPANY: [two, three]})
    await ties.change("sync", {Kind.COMPANY: [three]})
    path = f"/associations/contacts/{ties.ident}"
    assert ties.sent()[-3:] == [
        ("PUT", path, {"companies": [int(one), int(two)]}),
        ("DELETE", path, {"companies": [int(two)]}),
        ("POST", path, {"companies": [int(three)]}),
    ]


async def test_a_sync_leaves_the_kinds_alone_that_it_does_not_name() -> None:
    ties = Ties("concord", "contact", Kind.COMPANY)
    one, two, _ = await ties.start()
    deals = [record.ref.id for record in await ties.world.some(ties.resource("opportunity"))]
    await ties.change("attach", {Kind.COMPANY: [one], Kind.OPPORTUNITY: deals[:2]})
    written = await ties.change("sync", {Kind.COMPANY: [two]})
    found = ties.own.lenses["opportunities"].get(written.after, ties.world.tables)
    assert {link.id for link in found} == set(deals[:2])


async def test_a_sync_of_calls_and_meetings_keeps_the_tasks_that_share_their_key() -> None:
    ties, tasks = Ties("concord", "contact", Kind.ACTIVITY), Ties("concord", "contact", Kind.TASK)
    one, two, _ = await ties.start()
    tasks.world, tasks.ident = ties.world, ties.ident
    task = (await ties.world.some(ties.resource("task")))[0].ref.id
    await ties.change("attach", {Kind.ACTIVITY: [one], Kind.TASK: [task]})
    await ties.change("sync", {Kind.ACTIVITY: [two]})
    assert (await ties.linked(), await tasks.linked()) == ([two], [task])


async def test_a_link_to_what_is_not_there_is_refused_with_the_crms_reason() -> None:
    ties = Ties("concord", "contact", Kind.OPPORTUNITY)
    await ties.start()
    with pytest.raises(Refused, match="deals is invalid") as told:
        await ties.change("attach", {Kind.OPPORTUNITY: ["987654"]})
    assert set(told.value.reasons) == {"opportunities"}


async def test_a_kind_that_the_crm_does_not_link_with_is_told_before_any_call() -> None:
    ties = Ties("concord", "contact", Kind.COMPANY)
    await ties.start()
    asked = len(ties.world.calls)
    with pytest.raises(Unsupported, match="does not link a contact with a note, only with company, opportunity, task"):
        await ties.change("attach", {Kind.NOTE: ["1"]})
    assert len(ties.world.calls) == asked


async def test_what_is_not_there_cannot_be_linked() -> None:
    ties = Ties("concord", "contact", Kind.COMPANY)
    ties.ident = "987654"
    with pytest.raises(Refused, match="has no contact `987654` that could be linked"):
        await ties.change("attach", {Kind.COMPANY: ["1"]})
