"""What a definition may say of OAuth, and what is told when it does not fit together."""

import pytest

from crmgraph.connectors.catalog import read
from crmgraph.domain.errors import DefinitionError

REST = "resources: {contact: {list: {call: GET /c, items: d}, fields: {givenName: n}}}\n"
APP = "  client_id: {description: a, required: false}\n"
SECRET = "  client_secret: {description: b, required: false, secret: true}\n"
ORG = "  org: {description: c}\n"


def definition(settings: str, oauth: str = "authorize: https://a.example, token: /t") -> str:
    return f"name: tiny\ntitle: Tiny\nsettings:\n{settings}auth: {{oauth: {{{oauth}}}}}\n{REST}"


def told(text: str) -> list[str]:
    with pytest.raises(DefinitionError) as caught:
        read(text, "tiny.yaml")
    return caught.value.message.splitlines()


@pytest.mark.parametrize(
    ("settings", "oauth"),
    [
        (APP + SECRET, "authorize: https://a.example, token: /t"),
        (APP, "authorize: https://a.example, token: https://b.example/t, pkce: true"),
        (APP + SECRET + ORG, "authorize: 'https://a.example/{org}', token: '/{org}/t', account: {org: orgId}"),
    ],
)
def test_what_fits_together_is_taken(settings: str, oauth: str) -> None:
    assert read(definition(settings, oauth), "tiny.yaml").spec.auth.oauth is not None


NEEDS_APP = "OAuth needs a setting `client_id` with `required: false`: a source that is given it goes by OAuth."


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (definition(SECRET), NEEDS_APP),
        (definition(APP.replace(", required: false", "") + SECRET), NEEDS_APP),
        (
            definition(APP),
            "OAuth needs a setting `client_secret`, secret and with `required: false`; only PKCE does without.",
        ),
        (
            definition(APP + SECRET.replace(", secret: true", "")),
            "`client_secret` is to be `secret: true` and `required: false`.",
        ),
        (
            definition(APP + SECRET, "authorize: https://a.example, token: t"),
            "`token` is a path, `/oauth/token`, or a whole address.",
        ),
        (
            definition(APP + SECRET, "authorize: 'https://a.example/{client_secret}', token: /t"),
            "`{client_secret}` is a secret, and secrets go only into `auth`.",
        ),
        (
            definition(APP + SECRET + ORG, "authorize: https://a.example, token: /t, account: {orgg: orgId}"),
            "`orgg` is not known here; did you mean `org`? Known: client_id, org.",
        ),
        (definition(APP + SECRET, "token: /t"), "`authorize` is missing here: The address at which a person agrees."),
    ],
)
def test_what_does_not_fit_is_told(text: str, sentence: str) -> None:
    (message,) = told(text)
    assert message.split(": ", 1)[1] == sentence
