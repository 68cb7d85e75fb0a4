"""A credential that a CRM sends back goes no further, however it is written."""

import pytest
from tests.sources.given import call

from crmgraph.connectors.exchange import Call, Reply
from crmgraph.sources.auth import Credential
from crmgraph.sources.unechoed import unechoed

TOKEN = 'pit-"0"-abcdef'
PROOF = Credential((("Authorization", f"Bearer {TOKEN}"), ("X-Org", "organisation")), (("key", "k3y-in-the-query"),))


async def told(content: bytes) -> bytes:
    async def wire(call: Call, credential: Credential) -> Reply:
        return Reply(401, {}, content)

    return (await unechoed(wire, ["k3y-in-the-query", "tiny"])(call(), PROOF)).content


@pytest.mark.parametrize(
    ("said", "goes_on"),
    [
        (b'{"error": "No such token: pit-\\"0\\"-abcdef"}', b'{"error": "No such token: [secret]"}'),
        (b'pit-"0"-abcdef', b"[secret]"),
        (b"/contacts?key=k3y-in-the-query&x=k3y-in-the-query", b"/contacts?key=[secret]&x=[secret]"),
        (b"a tiny organisation", b"a tiny organisation"),
    ],
)
async def test_a_credential_that_comes_back_is_cut_out(said: bytes, goes_on: bytes) -> None:
    """What follows the scheme, and whatever is configured as a secret; no word that is too short to be one."""
    assert await told(said) == goes_on
