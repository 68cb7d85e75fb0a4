"""What can be said to `init`."""

from crmgraph.cli.verbs.options import DEFAULT, Config


def init(config: Config = DEFAULT) -> None:
    """Write a commented first configuration; a file that is there already is left alone."""
    from crmgraph.cli import checking

    checking.init(config)
