"""The configuration as the command line reads it: the only place where the process's environment comes in."""

import os
from pathlib import Path

from crmgraph.config.loading import ConfigMistakes, load
from crmgraph.config.settings import Settings
from crmgraph.connectors import catalog


def checked(path: Path) -> Settings:
    """The settings in a file, the documents that they trust looked at too; raises ConfigMistakes."""
    found = settings(path)
    if found.documents.trusted:
        # Imported here because the graph takes half a second that nobody else need wait for.
        from crmgraph.app import document_mistakes

        if wrong := document_mistakes(found):
            raise ConfigMistakes(wrong)
    return found


def settings(path: Path) -> Settings:
    """The settings in a file; raises ConfigMistakes."""
    return load(path, os.environ, catalog)
