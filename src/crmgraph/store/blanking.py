"""What is left of the stored outcome of a write when the person it was about is forgotten: which source, and how it
ended, so that whoever asks again with the same key does nothing twice.
"""

import msgspec

from crmgraph.service.writing.results import Result, from_json, to_json

NOTHING = b"{}"
"""JSON that says nothing."""


def results_in(told: bytes | None) -> tuple[Result, ...]:
    """The results in a JSON that holds some; none in any other."""
    if told is None:
        return ()
    try:
        return from_json(bytes(told))
    except (msgspec.MsgspecError, ValueError):  # It is the answer of something else than a write.
        return ()


def blanked(told: bytes | None) -> bytes | None:
    """Results as JSON without anything of the person."""
    found = results_in(told)
    if told is None or not found:
        return None if told is None else NOTHING
    return to_json([Result(one.source, one.resource, one.outcome) for one in found])
