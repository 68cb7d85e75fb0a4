"""Rules between CRMs: what is told once stays told, what is a CRM's own stays its own, and nobody is guessed."""

from pathlib import Path
from typing import Any

import pytest
from tests.service.ruled import Ruled, counts, ruled

from crmgraph.domain.model import Kind
from crmgraph.service.ruling.asking import Asked, run_asked
from crmgraph.service.ruling.reports import RuleOutcome, RunState

FIELDS = ["givenName", "familyName", "emails", "phones", "tags"]
CREATED, UPDATED, UNCHANGED, SKIPPED = (
    RuleOutcome.CREATED,
    RuleOutcome.UPDATED,
    RuleOutcome.UNCHANGED,
    RuleOutcome.SKIPPED,
)
MARIA = 40010
THERE = "c7d3e36e-d93b-5775-8bb5-b3fdcf561b72"
"""One person: BigContacts has two e-mails of hers, the org-scoped CRM one of them."""


def facing(one: str, other: str) -> dict[str, Any]:
    return {
        "there": {"from": one, "to": other, "fields": FIELDS},
        "back": {"from": other, "to": one, "fields": FIELDS},
    }


@pytest.mark.parametrize(
    ("one", "other"), [("bigcontacts", "orgcrm"), ("orgcrm", "concord"), ("leadconnector", "orgcrm")]
)
async def test_two_rules_that_face_each_other_are_at_rest_after_one_round(one: str, other: str, tmp_path: Path) -> None:
    """Running again writes nothing, although one of the CRMs keeps a single e-mail and others spell tags their way."""
    async with ruled(tmp_path, [one, other], facing(one, other)) as world:
        for rule in ("there", "back"):
            assert (await world.run(rule)).state is RunState.COMPLETE
            assert world.writes
        for rule in ("there", "back"):
            run = await world.run(rule)
            assert run.state is RunState.COMPLETE
            assert world.writes == []
            assert counts(run).keys() <= {UNCHANGED, SKIPPED}


def maria(world: Ruled) -> dict[str, Any]:
    """Her record in the org-scoped CRM."""
    found: dict[str, Any] = world.state("orgcrm").contacts[THERE]
    return found


async def test_a_crm_that_keeps_one_e_mail_costs_the_other_none(tmp_path: Path) -> None:
    async with ruled(tmp_path, ["bigcontacts", "orgcrm"], facing("bigcontacts", "orgcrm")) as world:
        before = [one["email"] for one in world.state("bigcontacts").contacts[MARIA]["emails"]]
        for rule in ("there", "back", "there", "back"):
            await world.run(rule)
        after = [one["email"] for one in world.state("bigcontacts").contacts[MARIA]["emails"]]
        assert set(before) <= set(after)
        assert maria(world)["email"] == "MariaFernandez.invented@gmail.com"


async def test_what_changes_in_the_source_is_told_and_nothing_else(tmp_path: Path) -> None:
    async with ruled(tmp_path, ["bigcontacts", "orgcrm"], facing("bigcontacts", "orgcrm")) as world:
        await world.run("there")
        held = world.state("bigcontacts").contacts[MARIA]
        held["first_name"] = "Marina"
        held["categories"] = [one for one in held["categories"] if one["value"] != "beta tester"]
        assert "beta tester" in maria(world)["tags"]
        run = await world.run("there")
        assert counts(run)[UPDATED] == 1
        assert {one.path for one in world.writes} == {
            f"/contacts/{maria(world)['id']}",
            f"/contacts/{maria(world)['id']}/tags/{_tag(world, 'beta tester')}",
        }
        assert (maria(world)["name"].split()[0], "beta tester" in maria(world)["tags"]) == ("Marina", False)


def _tag(world: Ruled, name: str) -> str:
    return next(one.path.rsplit("/", 1)[1] for one in world.writes if "/tags/" in one.path)


async def test_what_people_change_in_the_target_stays_until_the_source_says_something_new(tmp_path: Path) -> None:
    async with ruled(tmp_path, ["bigcontacts", "orgcrm"], facing("bigcontacts", "orgcrm")) as world:
        await world.run("there")
        maria(world)["name"] = "Maria F. Corrected"
        await world.run("there")
        assert maria(world)["name"] == "Maria F. Corrected"
        world.state("bigcontacts").contacts[MARIA]["last_name"] = "Oliveira"
        await world.run("there")
        assert maria(world)["name"].endswith("Oliveira")


async def test_a_change_goes_back_by_the_rule_that_faces(tmp_path: Path) -> None:
    async with ruled(tmp_path, ["bigcontacts", "orgcrm"], facing("bigcontacts", "orgcrm")) as world:
        await world.run("there")
        await world.run("back")
        maria(world)["phone"] = "+1 415 555 0177"
        await world.run("back")
        numbers = [one["number"] for one in world.state("bigcontacts").contacts[MARIA]["phones"]]
        assert "+1 415 555 0177" in numbers
        await world.run("there")
        assert world.writes == []


async def test_somebody_whom_the_target_knows_twice_is_left_alone(tmp_path: Path) -> None:
    rules = {"there": {"from": "bigcontacts", "to": "orgcrm", "fields": FIELDS}}
    async with ruled(tmp_path, ["bigcontacts", "orgcrm"], rules) as world:
        twin = {**maria(world), "id": "twin"}
        world.state("orgcrm").contacts["twin"] = twin
        await world.app.fill_index()
        run = await world.run("there")
        (found,) = [one for one in run.records if one.of.id == str(MARIA)]
        assert found.outcome is SKIPPED
        assert "orgcrm knows this person more than once" in (found.reason or "")
        assert world.state("orgcrm").contacts["twin"] == twin


async def test_who_was_deleted_in_the_target_is_not_made_again(tmp_path: Path) -> None:
    rules = {"there": {"from": "bigcontacts", "to": "orgcrm", "fields": FIELDS}}
    async with ruled(tmp_path, ["bigcontacts", "orgcrm"], rules) as world:
        await world.run("there")
        del world.state("orgcrm").contacts[maria(world)["id"]]
        world.state("bigcontacts").contacts[MARIA]["first_name"] = "Marina"
        run = await world.run("there")
        (found,) = [one for one in run.records if one.of.id == str(MARIA)]
        assert (found.outcome, world.writes) == (SKIPPED, [])
        assert "was deleted there" in (found.reason or "")


async def test_a_rule_that_makes_nobody_makes_nobody(tmp_path: Path) -> None:
    rules = {"there": {"from": "bigcontacts", "to": "orgcrm", "fields": FIELDS, "create": False}}
    async with ruled(tmp_path, ["bigcontacts", "orgcrm"], rules) as world:
        before = len(world.state("orgcrm").contacts)
        run = await world.run("there")
        assert (CREATED in counts(run), len(world.state("orgcrm").contacts)) == (False, before)


async def test_a_dry_run_tells_what_a_run_does_and_writes_nothing(tmp_path: Path) -> None:
    async with ruled(tmp_path, ["bigcontacts", "orgcrm"], facing("bigcontacts", "orgcrm")) as world:
        dry = await world.run("there", dry=True)
        assert world.writes == []
        run = await world.run("there")
        assert [(one.of, one.outcome) for one in dry.records] == [(one.of, one.outcome) for one in run.records]


async def test_a_run_that_a_source_stops_goes_on_and_does_nothing_twice(tmp_path: Path) -> None:
    rules = {"there": {"from": "bigcontacts", "to": "orgcrm", "fields": FIELDS}}
    async with ruled(tmp_path, ["bigcontacts", "orgcrm"], rules) as world, ruled_alone(tmp_path, rules) as other:
        await world.run("there", 4)
        world.crms.dead.add("orgcrm")
        stopped = await world.run("there")
        assert stopped.state is RunState.STOPPED
        assert "run it again to go on" in (stopped.reason or "")
        world.crms.dead.clear()
        assert (await world.run("there")).state is RunState.COMPLETE
        await other.run("there")
        assert _names(world) == _names(other)


def ruled_alone(folder: Path, rules: dict[str, Any]) -> Any:
    alone = folder / "alone"
    alone.mkdir()
    return ruled(alone, ["bigcontacts", "orgcrm"], rules)


def _names(world: Ruled) -> list[str]:
    return sorted(one["name"] for one in world.state("orgcrm").contacts.values())


async def test_a_page_that_is_full_is_gone_on_with(tmp_path: Path) -> None:
    rules = {"there": {"from": "orgcrm", "to": "bigcontacts", "fields": FIELDS}}
    async with ruled(tmp_path, ["bigcontacts", "orgcrm"], rules) as world:
        people = set(world.state("orgcrm").contacts)
        runs = [await world.run("there", 1), await world.run("there", 40)]
        assert [one.state for one in runs] == [RunState.MORE, RunState.COMPLETE]
        seen = [one.of for run in runs for one in run.records]
        assert len(seen) == len(set(seen)) == len(people)


async def test_after_a_run_without_gaps_only_what_changed_is_looked_at(tmp_path: Path) -> None:
    rules = {"there": {"from": "orgcrm", "to": "bigcontacts", "fields": FIELDS}}
    async with ruled(tmp_path, ["bigcontacts", "orgcrm"], rules) as world:
        assert SKIPPED not in counts(await world.run("there"))
        maria(world).update(name="Marina Oliveira", updated_at=world.time.now().isoformat())
        run = await world.run("there")
        assert [(one.of.id, one.outcome) for one in run.records] == [(THERE, UPDATED)]


PUSHING = {
    "there": {
        "from": "leadconnector",
        "to": "concord",
        "fields": ["emails", "givenName", "familyName"],
        "push": ["tasks", "notes"],
        "assignee": "Nora Castle",
    },
    "back": {
        "from": "concord",
        "to": "leadconnector",
        "fields": ["emails", "givenName", "familyName"],
        "push": ["tasks", "notes"],
    },
}


async def test_tasks_and_notes_are_pushed_once_and_follow_their_first(tmp_path: Path) -> None:
    async with ruled(tmp_path, ["leadconnector", "concord"], PUSHING) as world:
        first = await world.run("there", 1)
        person, task = (next(one for one in first.records if one.kind is kind) for kind in (Kind.CONTACT, Kind.TASK))
        assert {one.outcome for one in first.records} == {CREATED}
        world.state("leadconnector").tasks[task.of.id]["title"] = "Call, do not write"
        await _from_the_start(world, "there")
        again = await world.run("there", 1)
        assert counts(again) == {UPDATED: 1, UNCHANGED: len(first.records) - 1}
        assert task.to is not None
        assert person.to is not None
        assert world.state("concord").tables["activities"][int(task.to.id)]["title"] == "Call, do not write"
        await _from_the_start(world, "there")
        await world.run("there", 1)
        assert world.writes == []


async def _from_the_start(world: Ruled, rule: str) -> None:
    """Let the next run begin with the first person again."""
    mark = await world.app.stores.rules.mark(rule)
    assert mark is not None
    await world.app.stores.rules.keep_mark(rule, type(mark)(mark.digest))


async def test_what_was_pushed_does_not_come_back(tmp_path: Path) -> None:
    """Two rules that push tasks and notes to each other make each of them once."""
    async with ruled(tmp_path, ["leadconnector", "concord"], PUSHING) as world:
        await world.run("there")
        await world.run("back")
        tasks, notes = len(world.state("leadconnector").tasks), len(world.state("leadconnector").notes)
        theirs = len(world.state("concord").tables["activities"])
        for rule in ("there", "back"):
            run = await world.run(rule)
            assert (CREATED in counts(run), UPDATED in counts(run)) == (False, False)
            # Whom LeadConnector refuses because another has the e-mail of the office is asked for again.
            refused = [one for one in run.records if one.outcome is RuleOutcome.REJECTED]
            assert [one.path for one in world.writes] == ["/contacts/"] * len(refused)
        assert (len(world.state("leadconnector").tasks), len(world.state("leadconnector").notes)) == (tasks, notes)
        assert len(world.state("concord").tables["activities"]) == theirs


async def test_who_is_refused_gets_no_tasks_of_theirs_put_on_another(tmp_path: Path) -> None:
    """LeadConnector refuses a second person with the office's e-mail and names the first."""
    async with ruled(tmp_path, ["leadconnector", "concord"], PUSHING) as world:
        run = await world.run("back")
        (refused,) = [one for one in run.records if one.outcome is RuleOutcome.REJECTED]
        at = run.records.index(refused)
        assert (refused.to, run.records[at + 1].kind) == (None, Kind.CONTACT)


async def test_a_key_is_answered_once(tmp_path: Path) -> None:
    rules = {"there": {"from": "bigcontacts", "to": "orgcrm", "fields": FIELDS}}
    async with ruled(tmp_path, ["bigcontacts", "orgcrm"], rules) as world:
        asked = Asked("there", 5, key="k")
        first = await run_asked(world.app.gateway.read(), world.app.stores, "ann", asked)
        world.crms.made.clear()
        assert await run_asked(world.app.gateway.read(), world.app.stores, "ann", asked) == first
        assert world.crms.made == []
