"""What a reply means: the table of statuses, bodies and the sentences they come to."""

from typing import Any

import pytest
from tests.connectors.made import reply

from crmgraph.connectors.exchange import Call, Reply
from crmgraph.connectors.replies import judge, retry_after
from crmgraph.connectors.spec import ReplySpec
from crmgraph.domain.errors import BadReply, Denied, Rejected, SourceError, Throttled, Unavailable

CALL = Call("crm", "", "GET", "/c")
PLAIN = ReplySpec()
FLAGGED = ReplySpec.model_validate(
    {
        "ok": {"path": ["status", "result"], "is": ["success"]},
        "message": "message",
        "cases": [
            {"contains": "no such", "means": "absent"},
            {"path": "code", "contains": "slow", "means": "throttled"},
            {"path": "lost", "means": "unavailable"},
            {"status": [400, 419], "means": "denied"},
        ],
    }
)


def test_a_body_is_parsed_once_however_many_share_it() -> None:
    shared = Reply(200, {}, b'{"id": 1}')
    first, second = (judge(CALL, shared, PLAIN).body for _ in range(2))
    assert first is second
    assert shared == Reply(200, {}, b'{"id": 1}')


@pytest.mark.parametrize(
    ("spec", "status", "body", "error", "sentence"),
    [
        (PLAIN, 400, {"message": "No."}, Rejected, "crm refused the request (HTTP 400): No."),
        (PLAIN, 401, {"error": {"message": "Who?"}}, Denied, "crm refused our credentials (HTTP 401): Who?."),
        (PLAIN, 403, {}, Denied, "crm refused our credentials (HTTP 403)."),
        (PLAIN, 422, {"detail": [{"msg": "a"}, {"msg": "b"}]}, Rejected, "crm refused the request (HTTP 422): a; b."),
        (PLAIN, 429, {}, Throttled, "crm asks us to slow down (HTTP 429)."),
        (PLAIN, 500, b"<html>", Unavailable, "crm is failing (HTTP 500)."),
        (PLAIN, 503, {}, Unavailable, "crm is failing (HTTP 503)."),
        # What is more than words alone may be about anybody; only why it refuses their own values is told to callers.
        (PLAIN, 500, {"message": "Duplicate 'a@b.example' in `contacts`"}, Unavailable, "crm is failing (HTTP 500)."),
        (PLAIN, 403, {"message": "Key 12345 is locked."}, Denied, "crm refused our credentials (HTTP 403)."),
        (PLAIN, 422, {"message": "a@b is taken"}, Rejected, "crm refused the request (HTTP 422): a@b is taken."),
        (PLAIN, 302, b"", BadReply, "crm answered something that is no JSON reply of its API (HTTP 302)."),
        (PLAIN, 200, b"<html>", BadReply, "crm answered something that is no JSON reply of its API (HTTP 200)."),
        (PLAIN, 200, b"", BadReply, "crm answered something that is no JSON reply of its API (HTTP 200)."),
        (PLAIN, 200, b'{"cut": ', BadReply, "crm answered something that is no JSON reply of its API (HTTP 200)."),
        (FLAGGED, 200, {"status": "error", "message": "Bad"}, Rejected, "crm refused the request (HTTP 200): Bad."),
        (FLAGGED, 200, {"code": "slow_down"}, Throttled, "crm asks us to slow down (HTTP 200)."),
        (FLAGGED, 200, {"lost": "x"}, Unavailable, "crm is failing (HTTP 200)."),
        (FLAGGED, 419, {"message": "CSRF"}, Denied, "crm refused our credentials (HTTP 419): CSRF."),
        (FLAGGED, 400, b"<html>", Denied, "crm refused our credentials (HTTP 400)."),
    ],
)
def test_a_failure_is_named_by_who_must_act(
    spec: ReplySpec, status: int, body: Any, error: type[SourceError], sentence: str
) -> None:
    with pytest.raises(error) as told:
        judge(CALL, reply(body, status), spec)
    assert isinstance(told.value, error)
    assert told.value.message == sentence


@pytest.mark.parametrize(
    ("spec", "status", "body"),
    [(PLAIN, 404, {}), (PLAIN, 410, b"gone"), (FLAGGED, 200, {"result": "error", "message": "No such contact"})],
)
def test_what_is_not_there_is_absent(spec: ReplySpec, status: int, body: Any) -> None:
    assert judge(CALL, reply(body, status), spec).absent


def test_success_is_a_status_or_what_the_body_says() -> None:
    assert judge(CALL, reply([1], 201), PLAIN).body == [1]
    assert judge(CALL, reply(b"", 204), PLAIN).body is None
    assert judge(CALL, reply({"result": "success"}), FLAGGED).body == {"result": "success"}


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "²"}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "soon"}, None),
        ({}, None),
        ({"retry-after": "9" * 400}, 999_999_999.0),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:30 GMT", "date": "Wed, 21 Oct 2026 07:28:00 GMT"}, 30.0),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:30 -0000", "date": "Wed, 21 Oct 2026 07:28:00 GMT"}, 30.0),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT", "date": "Wed, 21 Oct 2026 07:28:30 GMT"}, 0.0),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}, None),
    ],
)
def test_a_wait_is_read_in_either_form(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(Reply(429, headers)) == seconds
