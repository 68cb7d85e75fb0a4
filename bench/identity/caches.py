"""Forgetting what normal forms were worked out, so that a page is as cold as the first one a server meets."""

import sys
from functools import _lru_cache_wrapper

TABLE = 16
"""A memory of so few answers holds tables that are read once when a server starts; these stay."""


def forget() -> None:
    """Clear the memories of raw values and pairs; what is shipped with the program stays read."""
    for name, module in list(sys.modules.items()):
        if name.startswith("crmgraph.domain"):
            for one in vars(module).values():
                if isinstance(one, _lru_cache_wrapper) and (one.cache_parameters()["maxsize"] or 0) > TABLE:
                    one.cache_clear()
