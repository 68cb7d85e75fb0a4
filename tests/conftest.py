"""What holds for the whole suite."""

from hypothesis import HealthCheck, settings

# How long an example takes says something about the machine, not about the program.
settings.register_profile("crmgraph", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("crmgraph")
