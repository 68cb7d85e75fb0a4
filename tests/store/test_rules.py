"""The memory of rules, in both databases."""

from datetime import UTC, datetime

from crmgraph.domain.records import Ref
from crmgraph.service.rule_memory import Mark, RuleLink
from crmgraph.store.database import Database
from crmgraph.store.rules import DatabaseRules

ANN = Ref("sales", "contact", "1")
ALSO_ANN = Ref("desk", "contact", "a", "parent")
LINK = RuleLink("leads", ANN, ALSO_ANN, {"emails": frozenset({"x", "y"})}, {"tags": frozenset()})


async def test_a_link_is_found_from_both_of_its_ends_and_for_the_other_source_alone(database: Database) -> None:
    rules = DatabaseRules(database)
    await rules.keep(LINK)
    assert list(await rules.touching(ANN, "desk")) == [LINK]
    assert list(await rules.touching(ALSO_ANN, "sales")) == [LINK]
    assert list(await rules.touching(ANN, "files")) == []


async def test_a_record_has_one_link_of_each_rule(database: Database) -> None:
    rules = DatabaseRules(database)
    later = RuleLink("leads", ANN, Ref("desk", "contact", "b"))
    other = RuleLink("back", ALSO_ANN, ANN)
    for one in (LINK, later, other):
        await rules.keep(one)
    assert list(await rules.touching(ANN, "desk")) == [other, later]


async def test_a_mark_is_kept_with_its_place(database: Database) -> None:
    rules = DatabaseRules(database)
    now = datetime(2026, 11, 20, tzinfo=UTC)
    assert await rules.mark("leads") is None
    for mark in (Mark("d", None, now, {"p": 25, "i": 3}, clean=False), Mark("d", now)):
        await rules.keep_mark("leads", mark)
        assert await rules.mark("leads") == mark
