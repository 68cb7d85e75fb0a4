"""`schema`, `connectors list` and `--version`: what the program says of itself."""

import json
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed
from pathlib import Path

from crmgraph.cli.ending import give


def version() -> None:
    """Print the version."""
    try:
        give(f"crmgraph {installed('crmgraph')}")
    except PackageNotFoundError:
        give("crmgraph, run from its sources")


def schema(what: str) -> None:
    """Print one of the three schemas."""
    if what == "graph":
        from crmgraph.api.schema import build, printed

        give(printed(build()).rstrip("\n"))
        return
    from crmgraph.config.schema import schema_of_config
    from crmgraph.connectors import catalog

    give(json.dumps(schema_of_config() if what == "config" else catalog.schema(), indent=2))


def connectors(as_json: bool) -> None:
    """Print the built-in connectors with their settings."""
    from crmgraph.connectors import catalog

    known = [catalog.load(name, Path()) for name in catalog.names()]
    if as_json:
        told = [
            {
                "name": one.name,
                "title": one.title,
                "baseUrl": one.base_url,
                "settings": {
                    name: {"description": s.description, "required": s.required, "secret": s.secret}
                    for name, s in one.settings.items()
                },
            }
            for one in known
        ]
        give(json.dumps(told, indent=2))
        return
    for one in known:
        give(f"{one.name}: {one.title}")
        for name, setting in one.settings.items():
            marks = [*(["required"] if setting.required else []), *(["secret"] if setting.secret else [])]
            give(f"  {name} ({', '.join(marks) or 'optional'}): {setting.description}")
