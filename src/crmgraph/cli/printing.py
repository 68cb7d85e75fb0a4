"""`schema` and `connectors list`."""

import json
from pathlib import Path

from crmgraph.api.schema import build, printed
from crmgraph.config.schema import schema_of_config
from crmgraph.connectors import catalog


def schema(what: str) -> None:
    """Print one of the three schemas."""
    if what == "graph":
        print(printed(build()), end="")
    else:
        print(json.dumps(schema_of_config() if what == "config" else catalog.schema(), indent=2))


def connectors(as_json: bool) -> None:
    """The built-in connectors with their settings."""
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
        print(json.dumps(told, indent=2))
        return
    for one in known:
        print(f"{one.name}: {one.title}")
        for name, setting in one.settings.items():
            marks = [*(["required"] if setting.required else []), *(["secret"] if setting.secret else [])]
            print(f"  {name} ({', '.join(marks) or 'optional'}): {setting.description}")
