"""What holds for the whole suite."""

import pytest
from hypothesis import HealthCheck, settings


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--leaks", action="store_true", help="Look for leaks through every fault at every source.")
    parser.addoption("--examples", type=int, default=None, help="How many examples each property is tried with.")


def pytest_configure(config: pytest.Config) -> None:
    # How long an example takes says something about the machine, not about the program.
    settings.register_profile("crmgraph", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    examples = config.getoption("--examples")
    if examples is not None:
        settings.register_profile("crmgraph", settings.get_profile("crmgraph"), max_examples=examples)
    settings.load_profile("crmgraph")
