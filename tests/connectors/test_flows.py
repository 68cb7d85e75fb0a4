"""Flows, driven by hand: what is called, and what the replies come to."""

from typing import Any

import pytest
from tests.connectors.made import contacts, definition, drive, reader, reply

from crmgraph.connectors.exchange import Terms
from crmgraph.connectors.flows import Reader, Wanted, batch_of, find_batches, keys_of, parents_of, sorts_by
from crmgraph.connectors.mapping import Lens
from crmgraph.connectors.spec import OkSpec, ReplySpec
from crmgraph.domain.errors import BadReply, InputError, Rejected, Unsupported
from crmgraph.domain.filtering import Condition, Op
from crmgraph.domain.model import Kind

OFFSETS = "pages: {style: offset, size: 2, params: {limit: '{size}', offset: '{offset}'}}"


def listed(more: str = "") -> Reader:
    return reader(contacts(f"    list: {{call: GET /c, items: data, {OFFSETS}{more}}}\n"))


def read_all(made: Reader, *replies: Any, most: int = 9) -> Any:
    return drive(made.whole(made.definition.resources["contact"].listings[0], most), *replies)


def test_a_list_goes_on_until_a_page_is_empty() -> None:
    page, calls = read_all(listed(), {"data": [1, 2]}, {"data": [3]}, {"data": []})
    assert (page.items, page.next, page.total) == ([1, 2, 3], None, 3)
    assert [dict(call.query)["offset"] for call in calls] == ["0", "2", "3"]


def test_a_call_says_how_long_its_reply_lives() -> None:
    """Whoever sends it is also told what a good reply is, be it a search by POST."""
    own = "{ok: {path: fine, is: [true]}}"
    made = reader(contacts(f"    list: {{call: POST /c, items: data, lifetime: 30, reply: {own}}}\n"))
    _, (call,) = read_all(made, {"data": [], "fine": True})
    assert call.terms == Terms(ReplySpec(ok=OkSpec.model_validate({"path": "fine", "is": [True]})), 30)


def test_a_lifetime_makes_no_other_call_of_it() -> None:
    (live,), (kept,) = (
        read_all(reader(contacts(f"    list: {{call: GET /c, items: data{more}}}\n")), {"data": []})[1]
        for more in ("", ", lifetime: 30")
    )
    assert (live, hash(live)) == (kept, hash(kept))


def test_a_total_saves_the_last_call() -> None:
    page, calls = read_all(listed(", total: n"), {"data": [1, 2], "n": 3}, {"data": [3], "n": "3"})
    assert page.items == [1, 2, 3]
    assert len(calls) == 2


def test_a_list_that_is_cut_short_says_where_it_goes_on_and_no_total() -> None:
    page, _ = read_all(listed(), {"data": [1, 2]}, most=1)
    assert (page.next, page.total) == (2, None)


def test_a_list_without_a_list_is_a_bad_reply() -> None:
    with pytest.raises(
        BadReply, match=r"crm answered `GET /c` without a list at `data`, where its definition has one\."
    ):
        read_all(listed(), {"items": []})


def test_a_list_that_is_not_there_is_a_bad_reply() -> None:
    with pytest.raises(BadReply, match="says that `GET /c` is not there"):
        read_all(listed(), reply({}, 404))


def test_the_same_page_again_is_told_instead_of_read_for_ever() -> None:
    with pytest.raises(BadReply, match="again and again"):
        read_all(listed(), {"data": [1, 2]}, {"data": [1, 2]})


def test_a_cursor_that_comes_back_to_an_earlier_one_is_told() -> None:
    made = reader(contacts("    list: {call: GET /c, items: data, pages: {style: cursor, next: {at: next}}}\n"))
    with pytest.raises(BadReply, match="again and again"):
        read_all(made, *({"data": [n], "next": "a" if n % 2 else "b"} for n in range(3)))


def test_the_last_record_pushed_over_by_an_insertion_is_no_loop() -> None:
    made = reader(contacts("    list: {call: GET /c, items: data, pages: {style: cursor, next: {at: next}}}\n"))
    page, _ = read_all(made, {"data": [1, 2], "next": "b"}, {"data": [2]})
    assert page.items == [1, 2, 2]


def test_the_first_list_among_the_candidates_counts() -> None:
    made = reader(contacts("    list: {call: GET /c, items: [data, items, '']}\n"))
    assert read_all(made, {"data": {"not": "this"}, "items": [1]})[0].items == [1]
    assert read_all(made, [1, 2])[0].items == [1, 2]


def test_a_cursor_that_cannot_be_read_is_a_bad_reply() -> None:
    text = "    list: {call: GET /c, items: data, pages: {style: cursor, next: {at: next | millis}}}\n"
    with pytest.raises(BadReply, match="next page that holds 'soon'"):
        read_all(reader(contacts(text)), {"data": [1], "next": "soon"})


GET = "    get: {call: 'GET /c/{id}', item: [data, '']}\n"


def get(ident: str, body: Any, status: int = 200, text: str = GET) -> Any:
    made = reader(contacts(text))
    return drive(made.get(made.definition.resources["contact"], ident), reply(body, status))


def test_one_record_is_found_under_its_key_or_bare() -> None:
    assert get("1", {"data": {"id": 1}})[0] == {"id": 1}
    assert get("1", {"id": 1})[0] == {"id": 1}


@pytest.mark.parametrize(("body", "status"), [({}, 404), ({"data": []}, 200), ({}, 200)])
def test_a_record_that_is_not_there_is_none(body: Any, status: int) -> None:
    assert get("1", body, status)[0] is None


def test_a_record_that_is_no_object_is_a_bad_reply() -> None:
    with pytest.raises(BadReply, match="answered a contact that is no object"):
        get("1", {"data": "yes"})


def test_an_id_is_encoded_whole() -> None:
    assert get("a b?c#d%2F", {"id": 1})[1][0].path == "/c/a%20b%3Fc%23d%252F"


@pytest.mark.parametrize("ident", ["../users", "..", ".", "a/b", "a\\b", "", "a\nb", "a\u2028b"])
def test_an_id_that_would_change_the_path_is_never_sent(ident: str) -> None:
    with pytest.raises(InputError):
        get(ident, {})


def test_a_record_needs_its_parent_where_the_path_does() -> None:
    made = reader(contacts("    get: {call: 'GET /p/{parent}/c/{id}', item: ''}\n"))
    with pytest.raises(InputError, match="without `parent`"):
        drive(made.get(made.definition.resources["contact"], "1"), {})


def test_one_among_siblings_is_picked_by_its_id() -> None:
    found, _ = get("2", {"data": [{"id": 1}, {"id": 2}]}, text="    get: {call: GET /c, items: data}\n")
    assert found == {"id": 2}


def test_a_record_that_belongs_elsewhere_is_not_this_one() -> None:
    text = "    only: {path: kind, in: [person]}\n" + GET
    assert get("1", {"id": 1, "kind": "company"}, text=text)[0] is None


def test_what_the_crm_does_not_offer_is_unsupported_before_any_call() -> None:
    made = reader(contacts("    list: {call: GET /c}\n"))
    resource = made.definition.resources["contact"]
    for flow in (made.get(resource, "1"), made.many(resource, ["1"]), made.find(resource, ["email:a@b.example"])):
        with pytest.raises(Unsupported):
            next(flow)
    with pytest.raises(Unsupported):
        next(made.of(resource, Kind.COMPANY, ["1"], 1))


MANY = """
    get_many: {call: GET /many, query: {id: '{ids}'}, items: data, max: 3}
    find: {email: {call: GET /by, query: {q: '{value}', n: '{size}'}, items: data, most: 2, write: upper}}
    of:
      company: {call: GET /of, query: {at: '{parents:;}'}, many: 5, items: data}
    list: {call: GET /c, items: data}
"""


def test_ids_are_repeated_or_joined_as_the_template_says() -> None:
    made = reader(definition(f"resources:\n  contact:\n    fields: {{company: firm}}{MANY}"))
    resource = made.definition.resources["contact"]
    _, calls = drive(made.many(resource, ["1", "2"]), {"data": []})
    assert calls[0].query == (("id", "1"), ("id", "2"))
    _, calls = drive(made.of(resource, Kind.COMPANY, ["7", "8"], 1), {"data": []})
    assert calls[0].query == (("at", "7;8"),)
    assert (batch_of(resource), parents_of(resource, Kind.COMPANY), keys_of(resource, "email")) == (3, 5, 1)


def test_a_find_that_is_full_may_not_be_all() -> None:
    made = reader(definition(f"resources:\n  contact:\n    fields: {{company: firm}}{MANY}"))
    resource = made.definition.resources["contact"]
    page, calls = drive(made.find(resource, ["email:a@b.example"]), {"data": [{}, {}]})
    assert page.next is not None
    assert calls[0].query == (("q", "A@B.EXAMPLE"), ("n", "2"))
    assert drive(made.find(resource, ["email:a@b.example"]), {"data": [{}]})[0].next is None


def test_what_hangs_on_a_record_that_is_not_there_is_nothing() -> None:
    made = reader(definition(f"resources:\n  contact:\n    fields: {{company: firm}}{MANY}"))
    page, _ = drive(made.of(made.definition.resources["contact"], Kind.COMPANY, ["1"], 2), reply({}, 404))
    assert page.items == []


THROUGH = """
    list:
      call: POST /s
      items: data
      filter:
        style: tree
        into: f
        longest: 20
        both: {all: '{items}'}
        either: {any: '{items}'}
        condition: {k: '{name}', o: '{op}', v: '{value}'}
        fields: {emails: {name: mail, ops: {find: is}}, phones: {name: tel, ops: {find: is}}}
    find: {email: {through: list, max: 2}, phone: {through: list, max: 2}}
"""


def test_keys_of_both_sorts_go_through_one_call() -> None:
    made = reader(contacts(THROUGH))
    resource = made.definition.resources["contact"]
    batches = find_batches(resource, ["email:a@b.example", "phone:+14155550100", "email:c@d.example", "fax:1"])
    assert [len(batch) for batch in batches] == [2, 1]
    _, calls = drive(made.find(resource, batches[0]), {"data": []})
    assert calls[0].body == (
        b'{"f":[{"any":[{"k":"mail","o":"is","v":"a@b.example"},{"k":"tel","o":"is","v":"+14155550100"}]}]}'
    )


def test_a_key_that_cannot_be_asked_leaves_the_answer_open_and_the_list_unread() -> None:
    made = reader(contacts(THROUGH))
    resource = made.definition.resources["contact"]
    long = "email:a.very.long.address@example.com"
    page, calls = drive(made.find(resource, [long]))
    assert (page.items, page.next, calls) == ([], 0, [])
    page, calls = drive(made.find(resource, [long, "email:a@b.example"]), {"data": [1]})
    assert (page.items, page.next, len(calls)) == ([1], 0, 1)


SELECTING = """
    only: {path: kind, in: [person]}
    list:
      call: GET /c
      select: {param: only, separator: ';'}
      order: {createdAt: {desc: {s: down}}}
      natural: updatedAt asc
    fields: {fullName: name, createdAt: at.made, customFields: {rest: 'cf_*'}}
"""


def selecting(*fields: str) -> dict[str, str]:
    made = reader(definition("resources:\n  contact:" + SELECTING))
    resource = made.definition.resources["contact"]
    _, calls = drive(made.page(resource.listings[0], Wanted(fields=frozenset(fields)), None, resource), [])
    return dict(calls[0].query)


def test_sparse_fields_name_what_is_read_and_what_the_record_is_told_by() -> None:
    assert selecting("fullName", "createdAt") == {"only": "id;kind;at;name"}


def test_sparse_fields_are_not_asked_where_a_field_looks_through_the_whole_record() -> None:
    assert selecting("fullName", "customFields") == {}


def test_an_order_is_there_when_it_can_be_asked_or_is_natural() -> None:
    listing = definition("resources:\n  contact:" + SELECTING).resources["contact"].listings[0]
    assert sorts_by(listing, ("createdAt", True))
    assert not sorts_by(listing, ("createdAt", False))
    assert sorts_by(listing, ("updatedAt", False))


ACCOUNT = """
settings: {org: {description: The account.}}
resources:
  contact:
    fields: {fullName: name}
    list:
      call: POST /c
      body: {org: '{org}', sort: up}
      filter:
        style: params
        condition: {'{name}': '{value}'}
        fields: {customFields: {name: '{key}', ops: {eq: ''}}}
    get: {call: 'GET /{org}/{id}', query: {org: '{org}'}, item: ''}
"""


def test_what_names_the_account_cannot_be_overridden() -> None:
    made = reader(definition(ACCOUNT), org="mine")
    resource = made.definition.resources["contact"]
    for key in ("org", "sort"):
        wanted = Wanted(filter=Condition(f"customFields.{key}", Op.EQ, "theirs"))
        _, calls = drive(made.page(resource.listings[0], wanted, None, resource), [])
        assert b'"org":"mine"' in (calls[0].body or b"")


def test_a_value_is_never_taken_for_a_template() -> None:
    made = reader(definition(ACCOUNT), org="mine")
    _, calls = drive(made.get(made.definition.resources["contact"], "{org}"), {"id": 1})
    assert calls[0].path == "/mine/%7Borg%7D"


TABLES = """
tables:
  moods: {endpoint: {call: GET /moods, items: data}, key: no, value: text}
  tags: {of: tag, key: name, value: {name: name, color: color}}
resources:
  tag: {list: {call: GET /tags}, fields: {name: name, color: color}}
"""


def test_a_vocabulary_is_read_from_an_endpoint_or_a_resources_list() -> None:
    made = reader(definition(TABLES))
    found, _ = drive(made.table("moods", 3), {"data": [{"no": 1, "text": "good"}, {"text": "no id"}]})
    assert found == {"1": "good"}
    found, _ = drive(made.table("tags", 3), [{"id": 1, "name": "vip", "color": "red"}])
    assert found == {"vip": {"name": "vip", "color": "red"}}


def test_a_probe_tells_what_is_wrong() -> None:
    made = reader(definition(TABLES))
    assert drive(made.probe(), [])[0] is None
    with pytest.raises(BadReply, match="not there"):
        drive(made.probe(), reply({}, 404))
    with pytest.raises(Rejected, match=r"crm refused the request \(HTTP 400\): No such view\."):
        drive(made.probe(), reply({"message": "No such view."}, 400))


def test_a_record_without_an_id_is_a_bad_reply() -> None:
    made = definition(TABLES)
    with pytest.raises(BadReply, match="answered a tag without an id where its definition has one, at `id`"):
        made.resources["tag"].record({"name": "x"}, "crm", {}, None)  # type: ignore[arg-type]


def test_a_lens_is_what_a_field_compiles_to() -> None:
    assert isinstance(definition(TABLES).resources["tag"].lenses["name"], Lens)
