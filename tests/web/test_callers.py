"""Who is calling: what a request must prove, what it is refused with, and that nothing of it is told or guessed."""

import base64
import hashlib
import hmac
import json
from datetime import datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from tests.store.given import HandClock
from tests.web.tiny import TinyGraph, client

from crmgraph.service.callers import ADMIN, Caller, Role, expanded
from crmgraph.service.keys import Key, ident_of, made
from crmgraph.service.ports import StoreUnavailable
from crmgraph.service.sights import Sight
from crmgraph.web.callers import Known, WithOwnTokens
from crmgraph.web.jwt_proof import AGAIN, JwtProof, KeySet, Provider
from crmgraph.web.key_proof import BELIEVED, ConfiguredKeys, StoredKeys
from crmgraph.web.refusal import Refused

CREW = Role("crew", expanded(["contact:read"]))
ROLES = {"crew": CREW, "admin": ADMIN}
PEPPER = b"a pepper of some length"
SECRET = "0123456789abcdef0123456789abcdef"


def steady(count: int) -> bytes:
    return bytes(range(count))


class Table:
    """Keys as a store keeps them, counting how often it is asked."""

    def __init__(self) -> None:
        self.rows: dict[str, Key] = {}
        self.asked = 0
        self.gone = False

    async def add(self, key: Key) -> None:
        self.rows[key.id] = key

    async def find(self, ident: str) -> Key | None:
        self.asked += 1
        if self.gone:
            raise StoreUnavailable("The store is away.")
        return self.rows.get(ident)

    async def all(self) -> list[Key]:
        return list(self.rows.values())

    async def revoke(self, ident: str, at: datetime) -> bool:
        raise NotImplementedError


def known(clock: HandClock, table: Table) -> Known:
    return Known(
        [
            StoredKeys(lambda: table, PEPPER, ROLES, clock),
            ConfiguredKeys({"boards": (SECRET, CREW)}, steady),
        ]
    )


async def ask(callers: Any, headers: dict[str, str]) -> tuple[int, dict[str, str], Any, list[Caller]]:
    graph = TinyGraph()
    async with client(graph=graph, callers=callers) as http:
        response = await http.post("/graphql", json={"query": "{ hello }"}, headers=headers)
    return response.status_code, dict(response.headers), response.json(), [one.caller for one in graph.asked]


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.mark.parametrize("header", ["authorization", "x-api-key"])
async def test_a_key_of_the_configuration_tells_who_is_calling(clock: HandClock, header: str) -> None:
    given = SECRET if header == "x-api-key" else f"Bearer {SECRET}"
    status, _, _, seen = await ask(known(clock, Table()), {header: given})
    assert (status, seen) == (200, [Caller("key:boards", CREW)])


@pytest.mark.parametrize(
    ("headers", "sentence"),
    [
        ({}, "Say who you are: send an API key or a token as `Authorization: Bearer …`."),
        ({"authorization": "Basic dTpw"}, "Send your key or token as `Authorization: Bearer …`"),
        ({"authorization": "Bearer"}, "The credential is malformed"),
        ({"authorization": "Bearer one two"}, "The credential is malformed"),
        ({"authorization": "Bearer " + "x" * 9000}, "The credential is malformed"),
        ({"authorization": "Bearer " + SECRET[:-1]}, "This key or token is not known here"),
        ({"authorization": "Bearer " + SECRET + "0"}, "This key or token is not known here"),
        ({"authorization": f"Bearer crmgraph_{'0' * 16}_{'A' * 43}"}, "This key or token is not known here"),
        ({"x-api-key": ""}, "The credential is malformed"),
    ],
)
async def test_who_proves_nothing_is_refused_in_a_sentence_and_the_graph_hears_nothing(
    clock: HandClock, headers: dict[str, str], sentence: str
) -> None:
    status, told, body, seen = await ask(known(clock, Table()), headers)
    assert (status, told["www-authenticate"], seen) == (401, 'Bearer realm="crmgraph"', [])
    (error,) = body["errors"]
    assert error["message"].startswith(sentence)
    assert error["extensions"] == {"code": "UNAUTHENTICATED"}
    assert not any(given and given in json.dumps(body) for given in headers.values())


async def test_nobody_is_asked_for_a_proof_before_there_is_an_endpoint() -> None:
    """Health checks have no key."""
    async with client(callers=Known([])) as http:
        assert (await http.get("/livez")).status_code == 200
        assert (await http.get("/readyz")).status_code == 200
        assert (await http.get("/graphql?query={hello}")).status_code == 401


async def made_in(
    table: Table, clock: HandClock, name: str = "ada", role: str = "crew", days: int | None = None
) -> str:
    expires = None if days is None else clock.now() + timedelta(days=days)
    key, text = made("ada", role, PEPPER, steady, clock.now(), expires)
    await table.add(key)
    return text


async def test_a_made_key_is_believed_until_it_is_revoked_or_expires(clock: HandClock) -> None:
    table = Table()
    text = await made_in(table, clock, days=1)
    callers = known(clock, table)
    assert (await ask(callers, {"x-api-key": text}))[3] == [Caller("key:ada", CREW)]
    (row,) = table.rows.values()
    assert text not in repr(row)
    assert row.mac not in (text.encode(), base64.b64encode(text.encode()))
    clock.pass_(86_400)
    assert (await ask(callers, {"x-api-key": text}))[0] == 401


async def test_a_revoked_key_is_refused_within_seconds_and_the_store_is_not_asked_each_time(clock: HandClock) -> None:
    table = Table()
    text = await made_in(table, clock)
    callers = known(clock, table)
    for _ in range(20):
        assert (await ask(callers, {"x-api-key": text}))[0] == 200
    assert table.asked == 1
    ident = ident_of(text)
    assert ident is not None
    row = table.rows[ident]
    table.rows[ident] = Key(row.id, row.name, row.role, row.mac, row.created_at, None, clock.now())
    clock.pass_(BELIEVED)
    assert (await ask(callers, {"x-api-key": text}))[0] == 401


async def test_keys_that_nobody_has_are_looked_up_once(clock: HandClock) -> None:
    table = Table()
    callers = known(clock, table)
    for _ in range(10):
        assert (await ask(callers, {"x-api-key": f"crmgraph_{'1' * 16}_{'B' * 43}"}))[0] == 401
    assert table.asked == 1


async def test_another_pepper_proves_nothing(clock: HandClock) -> None:
    """Whoever has the database alone can make no key."""
    table = Table()
    key, text = made("eve", "admin", b"a guess", steady, clock.now(), None)
    await table.add(key)
    assert (await ask(known(clock, table), {"x-api-key": text}))[0] == 401


async def test_a_key_whose_role_is_gone_may_nothing(clock: HandClock) -> None:
    table = Table()
    text = await made_in(table, clock, role="ghosts")
    status, _, body, seen = await ask(known(clock, table), {"x-api-key": text})
    assert (status, seen) == (403, [])
    assert body["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_without_the_store_a_made_key_is_put_off_and_a_configured_one_goes_on(clock: HandClock) -> None:
    table = Table()
    text = await made_in(table, clock)
    table.gone = True
    status, told, _, _ = await ask(known(clock, table), {"x-api-key": text})
    assert (status, told["retry-after"]) == (503, "1")
    assert (await ask(known(clock, table), {"x-api-key": SECRET}))[0] == 200


# Tokens of an identity provider.

RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
CURVE = ec.generate_private_key(ec.SECP256R1())


def jwks(**keys: Any) -> bytes:
    made_of = {"RS256": jwt.algorithms.RSAAlgorithm, "ES256": jwt.algorithms.ECAlgorithm}
    rows = []
    for kid, key in keys.items():
        sort = "ES256" if isinstance(key, ec.EllipticCurvePrivateKey) else "RS256"
        rows.append(json.loads(made_of[sort].to_jwk(key.public_key())) | {"kid": kid, "alg": sort, "use": "sig"})
    return json.dumps({"keys": rows}).encode()


class Published:
    """A provider's keys, as they are at the moment."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.fetched = 0
        self.away = False

    async def __call__(self) -> bytes:
        self.fetched += 1
        if self.away:
            raise OSError("no route")
        return self.content


def proof(clock: HandClock, published: Published, algorithms: tuple[str, ...] = ("RS256",)) -> Known:
    provider = Provider("https://login.example", "crmgraph", algorithms, "roles", {"boss": ADMIN, "staff": CREW})
    return Known([JwtProof(provider, KeySet(published, clock), clock)])


def token(clock: HandClock, key: Any = RSA, kid: str | None = "k1", alg: str = "RS256", **claims: Any) -> str:
    now = int(clock.now().timestamp())
    said = {"iss": "https://login.example", "aud": "crmgraph", "sub": "ada", "exp": now + 600, "roles": ["staff"]}
    said = {name: value for name, value in (said | claims).items() if value is not None}
    return jwt.encode(said, key, alg, headers={} if kid is None else {"kid": kid})


async def bear(callers: Known, text: str) -> tuple[int, list[Caller], str]:
    status, _, body, seen = await ask(callers, {"authorization": f"Bearer {text}"})
    return status, seen, body["errors"][0]["message"] if "errors" in body else ""


async def test_a_token_of_the_provider_tells_who_is_calling_and_in_which_role(clock: HandClock) -> None:
    published = Published(jwks(k1=RSA))
    callers = proof(clock, published)
    assert (await bear(callers, token(clock)))[:2] == (200, [Caller("jwt:ada", CREW)])
    assert (await bear(callers, token(clock, roles="staff boss")))[1] == [Caller("jwt:ada", ADMIN)]
    assert published.fetched == 1


def unsigned(clock: HandClock) -> str:
    _, body, _ = token(clock).split(".")
    none = base64.urlsafe_b64encode(b'{"alg":"none","kid":"k1"}').decode().rstrip("=")
    return f"{none}.{body}."


def confused(clock: HandClock) -> str:
    """HMAC with the public key as its secret: the oldest trick."""
    body = token(clock).split(".")[1]
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"k1"}').decode().rstrip("=")
    mac = hmac.digest(jwks(k1=RSA), f"{head}.{body}".encode(), hashlib.sha256)
    return f"{head}.{body}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


WRONG = {
    "signed by another": lambda clock: token(clock, OTHER),
    "of an unknown key": lambda clock: token(clock, kid="k9"),
    "of no named key": lambda clock: token(clock, kid=None),
    "of another issuer": lambda clock: token(clock, iss="https://evil.example"),
    "for somebody else": lambda clock: token(clock, aud="other"),
    "for nobody": lambda clock: token(clock, aud=None),
    "about nobody": lambda clock: token(clock, sub=None),
    "without an end": lambda clock: token(clock, exp=None),
    "expired": lambda clock: token(clock, exp=int(clock.now().timestamp()) - 31),
    "of tomorrow": lambda clock: token(clock, nbf=int(clock.now().timestamp()) + 3600),
    "whose end is no number": lambda clock: token(clock, exp=True),
    "by an algorithm that is not taken": lambda clock: token(clock, CURVE, "k2", "ES256"),
    "unsigned": unsigned,
    "confused": confused,
    "nonsense": lambda clock: "a.b.c",
    "altered": lambda clock: token(clock)[:-6] + "AAAAAA",
}


@pytest.mark.parametrize("name", WRONG)
async def test_a_token_that_is(clock: HandClock, name: str) -> None:
    """… any of these is refused."""
    callers = proof(clock, Published(jwks(k1=RSA, k2=CURVE)))
    status, seen, message = await bear(callers, WRONG[name](clock))
    assert (status, seen) == (401, [])
    assert message.endswith(".")


async def test_a_token_without_a_role_of_ours_may_nothing(clock: HandClock) -> None:
    for roles in (["strangers"], None, 7, {"staff": 1}):
        status, seen, message = await bear(proof(clock, Published(jwks(k1=RSA))), token(clock, roles=roles))
        assert (status, seen) == (403, [])
        assert "claim `roles`" in message


async def test_a_token_that_was_believed_is_refused_once_it_has_expired(clock: HandClock) -> None:
    callers, text = proof(clock, Published(jwks(k1=RSA))), token(clock)
    assert (await bear(callers, text))[0] == 200
    clock.pass_(631)
    assert (await bear(callers, text))[0] == 401


async def test_a_new_key_is_fetched_when_it_first_comes_up_and_not_for_every_stranger(clock: HandClock) -> None:
    published = Published(jwks(k1=RSA))
    callers = proof(clock, published)
    assert (await bear(callers, token(clock)))[0] == 200
    published.content = jwks(k1=RSA, k3=OTHER)
    for _ in range(20):
        assert (await bear(callers, token(clock, OTHER, "k3")))[0] == 401
    assert published.fetched == 1
    clock.pass_(AGAIN)
    assert (await bear(callers, token(clock, OTHER, "k3")))[0] == 200
    assert published.fetched == 2


async def test_while_the_provider_is_away_its_last_keys_go_on(clock: HandClock) -> None:
    published = Published(jwks(k1=RSA))
    callers = proof(clock, published)
    assert (await bear(callers, token(clock)))[0] == 200
    published.away = True
    clock.pass_(3600)
    assert (await bear(callers, token(clock)))[0] == 200


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"keys": []}', b'{"keys": [{"kty": "oct"}]}', b"\xff"])
async def test_keys_that_are_none_put_callers_off(clock: HandClock, content: bytes) -> None:
    status, _, message = await bear(proof(clock, Published(content)), token(clock))
    assert (status, message) == (503, "The identity provider's keys cannot be had just now; try again.")


# Credentials of a caller's own.


class Fixed:
    """Always the same caller."""

    headers = ()

    def __init__(self, caller: Caller) -> None:
        self.caller = caller

    async def who(self, headers: Any) -> Caller:
        return self.caller


async def test_a_caller_brings_tokens_for_those_sources_alone_that_take_them() -> None:
    callers = WithOwnTokens(Fixed(Caller("ada", CREW)), {"org": False}, ["org", "sales"])
    headers = {b"x-source-token-org": b"mine", b"x-source-token-sales": b"other"}
    caller = await callers.who(headers)
    assert caller.tokens == (("org", "mine"),)
    assert caller.role is CREW
    assert "mine" not in repr(caller)
    assert await callers.who({}) == Caller("ada", CREW)


async def test_a_source_that_must_be_asked_as_the_caller_is_out_of_sight_without_a_token() -> None:
    callers = WithOwnTokens(Fixed(Caller("ada", CREW)), {"org": True}, ["org", "sales"])
    without = await callers.who({})
    assert without.role.sight == Sight(frozenset({"sales"}))
    assert (await callers.who({b"x-source-token-org": b"mine"})).role.sight.shows("org")
    narrow = Role("crew", CREW.scopes, Sight(frozenset({"org"})))
    assert (
        await WithOwnTokens(Fixed(Caller("ada", narrow)), {"org": True}, ["org"]).who({})
    ).role.sight.sources == set()


@pytest.mark.parametrize("text", [b"", b"two words", b"\xff", b"line\nbreak", b"x" * 9000])
async def test_a_token_that_could_be_no_header_is_refused(text: bytes) -> None:
    with pytest.raises(Refused, match="malformed"):
        await WithOwnTokens(Fixed(Caller("ada", CREW)), {"org": False}, ["org"]).who({b"x-source-token-org": text})
