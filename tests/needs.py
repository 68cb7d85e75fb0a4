"""What a test needs of the machine: missing means skipped, by name, unless everything is required."""

import os

import pytest

REQUIRE = "CRMGRAPH_REQUIRE"


def needs(name: str, present: bool) -> None:
    """Skips the test when `name` is not present; with CRMGRAPH_REQUIRE=all it fails instead."""
    if present:
        return
    if os.environ.get(REQUIRE) == "all":
        pytest.fail(f"needs {name}, and {REQUIRE}=all forbids to skip", pytrace=False)
    pytest.skip(f"needs {name}", allow_module_level=True)
