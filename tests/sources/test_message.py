"""What goes over the wire, to the byte."""

import pytest
from tests.sources.given import SECRET

from crmgraph.sources.message import Messages
from crmgraph.sources.transport import Asked, NoAnswer

TABLE = [
    ("GET", (), None, b"GET /a?b=c HTTP/1.1\r\nHost: crm.example.com\r\n\r\n"),
    (
        "GET",
        (("Accept", "application/json"), ("X-Who", "Émile")),
        None,
        "GET /a?b=c HTTP/1.1\r\nHost: crm.example.com\r\nAccept: application/json\r\nX-Who: Émile\r\n\r\n".encode(),
    ),
    ("POST", (), b"{}", b"POST /a?b=c HTTP/1.1\r\nHost: crm.example.com\r\nContent-Length: 2\r\n\r\n{}"),
    ("DELETE", (), b"{}", b"DELETE /a?b=c HTTP/1.1\r\nHost: crm.example.com\r\nContent-Length: 2\r\n\r\n{}"),
    ("PUT", (), None, b"PUT /a?b=c HTTP/1.1\r\nHost: crm.example.com\r\nContent-Length: 0\r\n\r\n"),
    ("DELETE", (), None, b"DELETE /a?b=c HTTP/1.1\r\nHost: crm.example.com\r\n\r\n"),
    ("GET", (("Empty", ""),), None, b"GET /a?b=c HTTP/1.1\r\nHost: crm.example.com\r\nEmpty: \r\n\r\n"),
]


def _asked(method: str, headers: tuple[tuple[str, str], ...], body: bytes | None) -> Asked:
    return Asked(method, "https://crm.example.com/a?b=c", headers, body, 1.0, 1000)


@pytest.mark.parametrize(("method", "headers", "body", "written"), TABLE)
def test_a_call_is_one_head_and_the_body_behind_it(method, headers, body, written) -> None:
    messages = Messages("crm.example.com")
    assert [messages.message(_asked(method, headers, body), "/a?b=c") for _ in range(2)] == [written] * 2


UNFIT = [
    ("X-Who", "Ada\r\nX-Admin: yes"),
    ("X-Who", "Ada\n"),
    ("X-Who", "Ada\0"),
    ("X-Who", " Ada"),
    ("X-Who", "Ada\t"),
    ("X-Who", "\ud800"),
    ("X-Who: Ada\r\nX-Admin", "yes"),
    ("", "Ada"),
    ("Émile", "Ada"),
]


@pytest.mark.parametrize("header", UNFIT)
def test_a_header_that_could_hold_another_is_not_sent(header: tuple[str, str]) -> None:
    with pytest.raises(NoAnswer) as caught:
        Messages("crm.example.com").message(_asked("GET", (header,), None), "/a")
    assert (caught.value.did, caught.value.sent) == (
        "cannot be called: a setting or a value does not fit into a header",
        False,
    )


def test_a_call_that_is_printed_shows_nothing_of_what_it_carries() -> None:
    one = Asked("POST", f"https://x/?token={SECRET}", (("Authorization", SECRET),), SECRET.encode(), 1.0, 1000)
    assert SECRET not in repr(one)
