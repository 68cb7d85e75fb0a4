"""How the server deals with many callers, with browsers and with its own end: the words, and what they come to."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from crmgraph.config.section import Section
from crmgraph.service.admission import Room

_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:]+\](:[0-9]{1,5})?")


def _origin(text: str) -> str:
    if not _ORIGIN.fullmatch(text):
        raise ValueError(
            "`cors` lists origins as browsers send them, like `https://app.example.com`:"
            " a scheme and a host in small letters, with its port if that is no usual one, and never `*`."
        )
    return text


Origin = Annotated[str, AfterValidator(_origin)]


class AdmissionSection(Section):
    """How many questions each process works on; writes go first, then who waits, then reports."""

    at_once: int = Field(default=64, ge=1, le=100_000, description="Questions that are worked on at once.")
    waiting: int = Field(default=256, ge=0, le=100_000, description="Questions that wait; more are refused.")
    max_wait: float = Field(default=2.0, gt=0, le=600, description="Seconds for which one may wait.")


class StoppingSection(Section):
    """How the server ends when it is told to."""

    notice: float = Field(
        default=0.0,
        ge=0,
        le=600,
        description="Seconds for which it still takes requests and says at /readyz that it is about to end.",
    )
    within: float = Field(default=10.0, gt=0, le=600, description="Seconds in which answers under way are finished.")


def room(section: AdmissionSection) -> Room:
    """The room of a section without mistakes."""
    return Room(section.at_once, section.waiting, section.max_wait)
