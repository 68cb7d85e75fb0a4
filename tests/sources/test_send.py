"""The shape of requests and replies, over a transport that is no network."""

import gzip
import logging
from collections.abc import AsyncIterator, Callable

import httpx
import orjson
import pytest
from tests.sources.given import SECRET, call

from crmgraph.connectors.exchange import Call, Reply
from crmgraph.domain.errors import BadReply, InputError, SourceError, Unavailable
from crmgraph.sources.auth import Credential
from crmgraph.sources.body import FREE
from crmgraph.sources.over_httpx import OverHttpx
from crmgraph.sources.send import over_http

BASE = "https://crm.example.com/api"
NOBODY = Credential()


def _carried(answer: Callable[[httpx.Request], httpx.Response]) -> OverHttpx:
    """A transport of httpx that answers so."""
    return OverHttpx(httpx.MockTransport(answer))


class Parts(httpx.AsyncByteStream):
    """A body that comes in parts."""

    def __init__(self, *parts: bytes) -> None:
        self.parts = parts
        self.given = 0
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self.parts:
            self.given += 1
            yield part

    async def aclose(self) -> None:
        self.closed = True


async def _sent(asked: Call, credential: Credential = NOBODY) -> httpx.Request:
    """The request that a call becomes."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200)

    await over_http("sales", BASE, _carried(answer), 4.0)(asked, credential)
    [request] = seen
    return request


async def _received(response: httpx.Response, largest: int = 1000) -> Reply:
    wire = over_http("sales", BASE, _carried(lambda request: response), 4.0, largest)
    return await wire(call(), NOBODY)


async def _failure(response: httpx.Response, largest: int = 1000) -> SourceError:
    with pytest.raises(SourceError) as caught:
        await _received(response, largest)
    return caught.value


async def test_a_read_carries_what_every_call_carries_and_nothing_that_gives_us_away() -> None:
    request = await _sent(call())
    assert request.method == "GET"
    assert dict(request.headers) == {
        "host": "crm.example.com",
        "accept": "application/json",
        "accept-encoding": "gzip",
        "user-agent": request.headers["user-agent"],
    }
    assert request.headers["user-agent"].startswith("crmgraph/")
    assert request.content == b""


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_a_body_goes_as_json_with_any_method(method: str) -> None:
    request = await _sent(call(method=method, body=b'{"a":1}'))
    assert (request.method, request.content) == (method, b'{"a":1}')
    assert request.headers["content-type"] == "application/json"
    assert request.headers["content-length"] == "7"


async def test_the_definitions_headers_replace_ours_and_the_credentials_replace_all_whatever_their_case() -> None:
    asked = call(headers=(("accept", "application/vnd.tiny+json"), ("authorization", "none"), ("X-Who", "Émile")))
    request = await _sent(asked, Credential((("Authorization", f"Bearer {SECRET}"),)))
    assert request.headers["accept"] == "application/vnd.tiny+json"
    assert request.headers.get_list("authorization") == [f"Bearer {SECRET}"]
    assert (b"X-Who", "Émile".encode()) in request.headers.raw


async def test_a_credential_in_the_query_follows_the_calls_own_query() -> None:
    request = await _sent(call(query=(("page", "2"),)), Credential(query=(("access_token", "a+b"),)))
    assert request.url.raw_path == b"/api/contacts?page=2&access_token=a%2Bb"


async def test_a_reply_is_its_status_its_headers_in_lower_case_and_its_bytes() -> None:
    reply = await _received(httpx.Response(418, headers={"X-Tea": "Pot", "Content-Type": "text/plain"}, content=b"no"))
    assert (reply.status, reply.content) == (418, b"no")
    assert (reply.headers["x-tea"], reply.headers["content-type"]) == ("Pot", "text/plain")


async def test_a_redirect_is_a_reply_like_any_other() -> None:
    reply = await _received(httpx.Response(302, headers={"Location": "https://evil.example.com/"}))
    assert reply.status == 302


async def test_a_packed_reply_is_unpacked() -> None:
    packed = gzip.compress(b'{"data":[]}')
    parts = Parts(packed[:5], packed[5:])
    reply = await _received(httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=parts))
    assert reply.content == b'{"data":[]}'
    assert parts.closed


async def test_a_packed_reply_without_a_body_is_whole() -> None:
    assert (await _received(httpx.Response(204, headers={"Content-Encoding": "gzip"}, stream=Parts()))).content == b""


PACKED = gzip.compress(b"x" * 500)

BROKEN = [
    ({"Content-Length": "10"}, (b"12345",), "sales broke off in the middle of its answer."),
    ({"Content-Encoding": "gzip"}, (PACKED[:-9],), "sales broke off in the middle of its answer."),
    ({"Content-Encoding": "gzip"}, (b"not packed",), "sales sent an answer that cannot be unpacked."),
    ({"Content-Encoding": "br"}, (b"x",), "sales packed its answer in a way that was not asked for."),
    ({"Content-Encoding": "gzip, gzip"}, (b"x",), "sales packed its answer in a way that was not asked for."),
]


@pytest.mark.parametrize(("headers", "parts", "sentence"), BROKEN)
async def test_a_broken_body_is_never_a_clean_reply(headers, parts, sentence) -> None:
    body = Parts(*parts)
    failure = await _failure(httpx.Response(200, headers=headers, stream=body))
    assert (type(failure), failure.message, failure.source) == (Unavailable, sentence, "sales")
    assert body.closed


async def test_a_reply_that_is_too_large_is_left_as_soon_as_that_is_known() -> None:
    parts = Parts(*[b"x" * 400] * 10)
    failure = await _failure(httpx.Response(200, stream=parts))
    assert type(failure) is BadReply
    assert failure.message == "sales sent more than 1,000 bytes in one reply; smaller pages would fit."
    assert parts.given == 3
    assert parts.closed


async def test_a_reply_of_just_the_largest_size_is_fine() -> None:
    assert len((await _received(httpx.Response(200, stream=Parts(b"x" * 1000)))).content) == 1000
    packed = gzip.compress(b"x" * 1000)
    fits = httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=Parts(packed))
    assert len((await _received(fits)).content) == 1000


async def test_a_small_packed_reply_that_unpacks_to_too_much_is_refused() -> None:
    packed = gzip.compress(bytes(50_000_000), 1)
    failure = await _failure(httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=Parts(packed)))
    assert type(failure) is BadReply


def _raising(error: Exception) -> Callable[[httpx.Request], httpx.Response]:
    def answer(request: httpx.Request) -> httpx.Response:
        raise error

    return answer


URL_IN_IT = f"https://crm.example.com/api/contacts?access_token={SECRET}"

RAISED = [
    (httpx.ConnectTimeout(URL_IN_IT), "sales cannot be reached: no connection within 4 s."),
    (httpx.ReadTimeout(URL_IN_IT), "sales did not answer within 4 s."),
    (httpx.PoolTimeout(URL_IN_IT), "sales did not answer within 4 s."),
    (httpx.ConnectError(URL_IN_IT), "sales cannot be reached: no connection could be made."),
    (httpx.ReadError(URL_IN_IT), "sales broke off the connection before it answered."),
    (httpx.WriteError(URL_IN_IT), "sales broke off the connection before it answered."),
    (ConnectionResetError(URL_IN_IT), "sales broke off the connection before it answered."),
    (httpx.RemoteProtocolError(URL_IN_IT), "sales closed the connection without an HTTP answer."),
    (httpx.LocalProtocolError(URL_IN_IT), "sales cannot be called: a setting or a value does not fit into a header."),
    (UnicodeError(URL_IN_IT), "sales cannot be reached: its name is not valid."),
]


@pytest.mark.parametrize(("error", "sentence"), RAISED)
async def test_what_httpx_raises_becomes_one_sentence_and_nothing_of_it_is_kept(error, sentence) -> None:
    wire = over_http("sales", BASE, _carried(_raising(error)), 4.0)
    with pytest.raises(Unavailable) as caught:
        await wire(call(), Credential(query=(("access_token", SECRET),)))
    assert caught.value.message == sentence
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


async def test_a_mistake_of_our_own_is_not_taken_for_the_crms() -> None:
    wire = over_http("sales", BASE, _carried(_raising(KeyError("ours"))), 4.0)
    with pytest.raises(KeyError):
        await wire(call(), NOBODY)


async def test_an_address_that_is_none_is_the_callers_turn() -> None:
    with pytest.raises(InputError, match=r"^What is asked of `sales` makes no address\.$"):
        await _sent(call("/contacts\x7f"))


def test_the_logs_of_httpx_and_httpcore_are_silent_below_warnings() -> None:
    over_http("sales", BASE, _carried(lambda request: httpx.Response(200)), 4.0)
    for name in ("httpx", "httpcore.connection", "httpcore.http11"):
        assert not logging.getLogger(name).isEnabledFor(logging.INFO)


async def test_an_answer_that_was_packed_beyond_all_likelihood_is_left_before_it_is_unpacked() -> None:
    packed = gzip.compress(bytes(5 * FREE), 9)
    reply = httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=Parts(packed))
    failure = await _failure(reply, 20 * FREE)
    assert (type(failure), failure.message) == (
        Unavailable,
        "sales packed its answer tighter than any answer can be.",
    )


async def test_a_large_page_of_records_that_are_nearly_alike_is_likely() -> None:
    page = orjson.dumps([{"id": number, "name": "Anna Kovacs", "tags": ["vip"]} for number in range(50_000)])
    packed = gzip.compress(page, 9)
    parts = Parts(packed[:100], packed[100:])
    assert len(page) > 2 * FREE
    reply = httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=parts)
    assert (await _received(reply, 20 * FREE)).content == page
