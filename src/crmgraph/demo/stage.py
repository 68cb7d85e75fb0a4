"""The demo's stage: the four simulators over one cast of people, and the configuration that points at them."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

from crmgraph.demo.bigcontacts import bigcontacts
from crmgraph.demo.concord import concord
from crmgraph.demo.leadconnector import leadconnector
from crmgraph.demo.orgcrm import orgcrm
from crmgraph.demo.people import World, world
from crmgraph.demo.simulator import Simulator

CONFIGURATION = "crmgraph.yaml"

PATHS = {"bigcontacts": "/api", "concord": "/api", "orgcrm": "/api/v1", "leadconnector": ""}
"""Where below its address each simulated CRM has its API."""

Now = Callable[[], datetime]


def now() -> datetime:
    """The wall clock, in UTC."""
    return datetime.now(UTC)


def simulators(cast: World | None = None, clock: Now = now, *, per_minute: int = 600) -> Mapping[str, Simulator]:
    """The four CRMs by name; Concord's allowance is `per_minute`, so that a curious visitor is not sent away."""
    cast = cast or world()
    return {
        "bigcontacts": bigcontacts(cast, clock=clock),
        "concord": concord(cast, clock=clock, per_minute=per_minute),
        "orgcrm": orgcrm(cast, clock=clock),
        "leadconnector": leadconnector(cast, clock=clock),
    }


def environment(urls: Mapping[str, str], crms: Mapping[str, Simulator]) -> dict[str, str]:
    """The variables that the demo's configuration is filled with."""
    named = {f"DEMO_{name.upper()}": url for name, url in urls.items()}
    return named | {f"DEMO_{name.upper()}_TOKEN": one.token for name, one in crms.items()}


def store_in(folder: Path) -> dict[str, str]:
    """The variable that keeps the store in a folder, and not beside the demo's configuration."""
    return {"CRMGRAPH__STORE__URL": f"sqlite:///{folder / 'crmgraph.db'}"}


def configuration() -> str:
    """The demo's crmgraph.yaml."""
    return (files("crmgraph.demo") / CONFIGURATION).read_text(encoding="utf-8")
