"""The smallest words of a definition file, which all its parts are made of.

A template is any JSON in which texts may hold `{slot}`s: settings of the source (`{location_id}`) and what the call is
about (`{id}`, `{ids}`, `{parent}`, `{parents}`, `{value}`, `{text}`, `{size}`, `{page}`, `{offset}`). A text that is
nothing but one slot takes the slot's own type. A key whose slot has no value is left out.
"""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, WithJsonSchema

Template = Any
Path = str
Paths = str | list[str]

_CALL = re.compile(r"(GET|POST|PUT|PATCH|DELETE) /\S*")
_RATE = re.compile(r"[1-9]\d*/([1-9]\d*)?[smhd]")
_WINDOW = re.compile(r"([1-9]\d*)?[smhd]")


class Strict(BaseModel):
    """Unknown keys are mistakes, at every depth."""

    # Only the outermost is ever asked to validate, so the others need no validator of their own.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


def _call(text: str) -> str:
    if not _CALL.fullmatch(text):
        raise ValueError("A call is a method in capitals, one blank and a path: `GET /contacts/{id}`.")
    return text


def _rate(text: str) -> str:
    if not _RATE.fullmatch(text):
        raise ValueError("A rate is a number of calls and a time in s, m, h or d: `100/10s`.")
    return text


def _window(text: str) -> str:
    if not _WINDOW.fullmatch(text):
        raise ValueError("A time is a number and one of s, m, h, d: `10s`, `1d`.")
    return text


CallText = Annotated[str, AfterValidator(_call), WithJsonSchema({"type": "string", "pattern": f"^{_CALL.pattern}$"})]
RateText = Annotated[str, AfterValidator(_rate), WithJsonSchema({"type": "string", "pattern": f"^{_RATE.pattern}$"})]
WindowText = Annotated[
    str, AfterValidator(_window), WithJsonSchema({"type": "string", "pattern": f"^{_WINDOW.pattern}$"})
]
