"""Values in the form that a source takes: those of things that live in one source."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from tests.service.writing.desks import Account

from crmgraph.domain.model import Link
from crmgraph.service.writing.suiting import suited

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
DAY = date(2026, 12, 1)
ANN, BEN = Link("1"), Link("2")


@pytest.mark.parametrize(
    ("source", "resource", "given", "made", "told"),
    [
        ("bigcontacts", "task", {"dueAt": NOON}, {"dueDate": DAY}, {"dueAt"}),
        ("leadconnector", "task", {"dueDate": DAY}, {"dueAt": datetime(2026, 12, 1, tzinfo=UTC)}, {"dueDate"}),
        ("concord", "task", {"dueAt": NOON}, {"dueAt": NOON}, set()),
        ("bigcontacts", "task", {"contacts": (ANN,)}, {"contact": ANN}, set()),
        ("bigcontacts", "task", {"contacts": (ANN, BEN)}, {"contact": ANN}, {"contacts"}),
        ("leadconnector", "task", {"contacts": (ANN, BEN)}, {"contact": ANN}, {"contacts"}),
        ("orgcrm", "note", {"contacts": (ANN,)}, {"contact": ANN}, set()),
        ("concord", "task", {"contacts": (ANN, BEN)}, {"contacts": (ANN, BEN)}, set()),
    ],
)
def test_a_new_record_is_told_what_its_source_takes_and_the_caller_what_is_lost_by_it(
    source: str, resource: str, given: dict[str, Any], made: dict[str, Any], told: set[str]
) -> None:
    found = Account(source).reader.definition.resources[resource]
    values, otherwise = suited(found, given, "create", lambda name: None)
    assert (values, set(otherwise)) == (made, told)


def test_people_who_cannot_be_changed_are_left_as_they_were_asked() -> None:
    """A task of LeadConnector stays with its contact, so an update has no room for another."""
    task = Account("leadconnector").reader.definition.resources["task"]
    assert suited(task, {"contact": ANN}, "update", lambda name: None) == ({"contact": ANN}, {})
