"""Writing what accounts have beside their people: what pages cannot show."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from tests.api.staged import Staged, staged

CREATE = """mutation ($name: String!) {
  createTag(input: {name: $name, sources: ["leadconnector", "orgcrm"]}) { results { outcome } }
}"""


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def four() -> AsyncIterator[Staged]:
    async with staged(filled=False) as one:
        yield one


@pytest.mark.asyncio(loop_scope="module")
async def test_a_tag_that_several_ask_for_at_once_is_made_once(four: Staged) -> None:
    """Its name is held while it is looked for and made."""
    spellings = ["Flock", "flock", "FLOCK", "Flock", "flock"]
    outcomes = await asyncio.gather(*(four.ask(CREATE, {"name": name}) for name in spellings))
    results = [one["outcome"] for outcome in outcomes for one in (outcome.data or {})["createTag"]["results"]]
    assert sorted(results) == ["DONE"] * 2 + ["UNCHANGED"] * 8
    for name in ("leadconnector", "orgcrm"):
        tags = [one["name"].casefold() for one in four.crms[name].state.tags.values()]
        assert tags.count("flock") == 1


@pytest.mark.asyncio(loop_scope="module")
async def test_views_that_several_save_at_once_are_all_kept(four: Staged) -> None:
    """The set is written under a lock, so nobody writes back what somebody else has just changed."""
    save = "mutation ($name: String!) { saveSavedViews(input: {save: [{name: $name}]}) { results { outcome } } }"
    names = [f"View {number}" for number in range(6)]
    outcomes = await asyncio.gather(*(four.ask(save, {"name": name}) for name in names))
    results = [one["outcome"] for outcome in outcomes for one in (outcome.data or {})["saveSavedViews"]["results"]]
    assert results == ["DONE"] * 6
    assert {*names} <= {view["name"] for view in four.crms["orgcrm"].state.views}


@pytest.mark.asyncio(loop_scope="module")
async def test_a_dry_run_of_what_is_known_by_its_name_sends_nothing(four: Staged) -> None:
    """It reads the list, and tells what would be sent or that nothing would."""
    dry = """mutation {
      there: createTag(input: {name: "VIP", sources: ["leadconnector"], dryRun: true}) { results { outcome } }
      made: createTag(input: {name: "dry", sources: ["leadconnector"], dryRun: true}) {
        tag { name } results { outcome calls { method body } }
      }
      gone: deleteTemplateValue(input: {key: "booking_link", sources: ["leadconnector"], dryRun: true}) {
        results { outcome calls { method } }
      }
    }"""
    outcome = await four.ask(dry)
    assert outcome.errors == ()
    assert outcome.data == {
        "there": {"results": [{"outcome": "UNCHANGED"}]},
        "made": {"tag": None, "results": [{"outcome": "DONE", "calls": [{"method": "POST", "body": {"name": "dry"}}]}]},
        "gone": {"results": [{"outcome": "DONE", "calls": [{"method": "DELETE"}]}]},
    }
    assert {line.method for line in four.crms["leadconnector"].log} == {"GET"}


@pytest.mark.asyncio(loop_scope="module")
async def test_a_wrong_id_is_told_and_nobody_is_asked(four: Staged) -> None:
    outcome = await four.ask(
        'mutation { renameTag(input: {id: "x", name: " "}) { tag { name } results { outcome } userErrors { field } } }'
    )
    assert outcome.data == {
        "renameTag": {"tag": None, "results": [], "userErrors": [{"field": ["name"]}, {"field": ["id"]}]}
    }
    assert not any(four.logged().values())
