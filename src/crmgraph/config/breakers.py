"""The words for a source's breaker."""

from typing import Literal

from pydantic import Field

from crmgraph.config.section import Section
from crmgraph.sources.breaker import LONGEST, USUAL, BreakerRule


class BreakerSection(Section):
    """When a CRM that keeps failing is left alone for a while."""

    failures: int = Field(
        default=USUAL.failures,
        ge=1,
        le=1000,
        description="It is left alone once so many of the last twice as many calls failed.",
    )
    window: float = Field(
        default=USUAL.window, gt=0, le=3600, description="Seconds within which those calls must have failed."
    )
    open: float = Field(
        default=USUAL.open,
        gt=0,
        le=3600,
        description=f"Seconds until one call tries it again; after each that fails twice as many, up to {LONGEST:g}.",
    )
    mode: Literal["on", "dry_run", "off"] = Field(
        default=USUAL.mode,
        description="`dry_run` only counts and tells what would be done; `off` does not even count.",
    )


def breaker_rule(section: BreakerSection) -> BreakerRule:
    """What the section says."""
    return BreakerRule(section.failures, section.window, section.open, section.mode)
