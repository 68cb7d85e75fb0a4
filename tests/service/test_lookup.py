"""Look-ups of records: as many in a call as the definition allows, and what a lagging list does not give one by one."""

import asyncio
from typing import Any

import orjson
import pytest
from tests.service.given import Office, TinyCrm

from crmgraph.connectors.catalog import read
from crmgraph.connectors.exchange import Call, Reply
from crmgraph.domain.errors import Unavailable
from crmgraph.domain.model import Kind
from crmgraph.domain.records import Ref
from crmgraph.service.custom import CustomFields
from crmgraph.service.entity import View
from crmgraph.service.lookup import OF_PAGES, Lookup, omitted
from crmgraph.service.relations import Relations
from crmgraph.service.staff import Staff

DEFINITION = read(
    """
name: tiny
title: Tiny CRM
resources:
  contact:
    list: {call: GET /contacts, items: items}
    get: {call: "GET /contacts/{id}", item: ""}
    get_many: {call: GET /some, query: {ids: "{ids}"}, items: items, max: 2}
    fields: {givenName: given}
  task:
    list: {call: GET /tasks, items: items}
    of: {contact: {call: GET /tasks, query: {of: "{parents}"}, items: items, many: 2}}
    fields: {title: title, contact: {object: {id: whose}}}
  company:
    of:
      contact:
        call: GET /companies
        query: {of: "{parent}"}
        items: items
        pages: {style: page, size: 1, params: {page: "{page}"}}
    fields: {name: name}
  user:
    list: {call: GET /users, items: items, pages: {style: page, size: 1, params: {page: "{page}"}}}
    get_many: {whole: list}
    fields: {name: name}
""",
    "tiny.yaml",
)


class Crm(TinyCrm):
    """Answers look-ups of three kinds; `lagging` are the ids its batch does not know yet."""

    lagging: frozenset[str] = frozenset()

    def answer(self, call: Call) -> Reply:
        query = call.query
        if call.path == "/some":
            found = [self.rows[i] for _, i in query if i in self.rows and i not in self.lagging]
            return _items(found)
        if call.path == "/tasks":
            return _items([{"id": f"t{whose}", "title": "Call", "whose": whose} for _, whose in query])
        if call.path == "/companies":
            return _items([{"id": f"c{dict(query)['page']}", "name": "Seats"}])
        if call.path == "/users":
            return _items([{"id": query[0][1], "name": "Ann"}])
        return super().answer(call)


def _items(items: list[Any]) -> Reply:
    return Reply(200, {}, orjson.dumps({"items": items}))


def opened() -> tuple[Crm, Lookup]:
    crm = Crm("a", DEFINITION)
    for ident in "12345":
        crm.put(ident, given=f"N{ident}")
    return crm, Lookup(Office([crm]).session())


def contact(ident: str) -> Ref:
    return Ref("a", "contact", ident)


async def test_ids_go_together_as_many_as_a_call_takes() -> None:
    crm, lookup = opened()
    found = await asyncio.gather(*(lookup.record(contact(ident)) for ident in "12345"))
    assert [one.get("givenName") for one in found if one] == ["N1", "N2", "N3", "N4", "N5"]
    assert [call.path for call in crm.calls] == ["/some"] * 3


async def test_what_a_lagging_batch_does_not_give_is_asked_for_alone() -> None:
    crm, lookup = opened()
    crm.lagging = frozenset("2")
    found = await asyncio.gather(*(lookup.record(contact(ident)) for ident in ("1", "2", "9")))
    assert [one and one.ref.id for one in found] == ["1", "2", None]
    assert [call.path for call in crm.calls] == ["/some", "/some", "/contacts/2", "/contacts/9"]


async def test_a_failing_batch_is_the_answer_of_each_of_its_ids() -> None:
    crm, lookup = opened()
    crm.down = True
    found = await asyncio.gather(*(lookup.record(contact(ident)) for ident in "12"), return_exceptions=True)
    assert all(isinstance(one, Unavailable) for one in found)
    with pytest.raises(Unavailable):
        await lookup.record(contact("1"))


async def test_what_hangs_on_several_records_comes_by_parent() -> None:
    crm, lookup = opened()
    task = lookup.session.resource("a", "task")
    found = await asyncio.gather(*(lookup.hanging(crm, task, Kind.CONTACT, ident) for ident in "123"))
    assert [[one.ref.id for one in hung.records] for hung in found] == [["t1"], ["t2"], ["t3"]]
    assert all(hung.whole for hung in found)
    assert [call.query for call in crm.calls] == [(("of", "1"), ("of", "2")), (("of", "3"),)]


async def test_what_hangs_on_a_record_is_not_whole_where_its_list_was_cut() -> None:
    crm, lookup = opened()
    company = lookup.session.resource("a", "company")
    hung = await lookup.hanging(crm, company, Kind.CONTACT, "1")
    assert (len(hung.records), hung.whole) == (OF_PAGES, False)
    assert [one.code for one in lookup.session.meters["a"].problems] == ["TOO_COSTLY"]


async def test_of_what_was_cut_no_total_is_told() -> None:
    crm, lookup = opened()
    (contact_record,) = await lookup.session.records(
        crm, lookup.session.resource("a", "contact"), [{"id": "1", "given": "N1"}], ()
    )
    relations = Relations(View(lookup.session, {}, "US", CustomFields({})), lookup, Staff(lookup.session, lookup, 10))
    entity = relations.alone(contact_record)
    assert not (await relations.hanging(entity, [Kind.COMPANY], ["name"])).whole
    assert (await relations.hanging(entity, [Kind.TASK], ["title"])).whole


async def test_a_list_that_is_read_whole_is_read_once_and_its_cut_is_told() -> None:
    crm, lookup = opened()
    refs = [Ref("a", "user", ident) for ident in ("1", str(OF_PAGES), "999")]
    found = await asyncio.gather(*(lookup.record(ref) for ref in refs))
    assert [one and one.ref.id for one in found] == ["1", str(OF_PAGES), None]
    assert len(crm.calls) == OF_PAGES
    assert [one.code for one in lookup.session.meters["a"].problems] == ["TOO_COSTLY"]


async def test_what_is_known_already_is_not_asked_for() -> None:
    crm, lookup = opened()
    resource = lookup.session.resource("a", "contact")
    lookup.prime(await lookup.session.records(crm, resource, [{"id": "7", "given": "Kim"}], ()))
    known = await lookup.record(contact("7"))
    assert known is not None
    assert (known.get("givenName"), crm.calls) == ("Kim", [])


def test_a_field_that_a_look_up_leaves_out_is_known_to_be_unread() -> None:
    """What `find` and `get_many` omit, by their own word or their list's, is told apart from what is empty."""
    text = """
name: shy
title: Shy
resources:
  contact:
    list:
      call: GET /c
      items: c
      omits: [jobTitle]
      filter: {style: params, condition: {q: "{value}"}, fields: {id: {name: id, ops: {eq: eq}}}}
    get: {call: "GET /c/{id}", item: ""}
    get_many: {through: list, max: 1}
    find: {email: {call: GET /c, query: {mail: "{value}"}, items: c, omits: [birthDate]}}
    fields: {fullName: name, emails: mail, birthDate: born, jobTitle: job}
"""
    spec = read(text, "shy.yaml").resources["contact"]
    assert omitted(spec, spec.spec.find["email"]) == {"birthDate"}
    assert omitted(spec, spec.spec.get_many) == {"jobTitle"}
    assert omitted(spec, None) == set()


async def test_what_is_asked_for_twice_counts_twice_though_it_is_called_once() -> None:
    """Who shares nothing would ask for each; the demonstration tells how many calls that would have been."""
    _, lookup = opened()
    (source,) = lookup.session.sources
    assert list(lookup.each_once([(source, "1"), (source, "2"), (source, "1")])) == [(source, "1"), (source, "2")]
    assert lookup.session.meters[source].asked == 1
