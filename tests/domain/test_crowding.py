"""What too many share: of one source, and to nobody's name any more."""

from tests.domain.test_resolution import MATCHER, clusters, profile

from crmgraph.domain.crowding import crowded, told_apart
from crmgraph.domain.resolution import Policy, resolved

BOARD = "+14155550100"


def test_a_key_is_crowded_by_the_records_of_one_source_and_not_by_a_person_known_in_many() -> None:
    found = [profile(source, "1", "Anna Smith", "anna@x.example") for source in "abc"]
    found += [profile("a", ident, "Bo Stern", BOARD) for ident in "234"]
    assert crowded(found, 2) == {f"phone:{BOARD}"}


def test_what_is_crowded_is_as_if_the_records_did_not_have_it() -> None:
    found = [profile("a", ident, "Bo Stern", BOARD, f"bo{ident}@x.example") for ident in "123"]
    bare = [profile("a", ident, "Bo Stern", f"bo{ident}@x.example") for ident in "123"]
    assert told_apart(found, 2) == bare
    assert told_apart(found, 3) == told_apart(found, None) == found


def test_a_crowded_key_joins_nobody() -> None:
    found = [profile("a", ident, "Bo", "kontor77@gmail.com", BOARD) for ident in "123"]
    assert clusters(resolved(found, MATCHER)) == ["a1+a2+a3"]
    assert clusters(resolved(found, MATCHER, Policy(max_shared=2))) == ["a1", "a2", "a3"]
    assert clusters(resolved(found[:2], MATCHER, Policy(max_shared=2))) == ["a1+a2"]
