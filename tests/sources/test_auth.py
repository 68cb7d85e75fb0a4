"""Who is calling, by each way that a definition can say it."""

import pytest
from tests.sources.given import SECRET, call

from crmgraph.connectors.exchange import Call, Reply
from crmgraph.connectors.spec import AuthSpec
from crmgraph.domain.errors import ConfigError
from crmgraph.sources.auth import Credential, authed, credential_of

TEXTS = {"token": SECRET, "org": "acme"}

TABLE = [
    (AuthSpec(), (), ()),
    (AuthSpec(bearer="{token}"), (("Authorization", f"Bearer {SECRET}"),), ()),
    (AuthSpec(header={"X-Api-Key": "{token}"}), (("X-Api-Key", SECRET),), ()),
    (AuthSpec(header={"Authorization": "Token {org}:{token}"}), (("Authorization", f"Token acme:{SECRET}"),), ()),
    (AuthSpec(query={"access_token": "{token}"}), (), (("access_token", SECRET),)),
    (
        AuthSpec(bearer="{token}", header={"X-Org": "{org}"}),
        (("Authorization", f"Bearer {SECRET}"), ("X-Org", "acme")),
        (),
    ),
    (AuthSpec(bearer="{other}", header={"X-Other": "{other}"}, query={"other": "{other}"}), (), ()),
]


@pytest.mark.parametrize(("spec", "headers", "query"), TABLE)
def test_a_credential_is_what_the_definitions_templates_give(spec: AuthSpec, headers, query) -> None:
    credential = credential_of("sales", spec, TEXTS)
    assert (credential.headers, credential.query) == (headers, query)


@pytest.mark.parametrize("secret", ["", " padded ", "two\nlines", "Émile"])
def test_a_secret_that_no_header_can_hold_is_refused_without_being_told(secret: str) -> None:
    with pytest.raises(ConfigError) as caught:
        credential_of("sales", AuthSpec(header={"X-Api-Key": "{token}"}), {"token": secret})
    assert caught.value.message == (
        "The credential of `sales` does not fit into the header X-Api-Key: it should be ASCII text in one line, "
        "not empty and without spaces around it."
    )


def test_a_credential_is_not_printed() -> None:
    credential = credential_of("sales", AuthSpec(bearer="{token}", query={"k": "{token}"}), TEXTS)
    assert repr(credential) == "Credential()"


async def test_a_call_goes_out_as_it_is_with_the_credential_beside_it() -> None:
    credential = credential_of("sales", AuthSpec(bearer="{token}"), TEXTS)
    seen: list[tuple[Call, Credential]] = []

    async def wire(asked: Call, given: Credential) -> Reply:
        seen.append((asked, given))
        return Reply(200)

    asked = call()
    assert await authed(wire, credential)(asked) == Reply(200)
    assert seen == [(asked, credential)]
    assert SECRET not in repr(asked)
