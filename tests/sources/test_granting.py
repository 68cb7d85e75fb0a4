"""Where tokens are given: what goes out, what comes back, and what is said when it is something else."""

from base64 import b64encode
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qsl

import pytest
from tests.sources.given import FakeClock, raw_server
from tests.sources.renewing import OAUTH, Giver, app, gives

from crmgraph.connectors.exchange import Reply
from crmgraph.domain.errors import BadReply, SourceError, Throttled, Unavailable
from crmgraph.service.tokens import Tokens
from crmgraph.sources.direct import Direct
from crmgraph.sources.granting import Granting, Refused
from crmgraph.sources.transport import NoAnswer, TooLarge


def granting(giver: Giver, **changes: object) -> Granting:
    one = app()
    return Granting("sales", replace(one, spec=one.spec.model_copy(update=changes)), giver, 10.0, FakeClock())


async def test_a_code_is_exchanged_by_a_form() -> None:
    giver, clock = Giver([gives("a", "r", 1000, orgId="acme", scope="read write")]), FakeClock()
    granted = await Granting("sales", app(), giver, 10.0, clock).exchanged("c0de", "http://127.0.0.1:1/callback", None)
    ends = clock.now() + timedelta(seconds=1000)
    assert granted.tokens == Tokens("a", "r", ends - timedelta(seconds=500), ends)
    assert (granted.account, granted.scopes) == ({"org": "acme"}, ("read", "write"))
    (asked,) = giver.asked
    assert (asked.method, asked.address) == ("POST", "https://crm.example.com/api/oauth/token")
    assert ("Content-Type", "application/x-www-form-urlencoded") in asked.headers
    assert giver.form() == {
        "user_type": "Location",
        "client_id": "app",
        "client_secret": "app-s3cret",
        "grant_type": "authorization_code",
        "code": "c0de",
        "redirect_uri": "http://127.0.0.1:1/callback",
    }


async def test_an_app_may_prove_itself_by_http_basic_and_by_pkce() -> None:
    giver = Giver([gives()])
    await granting(giver, client="basic").exchanged("c0de", "http://x/callback", "verifier")
    assert dict(giver.asked[0].headers)["Authorization"] == f"Basic {b64encode(b'app:app-s3cret').decode()}"
    assert "client_secret" not in giver.form()
    assert giver.form()["code_verifier"] == "verifier"


@pytest.mark.parametrize(
    ("lives", "early"), [(86_400, 900), (3600, 900), (1800, 900), (600, 300), ("600", 300), (0, 30), (-5, 30)]
)
async def test_a_token_is_renewed_a_quarter_of_an_hour_early_or_half_way(lives: object, early: float) -> None:
    tokens = (await granting(Giver([gives(lives=lives)])).refreshed("r")).tokens
    assert tokens.ends_at is not None
    assert tokens.renew_at == tokens.ends_at - timedelta(seconds=early)


@pytest.mark.parametrize("lives", [None, "soon", [], 1e12, float("1e400")])
async def test_a_token_of_which_nobody_says_when_it_ends_is_used_until_it_is_refused(lives: object) -> None:
    tokens = (await granting(Giver([gives(lives=lives)])).refreshed("r")).tokens
    assert (tokens.renew_at, tokens.ends_at) == (None, None)


async def test_a_crm_that_keeps_its_refresh_token_need_not_repeat_it() -> None:
    assert (await granting(Giver([gives(refresh=None)])).refreshed("stays")).tokens.refresh == "stays"


async def test_a_lost_answer_is_asked_for_once_more_with_the_same_token() -> None:
    giver = Giver([NoAnswer("did not answer within 8 s"), gives()])
    assert (await granting(giver).refreshed("r")).tokens.access == "access-2"
    assert giver.form(0) == giver.form(1)
    assert giver.form()["refresh_token"] == "r"


async def test_an_answer_that_is_lost_twice_is_left() -> None:
    giver = Giver([NoAnswer("did not answer within 8 s")])
    with pytest.raises(Unavailable, match=r"^sales, asked for tokens, did not answer within 8 s\.$"):
        await granting(giver).refreshed("r")
    assert len(giver.asked) == 2


@pytest.mark.parametrize(
    ("answer", "sort", "said"),
    [
        (Reply(500), Unavailable, "sales is failing where it gives tokens (HTTP 500)."),
        (Reply(429, {"retry-after": "7"}), Throttled, "sales asks us to wait before it gives new tokens."),
        (Reply(200, content=b"<html>"), BadReply, "sales answered something that holds no tokens"),
        (Reply(200, content=b"[]"), BadReply, "sales answered something that holds no tokens"),
        (Reply(200, content=b'{"access_token": 5}'), BadReply, "sales answered something that holds no tokens"),
        (Reply(302, {"location": "https://evil.example"}), BadReply, "sales answered something that holds no tokens"),
        (TooLarge(), BadReply, "sales answered something that holds no tokens"),
        (NoAnswer("cannot be reached: x", sent=False), Unavailable, "sales, asked for tokens, cannot be reached: x."),
    ],
)
async def test_what_is_no_answer_is_told_and_asked_for_once(
    answer: Reply | Exception, sort: type[SourceError], said: str
) -> None:
    giver = Giver([answer])
    with pytest.raises(sort) as caught:
        await granting(giver).refreshed("r3fr3sh")
    assert caught.value.message.startswith(said)
    assert "r3fr3sh" not in caught.value.message
    assert len(giver.asked) == 1


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (400, b'{"error": "invalid_grant", "error_description": "It was used."}', "It was used"),
        (401, b'{"statusCode": 401, "message": "Location is not active"}', "Location is not active"),
        (403, b"", "HTTP 403"),
        (200, b'{"error": "bad_verification_code"}', "bad_verification_code"),
        (400, b'{"message": "unknown token r3fr3sh"}', "HTTP 400"),
        (400, b'{"message": "app-s3cret is wrong"}', "HTTP 400"),
        (400, b'{"message": "' + b"x" * 1000 + b'"}', "x" * 200),
    ],
)
async def test_a_refusal_is_told_in_the_crms_words_without_a_secret(status: int, body: bytes, said: str) -> None:
    with pytest.raises(Refused) as caught:
        await granting(Giver([Reply(status, content=body)])).refreshed("r3fr3sh")
    assert caught.value.said == said


async def test_no_redirect_is_followed_and_nothing_is_sent_to_where_it_leads() -> None:
    heard: list[bytes] = []

    async def elsewhere(reader, writer) -> None:
        heard.append(b"called")

    async with raw_server(elsewhere) as other:

        async def redirects(reader, writer) -> None:
            writer.write(f"HTTP/1.1 307 Elsewhere\r\nLocation: {other}/\r\nContent-Length: 0\r\n\r\n".encode())
            await writer.drain()

        async with raw_server(redirects) as url:
            one = app(replace(OAUTH, base_url=url))
            there = Granting("sales", one, Direct(one.address, allow_private=True), 5.0, FakeClock())
            with pytest.raises(BadReply):
                await there.refreshed("r")
            await there.aclose()
    assert heard == []


async def test_a_private_address_is_not_asked_for_tokens_unless_that_is_allowed() -> None:
    one = app(replace(OAUTH, base_url="http://127.0.0.1:9"))
    there = Granting("sales", one, Direct(one.address, allow_private=False), 5.0, FakeClock())
    with pytest.raises(Unavailable, match="its name leads to a private address"):
        await there.refreshed("r")


async def test_over_a_socket_the_form_arrives_as_it_was_meant() -> None:
    heard: dict[str, str] = {}

    async def gives_tokens(reader, writer) -> None:
        body = await reader.read(4096)
        heard.update(parse_qsl(body.decode()))
        content = b'{"access_token": "a", "expires_in": 100}'
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(content), content))
        await writer.drain()

    async with raw_server(gives_tokens) as url:
        one = app(replace(OAUTH, base_url=url))
        there = Granting("sales", one, Direct(one.address, allow_private=True), 5.0, FakeClock())
        assert (await there.refreshed("r&=+ é")).tokens.access == "a"
        await there.aclose()
    assert heard["refresh_token"] == "r&=+ é"


def test_what_is_printed_holds_no_secret() -> None:
    assert "s3cret" not in repr(app())
    assert "access" not in repr(Tokens("access-token", "refresh-token")).replace("Tokens", "")
