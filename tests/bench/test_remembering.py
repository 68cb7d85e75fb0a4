"""Simulated CRMs that remember their answers."""

import httpx
from bench.remembering import Remembering
from bench.replaying import Replaying
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route


def counting() -> tuple[Starlette, list[str]]:
    asked: list[str] = []

    async def answer(request: Request) -> Response:
        asked.append((await request.body()).decode())
        return PlainTextResponse(f"{len(asked)}", headers={"X-RateLimit-Remaining": "9"})

    return Starlette(routes=[Route("/", answer, methods=["POST"])]), asked


async def test_each_question_is_asked_once_and_allowances_are_not_remembered() -> None:
    inner, asked = counting()
    app = Remembering(inner)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://crm") as client:
        replies = [await client.post("/", content=body) for body in ("a", "b", "a")]
    assert ([one.text for one in replies], asked, app.calls) == (["1", "2", "1"], ["a", "b"], 3)
    assert "x-ratelimit-remaining" not in replies[0].headers


async def test_a_transport_replays_what_came_once() -> None:
    inner, asked = counting()
    async with httpx.AsyncClient(transport=Replaying(httpx.ASGITransport(inner)), base_url="http://crm") as client:
        replies = [await client.post("/", content=body) for body in ("a", "b", "a")]
    assert ([one.text for one in replies], asked) == (["1", "2", "1"], ["a", "b"])
