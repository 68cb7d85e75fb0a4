"""Who stays who they were while not everybody can be asked."""

from crmgraph.domain.assigning import PersonId
from crmgraph.domain.records import Ref
from crmgraph.service.keeping import as_they_were, whose

ANNA, ANN, BOB, NEW = (Ref("sales", "contact", ident) for ident in ("1", "2", "3", "4"))
KNOWN = {ANNA: PersonId("a"), ANN: PersonId("a"), BOB: PersonId("b")}


def nobody(ref: Ref) -> tuple[Ref, ...]:
    return ()


def test_two_who_were_two_stay_two_and_who_is_new_goes_with_most_of_them() -> None:
    assert as_they_were((BOB, NEW, ANNA, ANN), KNOWN, nobody) == [(BOB,), (NEW, ANNA, ANN)]


def test_who_was_never_known_is_put_together_as_always() -> None:
    assert as_they_were((ANNA, NEW), {}, nobody) == [(ANNA, NEW)]


def test_whom_people_decided_to_be_one_since_are_one() -> None:
    same = {NEW: (BOB,), BOB: (NEW, ANNA), ANNA: (BOB,)}
    assert as_they_were((ANNA, BOB, NEW), KNOWN, lambda ref: same.get(ref, ())) == [(ANNA, BOB, NEW)]


def test_a_decision_within_a_person_keeps_nobody_else_with_them() -> None:
    same = {ANNA: (ANN,), ANN: (ANNA,)}
    assert as_they_were((ANNA, ANN, BOB), KNOWN, lambda ref: same.get(ref, ())) == [(ANNA, ANN), (BOB,)]


def test_of_several_persons_the_one_with_most_records_counts_and_of_as_many_the_first() -> None:
    assert whose((BOB, ANNA, ANN), KNOWN) == "a"
    assert whose((BOB, ANNA), KNOWN) == "b"
    assert whose((NEW,), KNOWN) is None
