"""A CRM that shows each caller other people under the same ids: every word of theirs names whom it may be shown to."""

import json
import re
from urllib.parse import parse_qs

from starlette.types import Receive, Scope, Send

PEOPLE = 20
"""How many people everybody sees."""

DEFINITION = """\
name: canaries
title: Canaries
settings: {token: {description: "A token of the caller's.", secret: true}}
auth: {bearer: "{token}"}
resources:
  contact:
    list: {call: GET /people, items: people, lifetime: 60, pages: {style: page, size: 10, params: {page: "{page}"}}}
    get: {call: "GET /people/{id}", item: person, lifetime: 60}
    find: {email: {call: GET /people, query: {mail: "{value}"}, items: people, lifetime: 60}}
    create: {call: POST /people, item: person}
    fields: {fullName: name, emails: mail, phones: phone, jobTitle: role, tags: {read: "tags*"}, createdAt: made}
"""
"""Everything is kept for a minute, so that whatever could be mixed up is."""


def canary(number: int) -> str:
    """The word that one caller alone may see."""
    return f"canary{number:03}c"


def hidden(number: int) -> str:
    """The word that a caller from whom job titles are hidden may not even see of their own."""
    return f"hidden{number:03}h"


def foreign(text: str, number: int, hides: bool) -> list[str]:
    """The words in an answer that its caller may not see."""
    found = re.findall(r"canary\d{3}c|hidden\d{3}h", text)
    return [one for one in found if one != canary(number) and (hides or one != hidden(number))]


def number_of(token: str) -> int:
    """Whose a token is."""
    return int(token.rpartition("-")[2])


async def crm(scope: Scope, receive: Receive, send: Send) -> None:
    """The application; whose people it shows, the token says."""
    if scope["type"] != "http":
        return
    token = dict(scope["headers"]).get(b"authorization", b"Bearer own-000").decode()
    number = number_of(token)
    if scope["method"] == "POST":
        while (await receive()).get("more_body"):
            continue
        answer = {"person": _person(number, 1)}
    elif scope["path"] == "/people":
        answer = {"people": _people(number, parse_qs(scope["query_string"].decode()))}
    else:
        answer = {"person": _person(number, int(scope["path"].rpartition("/")[2]))}
    body = json.dumps(answer).encode()
    head = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    await send({"type": "http.response.body", "body": body})


def _people(number: int, asked: dict[str, list[str]]) -> list[dict[str, object]]:
    if "mail" in asked:
        return [_person(number, at) for at in range(1, PEOPLE + 1) if asked["mail"] == [f"p{at}@people.example"]]
    page = int(asked.get("page", ["1"])[0])
    return [_person(number, at) for at in range(1, PEOPLE + 1)][10 * (page - 1) : 10 * page]


def _person(number: int, at: int) -> dict[str, object]:
    return {
        "id": str(at),
        "name": f"{canary(number)} Person {at}",
        "mail": f"p{at}@people.example",
        "phone": f"+1415555{at:04}",
        "role": hidden(number),
        "tags": [canary(number)],
        "made": "2026-01-01T00:00:00Z",
    }
