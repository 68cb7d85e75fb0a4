"""What is to be told of the work."""

from crmgraph.config.telemetry import TelemetrySettings
from crmgraph.telemetry.telling import Wanted


def wanted(telemetry: TelemetrySettings) -> Wanted:
    """As the room of telling wants it."""
    secret = telemetry.otlp_authorization
    return Wanted(
        access=telemetry.log in ("debug", "info"),
        metrics=telemetry.metrics_port is not None,
        otlp=telemetry.otlp,
        authorization=None if secret is None else secret.get_secret_value(),
        sample=telemetry.sample,
    )
