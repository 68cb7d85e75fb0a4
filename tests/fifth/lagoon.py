"""The simulator of the invented CRM that API.md describes, for tests only."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

Raw = dict[str, Any]

KEY = "lagoon-key-for-tests"
HERE = "https://elsewhere.lagoon.example/v2"
"""Links in answers name another host: nobody may follow them."""

_SPACE = UUID("5f1d2a8e-0c1b-4d9a-9a57-0d6f0f3f8a11")
_START = datetime(2025, 1, 6, 8, 30, tzinfo=UTC)
_FIRST = ("Ada", "Bruno", "Chiara", "Dmitri", "Elif", "Fenna", "Gaël", "Hana", "Ivo", "Júlia")
_LAST = ("Arden", "Brück", "Costa", "Dahl", "Evans", "Fonseca", "Grün")
_LABELS = ("Customer", "Newsletter", "Lost & found", "Café club")
_TEAM = ("Mara Quist", "Tomas Reyes")


def ident(kind: str, number: int) -> str:
    """The UUID of the numbered thing of a kind."""
    return str(uuid5(_SPACE, f"{kind}-{number}"))


def _millis(hours: int) -> int:
    return int((_START + timedelta(hours=hours)).timestamp() * 1000) + hours % 1000


def _person(number: int) -> Raw:
    first, last = _FIRST[number % 10], _LAST[number % 7]
    return {
        "id": ident("person", number),
        "name": {"first": first, "last": last},
        "email": f"{first}.{last}{number}@lagoon-people.example.com" if number % 9 else None,
        "phones": [{"number": f"+1 415 555 0{100 + number}", "label": "mobile"}] if number % 4 else [],
        "label_ids": [ident("label", one) for one in range(4) if (number >> one) & 1],
        "firm": f"Firm {number % 5}" if number % 3 else "",
        "may_contact": number % 6 != 0,
        "looked_after_by": {"id": ident("team", number % 2), "name": _TEAM[number % 2]} if number % 5 else None,
        "joined": _millis(number * 37),
        "changed": _millis(number * 37 + 5),
        "born": f"{1 + number % 28:02}.{1 + number % 12:02}.{1950 + number}" if number % 2 else None,
        "answers": {"shoe_size": str(36 + number % 10), "vegetarian": number % 2 == 0, "allergies": []},
    }


def _todo(number: int) -> Raw:
    return {
        "id": ident("todo", number),
        "what": f"Ring about order {number}",
        "person_id": ident("person", number % 40),
        "until": _millis(1000 + number),
        "state": "finished" if number % 3 == 0 else "waiting",
        "weight": 1 + number % 3,
    }


def _deal(number: int) -> Raw:
    return {
        "id": ident("deal", number),
        "label": f"Order {number}",
        "cents": 125050 + number * 7,
        "currency": "EUR",
        "phase": ("running", "won", "lost")[number % 3],
        "person_id": ident("person", number % 12),
        "opened": _millis(number),
    }


class Lagoon:
    """What the CRM holds; `app` answers for it."""

    def __init__(self) -> None:
        self.people = [_person(number) for number in range(57)]
        self.todos = [_todo(number) for number in range(70)]
        self.deals = [_deal(number) for number in range(33)]
        self.labels = [{"id": ident("label", number), "title": title} for number, title in enumerate(_LABELS)]
        self.team = [
            {"id": ident("team", number), "name": name, "email": f"team{number}@lagoon.example"}
            for number, name in enumerate(_TEAM)
        ]
        self.app = Starlette(
            routes=[
                Route("/v2/people", self._people),
                Route("/v2/people/batch", self._batch),
                Route("/v2/people/{id}", self._one),
                Route("/v2/labels", lambda request: _answer(request, {"labels": self.labels})),
                Route("/v2/todos", self._todos),
                Route("/v2/todos/{id}", self._one),
                Route("/v2/deals", self._deals),
                Route("/v2/deals/{id}", self._one),
                Route("/v2/team", lambda request: _answer(request, {"results": self.team})),
            ],
            exception_handlers={404: lambda request, _: _refusal("no_such_thing", "Nothing lives here.")},
        )

    def _people(self, request: Request) -> Response:
        asked = request.query_params
        found = [one for one in self.people if _fits(one, asked)]
        found.sort(key=lambda one: one["joined"], reverse=asked.get("sort") == "-joined")
        shown = [{key: value for key, value in one.items() if key not in ("born", "answers")} for one in found]
        return _page(request, shown)

    def _batch(self, request: Request) -> Response:
        wanted = request.query_params.getlist("id")
        if len(wanted) > 20:
            return _refusal("bad_input", "At most 20 ids.")
        return _answer(request, {"results": [one for one in self.people if one["id"] in wanted]})

    def _one(self, request: Request) -> Response:
        kind = request.url.path.split("/")[2]
        name = {"people": "person", "todos": "todo", "deals": "deal"}[kind]
        found = next((one for one in getattr(self, kind) if one["id"] == request.path_params["id"]), None)
        if found is None:
            return _refusal("no_such_thing", f"There is no {name} with this id.")
        return _answer(request, {name: found})

    def _todos(self, request: Request) -> Response:
        people = request.query_params.get("people")
        if people is not None and len(people.split(",")) > 30:
            return _refusal("bad_input", "At most 30 people.")
        return _page(request, [one for one in self.todos if people is None or one["person_id"] in people.split(",")])

    def _deals(self, request: Request) -> Response:
        person = request.query_params.get("person")
        found = [one for one in self.deals if person in (None, one["person_id"])]
        start = int(request.query_params.get("from", "0"))
        more = f"{HERE}/deals?from={start + 10}" if start + 10 < len(found) else None
        return _answer(request, {"results": found[start : start + 10], "more": more})


def _fits(one: Raw, asked: Any) -> bool:
    text = " ".join([one["name"]["first"], one["name"]["last"], one["email"] or ""]).lower()
    numbers = ["".join(c for c in phone["number"] if c.isdigit()) for phone in one["phones"]]
    tests = {
        "q": lambda value: value.lower() in text,
        "email": lambda value: (one["email"] or "").lower() == value.lower(),
        "phone": lambda value: value in numbers,
        "label": lambda value: value in one["label_ids"],
        "joined_from": lambda value: one["joined"] >= int(value),
        "joined_to": lambda value: one["joined"] <= int(value),
    }
    return all(tests[name](value) for name, value in asked.items() if name in tests)


def _page(request: Request, found: list[Raw]) -> Response:
    limit = min(int(request.query_params.get("limit", "20")), 50)
    offset = int(request.query_params.get("offset", "0"))
    return _answer(request, {"results": found[offset : offset + limit], "count": len(found)})


def _answer(request: Request, body: Raw) -> Response:
    if request.headers.get("x-api-key") != KEY:
        return _refusal("bad_key", "This key opens nothing.")
    return Response(orjson.dumps({"ok": True, **body}), media_type="application/json")


def _refusal(code: str, text: str) -> Response:
    return Response(orjson.dumps({"ok": False, "error": {"code": code, "text": text}}), media_type="application/json")


def simulated() -> tuple[Any, str, dict[str, str], dict[str, str]]:
    """The app, the path of its API, and the settings and secrets of an account."""
    return Lagoon().app, "/v2", {}, {"key": KEY}


__all__ = ["KEY", "Lagoon", "ident", "simulated"]
