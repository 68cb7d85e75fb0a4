"""The process of the simulated CRMs, and what the harness does through its window."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson
from tests.chaos.history import Held
from tests.chaos.programs import Ear, killed, started


@dataclass(frozen=True, slots=True)
class Simulated:
    """The CRMs while they run; `environment` is what the demo's configuration is filled with."""

    environment: Mapping[str, str]
    window: httpx.AsyncClient

    async def storm(self, seed: int, share: float) -> None:
        """Let a share of all calls fail from now on."""
        (await self.window.post("/storm", json={"seed": seed, "share": share})).raise_for_status()

    async def calm(self) -> None:
        (await self.window.post("/calm")).raise_for_status()

    async def records(self) -> list[Held]:
        """What every CRM holds."""
        told = (await self.window.get("/records")).raise_for_status().json()
        return [Held(one["source"], one["id"], tuple(one["emails"]), one["values"]) for one in told]

    async def counts(self) -> Mapping[str, int]:
        """How often they were called in a storm, and how often each way of failing struck."""
        told: Mapping[str, Any] = (await self.window.get("/counts")).raise_for_status().json()
        return told


@asynccontextmanager
async def simulated(folder: Path) -> AsyncIterator[Simulated]:
    """The CRMs in a process of their own, which ends at the end."""
    process = await started(["-m", "tests.chaos.crms"], {})
    ears = Ear(process.stdout, folder / "crms.out", "{"), Ear(process.stderr, folder / "crms.log", "{")
    try:
        told = orjson.loads(await ears[0].line())
        async with httpx.AsyncClient(base_url=told["window"], trust_env=False, timeout=60) as window:
            yield Simulated(told["environment"], window)
    finally:
        await killed(process)
        for ear in ears:
            await ear.end()
