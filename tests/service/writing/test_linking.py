"""Which records a change of links goes to."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from tests.service.writing.desks import Shelf

from crmgraph.domain.model import Kind
from crmgraph.domain.records import Ref
from crmgraph.service.ids import decode, encode
from crmgraph.service.writing.changes import Action
from crmgraph.service.writing.checking import Checking
from crmgraph.service.writing.linking import Linking
from crmgraph.service.writing.mistakes import Mistaken
from crmgraph.service.writing.pointing import Pointer


def ident(kind: Kind, source: str, number: str) -> str:
    return encode(kind, Ref(source, kind.value, number))


ANN = (Ref("concord", "contact", "1"), Ref("bigcontacts", "contact", "41"))
ANNS_ID = encode(Kind.CONTACT, ANN[0])
ACME = ident(Kind.COMPANY, "concord", "5")
ACME_TOO = ident(Kind.COMPANY, "bigcontacts", "50")


class Known(Checking):
    """Ann is known with both her records; of all else an id tells."""

    async def entity(self, field: str, given: str, *kinds: Kind) -> Any:
        found = decode(given)
        assert found.ref is not None
        refs = ANN if found.ref in ANN else (found.ref,)
        return SimpleNamespace(kind=found.kind, person=SimpleNamespace(refs=refs))

    async def person(self, field: str, given: str) -> Pointer | None:
        return Pointer(Kind.CONTACT, ANN)


async def linked(
    action: Action, thing: str, sources: Sequence[str] | None = None, **others: Sequence[str]
) -> dict[str, dict[str, list[str]]]:
    """The source of each change → what it links; raises Mistaken."""
    shelf = Shelf()
    checking = Known(shelf)  # type: ignore[arg-type]
    changes = await Linking(shelf, checking).changed(action, thing, others, sources)  # type: ignore[arg-type]
    checking.done()
    return {one.source: {kind: list(ids) for kind, ids in one.links.items()} for one in changes}


async def test_each_link_goes_to_the_record_of_its_own_source() -> None:
    made = await linked(Action.ATTACH, ANNS_ID, companies=[ACME, ACME_TOO])
    assert made == {"concord": {"company": ["5"]}, "bigcontacts": {"company": ["50"]}}


async def test_a_record_of_whose_source_nothing_is_named_is_left_alone() -> None:
    assert await linked(Action.SYNC, ANNS_ID, companies=[ACME]) == {"concord": {"company": ["5"]}}


async def test_an_empty_list_empties_a_kind_by_a_sync_and_says_nothing_otherwise() -> None:
    deal = ident(Kind.OPPORTUNITY, "concord", "9")
    assert await linked(Action.SYNC, ident(Kind.TASK, "concord", "3"), companies=[]) == {"concord": {"company": []}}
    made = await linked(Action.ATTACH, ANNS_ID, companies=[], opportunities=[deal])
    assert made == {"concord": {"opportunity": ["9"]}}


async def test_a_person_is_linked_by_the_record_that_the_source_has_of_them() -> None:
    by_the_other_id = encode(Kind.CONTACT, ANN[1])
    assert await linked(Action.ATTACH, ACME, contacts=[by_the_other_id]) == {"concord": {"contact": ["1"]}}


async def test_what_lives_elsewhere_is_a_mistake_where_it_stands() -> None:
    with pytest.raises(Mistaken, match="lives in bigcontacts") as wrong:
        await linked(Action.ATTACH, ident(Kind.TASK, "concord", "3"), companies=[ACME, ACME_TOO])
    assert [one.field for one in wrong.value.mistakes] == [("companies", "1")]


async def test_nothing_to_link_is_a_mistake() -> None:
    with pytest.raises(Mistaken, match="Name what is to be linked"):
        await linked(Action.DETACH, ANNS_ID, companies=[])


async def test_a_source_that_is_named_must_have_a_record_of_the_thing() -> None:
    with pytest.raises(Mistaken, match="orgcrm has no record of this contact"):
        await linked(Action.SYNC, ANNS_ID, ["orgcrm"], companies=[])
