"""The four simulated CRMs in a process of their own, which outlives every gateway: `python -m tests.chaos.crms`.

It prints one line of JSON, `{"environment": {…}, "window": URL}`, and ends with its standard input. The environment is
what the demo's configuration is filled with; the window is the harness's own way in, on loopback: `POST /storm` lets
calls fail, `POST /calm` ends that, `GET /records` and `GET /counts` tell what the CRMs hold and how often they were
called.
"""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from random import Random

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from tests.chaos.faulting import Storm
from tests.chaos.records import held

from crmgraph.demo import stage
from crmgraph.demo.leadconnector import leadconnector
from crmgraph.demo.people import world
from crmgraph.demo.serving import serving
from crmgraph.demo.simulator import Simulator

UNLIMITED = 10**6
"""Calls in a window: the harness is about writes, not about rates."""


def crms() -> Mapping[str, Simulator]:
    """The demo's CRMs without their rates; their indexes lag as ever."""
    cast = world()
    found = dict(stage.simulators(cast, per_minute=UNLIMITED))
    found["leadconnector"] = leadconnector(cast, clock=stage.now, rate_limit=UNLIMITED)
    return found


class Window:
    """The harness's way in."""

    def __init__(self, crms: Mapping[str, Simulator]) -> None:
        self._crms = crms
        self._counts: Counter[str] = Counter()
        self._storms: list[Storm] = []
        self.app = Starlette(
            routes=[
                Route("/storm", self._storm, methods=["POST"]),
                Route("/calm", self._calm, methods=["POST"]),
                Route("/records", self._records),
                Route("/counts", self._told),
            ]
        )

    async def _storm(self, request: Request) -> Response:
        """Let calls fail from now on: `{"seed": …, "share": …}`."""
        told = await request.json()
        for name, crm in self._crms.items():
            storm = Storm(name, told["share"], Random(f"{told['seed']} {name}"))
            self._storms.append(storm)
            crm.faults.choose(storm)
        return Response(status_code=204)

    async def _calm(self, _: Request) -> Response:
        for crm in self._crms.values():
            crm.faults.clear()
        return Response(status_code=204)

    async def _records(self, _: Request) -> Response:
        return JSONResponse([asdict(record) for record in held(self._crms)])

    async def _told(self, _: Request) -> Response:
        """How often the CRMs were called in a storm, and how often in which way that failed."""
        return JSONResponse(sum((storm.counts for storm in self._storms), Counter()))


async def main() -> None:
    found = crms()
    apps = {name: crm.app for name, crm in found.items()}
    async with serving({**apps, "window": Window(found).app}) as urls:
        addresses = {name: urls[name] for name in found}
        told = {"environment": stage.environment(addresses, found), "window": urls["window"]}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
