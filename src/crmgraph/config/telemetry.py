"""What is told of the work, and whom: the words of the section, and what they come to."""

from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr

from crmgraph.config.section import Section
from crmgraph.connectors.definition import Setting

ASKS = {
    "otlp_authorization": Setting(
        "The Authorization header for the collector of traces.", required=False, secret=True, default=None
    )
}
"""The secret of the section."""

TRACES = "/v1/traces"
"""Where a collector takes traces that come over HTTP."""


def _collector(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise ValueError(
            "`otlp` is the address of a collector, such as `https://collector.example.com`, without a user or a query."
        )
    return url


class TelemetrySection(Section):
    """What is told of the work: log lines, metrics and traces. None of them says anything about people or secrets."""

    log: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="How much is logged; `info` has a line for every operation."
    )
    metrics_port: int | None = Field(
        default=None, ge=0, le=65535, description="The port on which Prometheus finds /metrics; without it, nowhere."
    )
    metrics_host: str = Field(default="127.0.0.1", min_length=1, description="The address that the port is open at.")
    otlp: Annotated[str, AfterValidator(_collector)] | None = Field(
        default=None, description="The collector that takes traces over OTLP/HTTP; without it, there are none."
    )
    otlp_authorization: str | None = Field(
        default=None, description="The Authorization header for the collector, as ${VAR}."
    )
    otlp_authorization_file: str | None = Field(
        default=None, description="The file that holds `otlp_authorization`, beside this file."
    )
    sample: float = Field(
        default=1.0, ge=0, le=1, description="The part of operations that is traced, where the caller does not say."
    )


@dataclass(frozen=True, slots=True)
class TelemetrySettings:
    """What is told. `otlp` is the whole address for traces; None leaves a thing untold."""

    log: str = "info"
    metrics_port: int | None = None
    metrics_host: str = "127.0.0.1"
    otlp: str | None = None
    otlp_authorization: SecretStr | None = None
    sample: float = 1.0


def telemetry(section: TelemetrySection, authorization: str | None) -> TelemetrySettings:
    """The settings of a section without mistakes."""
    return TelemetrySettings(
        log=section.log,
        metrics_port=section.metrics_port,
        metrics_host=section.metrics_host,
        otlp=None if section.otlp is None else _traces(section.otlp),
        otlp_authorization=None if authorization is None else SecretStr(authorization),
        sample=section.sample,
    )


def _traces(url: str) -> str:
    return url if urlsplit(url).path.endswith(TRACES) else url.rstrip("/") + TRACES
