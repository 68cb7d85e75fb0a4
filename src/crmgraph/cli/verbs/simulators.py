"""What can be said to `simulators`."""

from typing import Annotated

import typer

from crmgraph.cli.building import building
from crmgraph.cli.verbs.options import logs


def simulators(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    ports_from: Annotated[int, typer.Option(min=1, max=65532, help="The first of four ports.")] = 9001,
) -> None:
    """The four simulated CRMs alone: BigContacts, Concord, the org-scoped CRM and LeadConnector on ports in this
    order.
    """
    with building():
        from crmgraph.cli import demonstrating

    logs(context)
    demonstrating.simulate(host, ports_from)
