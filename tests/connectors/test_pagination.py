"""How lists go on: pages joined are the whole list, in every style and whatever the CRM makes of the size."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.connectors.made import contacts, definition, drive, reader, reply

from crmgraph.connectors.flows import Wanted
from crmgraph.connectors.pagination import Page, goes_round, parameters, turn
from crmgraph.connectors.spec import Endpoint

RESOURCE = "resources:\n  contact:\n    fields: {fullName: name, emails: email}\n"

STYLES = {
    "page": "{style: page, size: 5, params: {page: '{page}', per: '{size}'}}",
    "page from 0": "{style: page, first: 0, size: 5, params: {page: '{page}', per: '{size}'}}",
    "page with its last": "{style: page, size: 5, params: {page: '{page}', per: '{size}'}, last: last_page}",
    "offset": "{style: offset, size: 5, params: {offset: '{offset}', per: '{size}'}}",
    "cursor": "{style: cursor, size: 5, params: {per: '{size}'}, next: {after: after}}",
    "cursor of a record": "{style: cursor, size: 5, params: {per: '{size}'}, next: {after: last.id}}",
    "cursor in a link": "{style: cursor, size: 5, params: {per: '{size}'}, next: {after: link | parameter after}}",
    "cursor with a flag": "{style: cursor, size: 5, params: {per: '{size}'}, next: {after: last.id}, more: more}",
}


def answer(style: str, asked: dict[str, str], count: int, most: int, total: bool) -> dict[str, Any]:
    """A CRM of `count` records that gives at most `most` a page, whatever is asked."""
    size = min(int(asked["per"]), most)
    first = 0 if style == "page from 0" else 1
    if "page" in asked:
        start = (int(asked["page"]) - first) * size
    else:
        start = int(asked.get("offset", asked.get("after", "0")))
    items = [{"id": number} for number in range(start + 1, min(start + size, count) + 1)]
    end = start + len(items)
    body: dict[str, Any] = {"data": items, "last_page": max(1, -(-count // size)), "more": end < count}
    if end < count:
        body |= {"after": end, "link": f"https://elsewhere.example/c?after={end}&x=1"}
    return body | ({"total": count} if total else {})


@pytest.mark.parametrize("style", STYLES)
@given(count=st.integers(0, 23), most=st.integers(1, 8), total=st.booleans(), size=st.none() | st.integers(1, 5))
def test_pages_joined_are_the_whole_list(style: str, count: int, most: int, total: bool, size: int | None) -> None:
    made = reader(contacts(f"    list: {{call: GET /c, items: data, total: total, pages: {STYLES[style]}}}\n"))
    listing = made.definition.resources["contact"].listings[0]
    flow = made.whole(listing, 60, Wanted(size=size))
    call = next(flow)
    try:
        while True:
            body = answer(style, dict(call.query), count, most, total)
            call = flow.send(reply(body))
    except StopIteration as end:
        page: Page = end.value
    assert [item["id"] for item in page.items] == list(range(1, count + 1))
    assert page.next is None


@pytest.mark.parametrize("style", STYLES)
@given(count=st.integers(0, 23), most=st.integers(1, 8), size=st.none() | st.integers(1, 5), budget=st.integers(1, 9))
def test_what_is_to_be_sent_along_is_what_is_asked_for_next(
    style: str, count: int, most: int, size: int | None, budget: int
) -> None:
    """Of a list that stands still no call is made that would not have been made anyway."""
    text = f"    list: {{call: GET /c, items: data, total: total, pages: {STYLES[style]}}}\n"
    made = reader(definition(f"limits: {{concurrency: 4}}\n{RESOURCE}{text}"))
    flow = made.whole(made.definition.resources["contact"].listings[0], budget, Wanted(size=size))
    calls, filled = [next(flow)], 0
    with suppress(StopIteration):
        while True:
            body = answer(style, dict(calls[-1].query), count, most, total=True)
            filled += bool(body["data"])
            calls.append(flow.send(reply(body)))
    for number, call in enumerate(calls):
        assert list(call.then) == calls[number + 1 :][: len(call.then)]
    # The second page is asked for with as many of the others as are taken at once.
    if filled > 1 and not style.startswith("cursor"):
        assert len(calls[1].then) == min(filled - 2, 3)


def endpoint(pages: dict[str, Any], **more: Any) -> Endpoint:
    return Endpoint.model_validate({"call": "GET /c", "pages": pages, **more})


def test_a_small_page_in_the_middle_is_not_taken_for_the_last() -> None:
    """The CRM gives 15 a page although 100 were asked: the second page holds records 16 to 30 of 61."""
    found = turn(endpoint({"style": "page", "size": 100}, total="n"), 2, 100, {"n": 61}, [{}] * 15)
    assert found.next == 3


def test_a_page_that_is_short_is_the_last_where_the_definition_says_so() -> None:
    pages = {"style": "offset", "size": 3, "ends_short": True}
    assert turn(endpoint(pages), None, 3, {}, [1, 2]).next is None
    assert turn(endpoint(pages), None, 3, {}, [1, 2, 3]).next == 3


def test_a_list_without_pages_comes_at_once() -> None:
    assert turn(Endpoint.model_validate({"call": "GET /c"}), None, 100, [1], [1]) == Page([1], None, None)
    assert parameters(None, None, 5) == {}


def test_a_cursor_ends_on_an_empty_page() -> None:
    assert turn(endpoint({"style": "cursor", "next": {"at": "next"}}), None, 5, {"next": "x"}, []).next is None


def test_a_total_that_is_no_number_is_none() -> None:
    for said in (True, "many", None, [3]):
        assert turn(endpoint({"style": "none"}, total="n"), None, 5, {"n": said}, [1]).total is None


def test_only_what_goes_on_can_go_round() -> None:
    assert goes_round(2, Page([1], 2, None), [])
    assert goes_round(1, Page([1, 2], 3, None), [0, 1, 2])
    assert not goes_round(1, Page([1, 2], None, None), [0, 1, 2])
    assert not goes_round(1, Page([3], 2, None), [1, 2])


def test_a_call_that_needs_no_drive_makes_none() -> None:
    made = reader(contacts("    list: {call: GET /c, items: data}\n"))
    page, calls = drive(made.whole(made.definition.resources["contact"].listings[0], 3), {"data": [1]})
    assert (page.items, len(calls)) == ([1], 1)
