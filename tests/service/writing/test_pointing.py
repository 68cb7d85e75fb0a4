"""What names and ids of an input become at one source."""

from typing import Any

import pytest
from tests.service.writing.desks import Account, Shelf, pointer

from crmgraph.connectors.refusals import Refused
from crmgraph.domain.model import Kind, Link
from crmgraph.service.writing.pointing import Pointer, Pointing

PIPELINES = [
    {"id": 100, "name": "Direct", "stages": [{"id": 1}, {"id": 2}]},
    {"id": 200, "name": "Partners", "stages": [{"id": 3}]},
]
STAGES = [{"id": 1, "name": "New"}, {"id": 2, "name": "Soon"}, {"id": 3, "name": "Soon"}, {"id": 4, "name": "2"}]
USERS = [
    {"id": 11, "name": "Otto", "email": "o@example.com"},
    {"id": 12, "name": "o@example.com", "email": "x@example.com"},
]

LISTS = {Kind.PIPELINE: PIPELINES, Kind.STAGE: STAGES, Kind.USER: USERS}


async def resolved(**values: Any) -> tuple[dict[str, Any], tuple[str, ...]]:
    pointing = Pointing(Shelf(lists=LISTS))  # type: ignore[arg-type]
    return await pointing.resolved(Account("concord"), values)  # type: ignore[arg-type]


def stage(text: str, pipeline: str | None = None) -> Pointer:
    return Pointer(Kind.STAGE, text=text, pipeline=pipeline)


async def test_a_name_stands_for_the_thing_that_is_called_so_capitals_apart() -> None:
    made, foreign = await resolved(stage=stage("NEW"))
    assert (made, foreign) == ({"stage": Link("1", "New")}, ())


async def test_an_id_goes_before_an_email_and_an_email_before_a_name() -> None:
    made, _ = await resolved(stage=stage("2"), owner=Pointer(Kind.USER, text="o@example.com"))
    assert made == {"stage": Link("2", "Soon"), "owner": Link("11", "Otto")}


async def test_a_stage_is_of_the_pipeline_that_is_given_with_it() -> None:
    made, _ = await resolved(pipeline=Pointer(Kind.PIPELINE, text="partners"), stage=stage("Soon"))
    assert made == {"pipeline": Link("200", "Partners"), "stage": Link("3", "Soon")}


async def test_a_stage_is_of_the_pipeline_that_the_record_is_in() -> None:
    made, _ = await resolved(stage=stage("Soon", "100"))
    assert made == {"stage": Link("2", "Soon")}


async def test_a_name_that_several_have_is_refused_with_their_ids() -> None:
    with pytest.raises(Refused, match="say which by its id: 2, 3") as refused:
        await resolved(stage=stage("Soon"))
    assert set(refused.value.reasons) == {"stage"}


async def test_every_name_that_nothing_has_is_told_at_once() -> None:
    with pytest.raises(Refused) as refused:
        await resolved(stage=stage("Nope"), owner=Pointer(Kind.USER, text="Nobody"))
    assert set(refused.value.reasons) == {"stage", "owner"}


async def test_of_several_the_one_that_lives_elsewhere_is_told_by_its_place() -> None:
    here, elsewhere = pointer(Kind.CONTACT, concord="1"), pointer(Kind.CONTACT, bigcontacts="41")
    assert await resolved(contacts=(here, elsewhere)) == ({"contacts": (Link("1"),)}, ("contacts.1",))
    assert await resolved(contacts=(elsewhere,)) == ({}, ("contacts",))


async def test_a_stage_of_other_pipelines_alone_is_refused_with_its_ids() -> None:
    with pytest.raises(Refused, match="say which by its id: 2, 3"):
        await resolved(stage=stage("Soon", "300"))
