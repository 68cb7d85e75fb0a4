"""What these tests tell their observers."""

from typing import Any

from crmgraph.service.observing import Answered, Ending, Made, Operation


def answered(name: str | None = "Names", **changes: Any) -> Answered:
    """A query that was answered."""
    told: dict[str, Any] = {
        "operation": Operation(name, "query"),
        "ending": Ending.OK,
        "seconds": 0.02,
        "caller": "anybody",
        "errors": (),
        "calls": {"desk": 2},
    }
    return Answered(**told | changes)


def made(**changes: Any) -> Made:
    """A call that was answered."""
    told: dict[str, Any] = {
        "source": "desk",
        "endpoint": "GET /people/{id}",
        "status": 200,
        "code": None,
        "seconds": 0.01,
    }
    return Made(**told | changes)
