"""What is asked of the gateway, well and badly, and how CRMs fail meanwhile."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.leaks.gateway import Gateway, told
from tests.leaks.planted import CREDENTIALS, PERSON, VARIABLE

from crmgraph.demo.faults import Mode

CREATE = """mutation Create($input: CreateContactInput!) { createContact(input: $input) {
  results { source { name } outcome error { code message } } userErrors { field code }
} }"""
NOTE = """mutation Note($body: String!, $contact: ID!) { createNote(input: {body: $body, contact: $contact}) {
  results { source { name } outcome error { code message } } userErrors { field code }
} }"""
FIND = "query Find($email: String!) { contact(by: {email: $email}) { id records { source { name } id } } }"
LIST = """query List { contacts(first: 5) {
  nodes { id tasks(first: 3) { nodes { id } } notes(first: 3) { nodes { id } } }
} }"""

INPUT: Mapping[str, Any] = {
    "givenName": PERSON.given,
    "familyName": PERSON.family,
    "emails": [{"value": PERSON.email}],
    "phones": [{"value": PERSON.phone}],
    "customFields": [{"key": "accountCode", "value": PERSON.custom}],
}


async def written(gateway: Gateway) -> list[str]:
    """Somebody is created, found again and written about; none of it is asked for."""
    created = await gateway.ask(CREATE, {"input": INPUT})
    found = await gateway.client.post("/graphql", json={"query": FIND, "variables": {"email": PERSON.email}})
    contact = found.json()["data"]["contact"]
    assert contact is not None, found.text
    noted = await gateway.ask(NOTE, {"body": PERSON.note, "contact": contact["id"]})
    assert '"DONE"' in created
    assert '"DONE"' in noted
    return [created, told(found), noted]


async def read(gateway: Gateway) -> list[str]:
    """The person and a page of others, by their ids."""
    return [await gateway.ask(FIND, {"email": PERSON.email}), await gateway.ask(LIST)]


async def mistaken(gateway: Gateway) -> list[str]:
    """Questions that are wrong, those of a caller who proves nothing included.

    What an answer quotes of the caller's own question is the caller's: such answers are not given back.
    """
    post = gateway.client.post
    await post("/graphql", json={"query": FIND, "variables": {"email": {"a": VARIABLE}}})
    await post("/graphql", json={"query": "query ($a: Int) { sources { name } }", "variables": {"a": VARIABLE}})
    await post("/graphql", content=f'{{"query": "{VARIABLE}', headers={"content-type": "application/json"})
    await gateway.client.get("/graphql", params={"query": FIND, "variables": f'{{"email": "{VARIABLE}"}}'})
    await post("/graphql", json={"query": "{ sources { name(a: 1) } }"})
    return [
        told(await post("/graphql", json={"query": LIST}, headers={"authorization": f"Bearer {VARIABLE}"})),
        told(await post(f"/{VARIABLE}", headers={"host": "localhost"})).replace(VARIABLE, "its own path"),
        told(await post("/graphql", content=VARIABLE, headers={"content-type": "text/plain"})),
        told(await gateway.client.get("/readyz")),
    ]


ECHO = f"{' '.join(CREDENTIALS.values())} {PERSON.email} {PERSON.phone} {PERSON.note}"
"""What a CRM says that quotes all there is: our credentials, and somebody."""


@dataclass(frozen=True, slots=True)
class Failing:
    """A way to fail. With `refuses` it says why it refuses values, which callers are told: so it quotes us alone."""

    mode: Mode
    status: int = 503
    refuses: bool = False

    def at(self, source: str) -> dict[str, Any]:
        """How it fails at a source."""
        said = " and ".join(OWN[source]) if self.refuses else ECHO
        body = {
            "message": said,
            "detail": said,
            "error": {"text": said},
            "status": {"result": "error", "message": said},
        }
        return {"mode": self.mode, "status": self.status, "body": body, "seconds": 0.05}


OWN: Mapping[str, list[str]] = {
    source: [value for name, value in CREDENTIALS.items() if name.startswith(words)]
    for source, words in {
        "leadconnector": ("the client", "the access"),
        "concord": ("concord",),
        "bigcontacts": ("bigcontacts",),
        "orgcrm": ("orgcrm",),
        "lagoon": ("lagoon",),
    }.items()
}
"""What each CRM knows of us where it is called; a refresh token goes to the token endpoint alone."""

FAULTS = (
    *(Failing("status", status) for status in (401, 403, 429, 500)),
    Failing("status", 422, refuses=True),
    Failing("error200", refuses=True),
    *(Failing(mode) for mode in ("reset", "hang", "truncate", "html", "delay")),
)
