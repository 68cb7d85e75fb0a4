"""What can be said to `keys`."""

from typing import Annotated

import typer

from crmgraph.cli.building import building
from crmgraph.cli.verbs.options import DEFAULT, Config, Json

keys = typer.Typer(name="keys", help="The keys: of callers, and of what is sealed in the store.", no_args_is_help=True)


@keys.command("create")
def create(
    name: Annotated[str, typer.Argument(help="Who uses it; it tells them in the audit log.")],
    role: Annotated[str, typer.Option(help="What they may: one of the configuration's roles, or admin.")],
    config: Config = DEFAULT,
    days: Annotated[int | None, typer.Option(min=1, help="How many days it holds; for ever without it.")] = None,
) -> None:
    """Make a key and print it, this once."""
    with building():
        from crmgraph.cli import keys as making

    making.create(config, name, role, days)


@keys.command("list")
def listed(config: Config = DEFAULT, json: Json = False) -> None:
    """The keys: whose they are, and whether they hold."""
    with building():
        from crmgraph.cli import keys as making

    making.listed(config, json)


@keys.command("revoke")
def revoke(
    ident: Annotated[str, typer.Argument(metavar="ID", help="The key's id, as `keys list` tells it.")],
    config: Config = DEFAULT,
) -> None:
    """Take a key back: it is refused from then on."""
    with building():
        from crmgraph.cli import keys as making

    making.revoke(config, ident)


@keys.command("rotate")
def rotate(config: Config = DEFAULT, json: Json = False) -> None:
    """Seal everything that is secret in the store under the first key of `vault`; it may be done again and again."""
    with building():
        from crmgraph.cli import rotating

    rotating.rotate(config, json)
