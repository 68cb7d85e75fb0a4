"""Rows of a file as people: ids that depend on the person alone, and how firmly each record is held."""

import random

from crmgraph.domain.records import Ref
from crmgraph.domain.resolution import Line
from crmgraph.domain.trial import Held, Placed, Row, person_id, placed, profile


def told(*rows: Row) -> list[Placed]:
    return list(placed(map(profile, rows), Line.BALANCED))


def test_a_person_is_named_by_the_first_record_that_belongs_to_it() -> None:
    a = Row("hub", "9", "Ada", "Row", email="ada@oars.example")
    b = Row("desk", "2", "Ada", "Row", email="ada@oars.example")
    assert [one.person_id for one in told(a, b)] == ["desk:2", "desk:2"]
    assert [one.person_id for one in told(b, a)] == ["desk:2", "desk:2"]
    assert [one.person_id for one in told(a)] == ["hub:9"]


def test_no_two_records_give_the_same_name() -> None:
    refs = [Ref(source, "contact", ident) for source in ("", "a", "a:b", "a%3Ab") for ident in ("b", "b:c", "c", "a:b")]
    assert len(set(map(person_id, refs))) == len(refs)


def test_a_record_that_nobody_resembles_is_alone_and_one_that_may_be_somebody_is_suggested() -> None:
    a = Row("hub", "1", "James", "Smith", city="Leeds")
    b = Row("desk", "2", "James", "Smith", city="York")
    c = Row("desk", "3", "Bo", "Stern", email="bo@oars.example")
    bands = [(one.band, bool(one.reasons)) for one in told(a, b, c)]
    assert bands == [(Held.SUGGESTED, True), (Held.SUGGESTED, True), (Held.ALONE, False)]


def test_the_order_of_rows_changes_nobody() -> None:
    crowd = random.Random(7)
    rows = [
        Row(crowd.choice("abc"), str(number), crowd.choice(["Ada", "Bo"]), "Row", f"{crowd.randrange(20)}@x.example")
        for number in range(60)
    ]
    before = {(one.source, one.record_id): one for one in told(*rows)}
    crowd.shuffle(rows)
    assert {(one.source, one.record_id): one for one in told(*rows)} == before
