"""The configuration as the command line reads it: the only place where the process's environment comes in."""

import os
from pathlib import Path

from crmgraph.config.loading import load
from crmgraph.config.settings import Settings
from crmgraph.connectors import catalog


def settings(path: Path) -> Settings:
    """The settings in a file; raises ConfigMistakes."""
    return load(path, os.environ, catalog)
