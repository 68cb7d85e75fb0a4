"""A client of the gateway: it asks over HTTP, and writes down every answer, and every time that none came."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import httpx
from tests.chaos.gateway import Gateway
from tests.chaos.history import Answer, Asked, Heard, Told

PATIENCE = 60.0
"""Seconds that the client waits for an answer."""

AGAIN = 2.0
"""Seconds after which a request with a key is asked again."""

_RESULTS = """results {
    source { name } outcome record { id } ignoredFields alteredFields { field }
}
userErrors { message code }"""

_INPUTS = {"createContact": "CreateContactInput", "updateContact": "UpdateContactInput", "addTags": "TagsInput"}

_NAMES = {"fullName": "name", "givenName": "name", "familyName": "name", "jobTitle": "title", "tags": "tags"}


class Client:
    """Asks the gateway that serves at the moment."""

    def __init__(self, gateway: Gateway, http: httpx.AsyncClient) -> None:
        self._gateway = gateway
        self._http = http

    async def graph(self, query: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The whole answer; waits for a gateway that takes the request, as long as one that has no room says. Raises
        httpx.TransportError when it dies.
        """
        while True:
            url = await self._gateway.url()
            try:
                reply = await self._http.post(f"{url}/graphql", json={"query": query, "variables": variables or {}})
            except httpx.ConnectError:
                await asyncio.sleep(0.05)
            else:
                if reply.status_code == 503:
                    await asyncio.sleep(float(reply.headers["retry-after"]))
                    continue
                answer: dict[str, Any] = reply.json()
                return answer

    async def ask(self, heard: Heard, more: str = "") -> Mapping[str, Any]:
        """Ask once and write down what is heard; the payload, as far as there is one."""
        heard.began = heard.began or time.monotonic()
        try:
            answer = await self.graph(_mutation(heard.asked, more), {"input": heard.asked.input})
        except httpx.TransportError:
            heard.died += 1
            return {}
        payload = (answer.get("data") or {}).get(heard.asked.mutation) or {}
        _write_down(heard, payload, answer.get("errors") or ())
        return payload

    async def ask_until_answered(self, heard: Heard) -> None:
        """Ask again and again with the same key."""
        while not heard.answers:
            await asyncio.sleep(AGAIN)
            await self.ask(heard)


def _mutation(asked: Asked, more: str) -> str:
    name = asked.mutation
    return f"mutation($input: {_INPUTS[name]}!) {{ {name}(input: $input) {{ {more} {_RESULTS} }} }}"


def _write_down(heard: Heard, payload: Mapping[str, Any], errors: Any) -> None:
    mistakes = payload.get("userErrors") or ()
    heard.wrong += [one["message"] for one in (*errors, *mistakes)]
    is_busy = any(one["code"] == "CONFLICT" for one in mistakes)
    if not payload or is_busy:
        return
    heard.answers.append(_answer(payload["results"]))
    heard.ended = heard.ended or time.monotonic()


def _answer(results: Any) -> Answer:
    return tuple(
        Told(
            one["source"]["name"],
            one["outcome"],
            one["record"] and one["record"]["id"],
            frozenset(_NAMES.get(name, name) for name in _altered(one)),
        )
        for one in results
    )


def _altered(result: Any) -> list[str]:
    return [*result["ignoredFields"], *(one["field"] for one in result["alteredFields"])]
