"""Credentials that change: renewed in time, once, stored before they are used, and given up without a loop."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.sources.given import call
from tests.sources.renewing import DAY, DEFINITION, OAUTH, Stage, gives, stage

from crmgraph.connectors.exchange import Call, Reply
from crmgraph.domain.errors import ConfigError, Denied, Reconnect, Unavailable
from crmgraph.service.ports import SourceHealth, StoreUnavailable
from crmgraph.service.tokens import Kept, Tokens
from crmgraph.sources.auth import Credential, authed
from crmgraph.sources.health import Health
from crmgraph.sources.pool import Pool
from crmgraph.sources.renewal import AGAIN, LOOK
from crmgraph.sources.scope import scope_of
from crmgraph.sources.transport import NoAnswer

INVALID = Reply(400, content=b'{"statusCode": 400, "message": "Invalid grant: refresh token is invalid"}')
LOST = (
    "sales gives no new tokens any more (Invalid grant: refresh token is invalid); "
    "`crmgraph connect sales` connects it."
)


def token(credential: Credential | None) -> str | None:
    return None if credential is None else dict(credential.headers)["Authorization"].removeprefix("Bearer ")


async def settled(one: Stage) -> None:
    """What was begun beside the calls has ended."""
    if one.renewal._flight is not None:
        await asyncio.wait([one.renewal._flight])


async def test_the_first_call_reads_the_tokens_and_the_others_await_nothing() -> None:
    one = stage()
    assert one.renewal.current() is None
    assert token(await one.renewal.obtained()) == "access-1"
    assert [token(one.renewal.current()) for _ in range(3)] == ["access-1"] * 3
    assert (one.memory.reads, one.giver.asked) == (1, [])
    assert one.connected == ["acme"]


async def test_what_goes_beside_the_token_stays() -> None:
    assert ("X-Org", "acme") in (await stage().renewal.obtained()).headers


async def test_a_token_is_renewed_a_quarter_of_an_hour_before_its_end_while_calls_go_on() -> None:
    one = stage()
    await one.renewal.obtained()
    one.clock.time += DAY - 15 * 60 - 1
    one.renewal.current()
    await settled(one)
    assert one.giver.asked == []
    one.clock.time += 1
    assert token(one.renewal.current()) == "access-1"
    one.clock.time += AGAIN.total_seconds()
    assert token(one.renewal.current()) == "access-1"
    await settled(one)
    assert token(one.renewal.current()) == "access-2"
    assert (len(one.giver.asked), one.giver.form()["refresh_token"]) == (1, "refresh-1")


async def test_who_comes_at_once_after_the_end_shares_one_renewal() -> None:
    one = stage()
    await one.renewal.obtained()
    one.clock.time += DAY
    assert one.renewal.current() is None
    found = await asyncio.gather(*(one.renewal.obtained() for _ in range(20)))
    assert {token(each) for each in found} == {"access-2"}
    assert len(one.giver.asked) == 1


async def test_tokens_are_stored_before_they_are_used() -> None:
    one = stage()
    one.clock.time += DAY

    async def nobody_has_it_yet() -> None:
        assert token(one.renewal.current()) != "access-2"
        one.memory.log.append("asked")

    one.memory.before_renew = nobody_has_it_yet
    assert token(await one.renewal.obtained()) == "access-2"
    assert one.memory.log == ["asked", "stored access-2"]


async def test_what_another_worker_has_renewed_is_taken_from_the_store() -> None:
    one = stage()
    await one.renewal.obtained()
    one.clock.time += DAY
    await one.memory.renew("sales", 1, Tokens("theirs", "refresh-9"))
    assert token(await one.renewal.obtained()) == "theirs"
    assert one.giver.asked == []


async def test_while_another_worker_renews_what_is_still_good_is_used_and_nobody_waits() -> None:
    one = stage()
    await one.renewal.obtained()
    one.clock.time += DAY - 60
    one.memory.holder = "another"
    assert token(one.renewal.current()) == "access-1"
    await settled(one)
    assert (token(one.renewal.current()), one.clock.slept) == ("access-1", [])


async def test_after_the_end_the_renewal_of_another_worker_is_waited_for() -> None:
    one = stage()
    await one.renewal.obtained()
    one.clock.time += DAY
    one.memory.holder = "another"
    waited = one.renewal._sleep

    async def sleep(seconds: float) -> None:
        await waited(seconds)
        if len(one.clock.slept) == 3:
            await one.memory.renew("sales", 1, Tokens("theirs", "refresh-9"))

    one.renewal._sleep = sleep
    assert token(await one.renewal.obtained()) == "theirs"
    assert (one.clock.slept, one.giver.asked) == ([0.05, 0.1, 0.2], [])


async def test_a_worker_that_died_while_it_renewed_is_followed_by_the_next() -> None:
    one = stage()
    await one.renewal.obtained()
    one.clock.time += DAY
    one.memory.holder = "dead"
    waited = one.renewal._sleep

    async def sleep(seconds: float) -> None:
        await waited(seconds)
        one.memory.holder = None  # Its lease has run out.

    one.renewal._sleep = sleep
    assert token(await one.renewal.obtained()) == "access-2"


async def test_who_leaves_while_tokens_are_on_their_way_does_not_lose_them() -> None:
    one = stage()
    await one.renewal.obtained()
    one.clock.time += DAY
    given, going = asyncio.Event(), asyncio.Event()

    async def slowly() -> None:
        given.set()
        await going.wait()

    one.memory.before_renew = slowly
    leaving = asyncio.create_task(one.renewal.obtained())
    await given.wait()
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    closing = asyncio.create_task(one.renewal.aclose())
    await asyncio.sleep(0)
    assert not closing.done()
    going.set()
    await closing
    assert one.memory.log == ["stored access-2"]
    assert one.giver.closed


async def test_a_refused_renewal_is_tried_once_and_told_with_what_to_do() -> None:
    one = stage(INVALID)
    one.clock.time += DAY
    for _ in range(50):
        with pytest.raises(Reconnect) as caught:
            await one.renewal.obtained()
        one.clock.time += 1
    assert caught.value.message == LOST
    assert (caught.value.everywhere, caught.value.sent, caught.value.retryable) == (True, False, False)
    assert len(one.giver.asked) == 1
    assert one.renewal.lost
    assert one.memory.reads < 15


async def test_tokens_that_cannot_be_renewed_are_used_to_their_end_and_told_at_once() -> None:
    one = stage(INVALID)
    await one.renewal.obtained()
    one.clock.time += DAY - 60
    one.renewal.current()
    await settled(one)
    assert (token(one.renewal.current()), one.renewal.lost) == ("access-1", True)
    assert Health(1.0, lambda: one.renewal.lost).state is SourceHealth.RECONNECT
    one.clock.time += 60
    assert one.renewal.current() is None


async def test_to_connect_it_again_is_noticed_without_a_start() -> None:
    one = stage(INVALID)
    one.clock.time += DAY
    with pytest.raises(Reconnect):
        await one.renewal.obtained()
    await one.memory.connect("sales", "globex", Tokens("anew", "refresh-7"))
    one.clock.time += AGAIN.total_seconds()
    assert token(await one.renewal.obtained()) == "anew"
    assert (one.renewal.lost, one.connected) == (False, ["acme", "globex"])


async def test_another_account_is_noticed_while_the_old_tokens_would_last() -> None:
    one = stage()
    await one.renewal.obtained()
    await one.memory.connect("sales", "globex", Tokens("anew", "refresh-7"))
    one.clock.time += LOOK.total_seconds()
    one.renewal.current()
    await settled(one)
    assert token(one.renewal.current()) == "anew"
    assert one.connected == ["acme", "globex"]


async def test_a_source_that_was_never_connected_says_how_to() -> None:
    one = stage(connected=False)
    with pytest.raises(Reconnect, match=r"^sales is not connected yet; `crmgraph connect sales` connects it\.$"):
        await one.renewal.obtained()
    assert one.renewal.lost


async def test_tokens_without_a_refresh_token_end_in_a_sentence() -> None:
    one = stage(refresh=None)
    await one.renewal.obtained()
    one.clock.time += DAY - 1
    assert token(one.renewal.current()) == "access-1"
    one.clock.time += 1
    with pytest.raises(Reconnect, match=r"\(it gave nothing to renew them by\); `crmgraph connect sales` connects it"):
        await one.renewal.obtained()
    assert one.giver.asked == []


async def test_a_crm_that_gives_no_answer_leaves_the_lease_and_is_asked_again_after_a_while() -> None:
    one = stage(NoAnswer("cannot be reached: x", sent=False), gives())
    one.clock.time += DAY
    for _ in range(3):
        with pytest.raises(Unavailable, match="cannot be reached"):
            await one.renewal.obtained()
    assert (len(one.giver.asked), one.memory.holder, one.renewal.lost) == (1, None, False)
    one.clock.time += AGAIN.total_seconds()
    assert token(await one.renewal.obtained()) == "access-2"


async def test_tokens_that_could_not_be_stored_are_stored_later_and_not_asked_for_again() -> None:
    """The CRM knows the old refresh token no more, so these are the only ones."""
    one = stage(gives(), INVALID)
    one.clock.time += DAY

    async def fails() -> None:
        one.memory.before_renew = None
        one.memory.holder = None
        raise StoreUnavailable("Our own store cannot be used.")

    one.memory.before_renew = fails
    with pytest.raises(Unavailable, match=r"^The tokens of sales are out of reach. Our own store cannot be used\.$"):
        await one.renewal.obtained()
    one.clock.time += AGAIN.total_seconds()
    assert token(await one.renewal.obtained()) == "access-2"
    assert len(one.giver.asked) == 1


async def test_a_missing_key_is_a_sentence_of_the_source_and_not_the_end_of_its_tokens() -> None:
    one = stage()

    async def shut(source: str) -> Kept:
        raise ConfigError("`access` of `sales` in `tokens` is sealed under the key `old`, which `vault.keys` lacks.")

    one.memory.read = shut  # type: ignore[method-assign]
    with pytest.raises(Denied, match=r"^The tokens of sales cannot be read\. `access` of `sales`") as caught:
        await one.renewal.obtained()
    assert (caught.value.everywhere, one.renewal.lost) == (True, False)


def crm(one: Stage, takes: Callable[[str], bool]):
    """A wire to a CRM that takes some tokens, and what it heard."""
    heard: list[str] = []

    async def wire(asked: Call, credential: Credential) -> Reply:
        given = token(credential) or ""
        heard.append(given)
        await asyncio.sleep(0)
        return Reply(200 if takes(given) else 401)

    return authed(wire, one.renewal), heard


async def test_a_token_that_the_crm_takes_no_more_is_renewed_and_the_call_made_once_more() -> None:
    one = stage()
    send, heard = crm(one, lambda given: given == "access-2")
    assert (await send(call(method="POST"))).status == 200
    assert (heard, len(one.giver.asked)) == (["access-1", "access-2"], 1)


async def test_many_calls_that_are_refused_at_once_are_one_renewal() -> None:
    one = stage()
    send, heard = crm(one, lambda given: given == "access-2")
    replies = await asyncio.gather(*(send(call(f"/{at}")) for at in range(30)))
    assert {reply.status for reply in replies} == {200}
    assert (len(one.giver.asked), heard.count("access-1"), heard.count("access-2")) == (1, 30, 30)


async def test_a_401_that_a_new_token_does_not_mend_is_given_back_and_no_second_renewal_follows() -> None:
    """It is about a scope; each call is made, and none of them asks for tokens."""
    one = stage()
    send, heard = crm(one, lambda given: False)
    assert [(await send(call())).status for _ in range(5)] == [401] * 5
    assert (len(one.giver.asked), heard) == (1, ["access-1"] + ["access-2"] * 5)


async def test_a_refused_token_whose_renewal_is_refused_is_told_as_that() -> None:
    one = stage(INVALID)
    send, _ = crm(one, lambda given: False)
    for _ in range(5):
        with pytest.raises(Reconnect) as caught:
            await send(call())
    assert caught.value.message == LOST
    assert len(one.giver.asked) == 1


async def test_a_renewal_beside_the_calls_that_fails_is_no_mistake_of_theirs() -> None:
    one = stage(Reply(500))
    await one.renewal.obtained()
    one.clock.time += DAY - 60
    for _ in range(20):
        assert token(one.renewal.current()) == "access-1"
        await settled(one)
    assert len(one.giver.asked) == 1


async def test_the_scope_is_the_connected_accounts_and_not_the_tokens() -> None:
    key = b"k" * 32
    one = stage()

    async def tokens():
        return one.memory

    pool = Pool([replace(OAUTH, base_url="https://crm.example.com")], one.clock, scope_key=key, tokens=tokens)
    (source,) = pool.sources
    view = source.seen_as(DEFINITION)
    renewal = source._renewal
    assert renewal is not None
    await renewal.obtained()
    assert source.reader.site.scope == scope_of(replace(OAUTH, base_url="https://crm.example.com"), key, "acme")
    scope, mark = source.reader.site.scope, source.mark
    await one.memory.renew("sales", 1, Tokens("access-2", "refresh-2"))
    one.clock.time += LOOK.total_seconds()
    renewal.current()
    await renewal._begun()
    assert (source.reader.site.scope, source.mark) == (scope, mark)
    await one.memory.connect("sales", "globex", Tokens("anew", None))
    one.clock.time += LOOK.total_seconds()
    renewal.current()
    await renewal._begun()
    assert source.reader.site.scope == view.reader.site.scope != scope
    assert source.mark != mark
    await pool.aclose()


def test_oauth_without_a_store_is_told_at_once() -> None:
    with pytest.raises(ConfigError, match="goes by OAuth, which needs a store"):
        Pool([OAUTH], stage().clock)
