"""What can be said to `check`."""

from crmgraph.cli.verbs.options import DEFAULT, Config, Json


def check(config: Config = DEFAULT, json: Json = False) -> None:
    """Read the configuration and the definitions it names; tell every mistake with its place."""
    from crmgraph.cli import checking

    checking.check(config, json)
