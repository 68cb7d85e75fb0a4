"""What comes into the audit log, and by what: writes of every kind, and what was refused."""

from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from tests.api.staged import Standing, settings_for

from crmgraph.app import App
from crmgraph.config.settings import StoreSettings
from crmgraph.demo import stage
from crmgraph.service.auditing import Entry, verified
from crmgraph.service.cross_rules import CrossRule
from crmgraph.service.importing.taking_in import Asked, taken_in
from crmgraph.service.ports import StoreUnavailable
from crmgraph.service.refusals import MOST, OTHERS, Refusals
from crmgraph.service.ruling.running import RuleRunning


@pytest.fixture
def app(tmp_path: Path) -> App:
    crms = stage.simulators(clock=Standing().now)
    settings = settings_for(crms, ("bigcontacts", "leadconnector"))
    rule = CrossRule("tags", "bigcontacts", "leadconnector", (("tags", "tags"),), {}, False, (), None)
    settings = replace(settings, rules=(rule,), store=StoreSettings(SecretStr(f"sqlite:///{tmp_path}/crmgraph.db")))
    return App(settings, transport_for=lambda one: httpx.ASGITransport(crms[one.name].app), clock=Standing())


async def told(app: App) -> list[Entry]:
    return [one.entry for one in await app.stores.log.page(0, 1_000)]


async def test_a_mutation_is_told_at_each_source_without_any_value(app: App) -> None:
    write = 'createContact(input: {givenName: "Nora", familyName: "Quill", emails: [{value: "nora@quill.example"}]})'
    await app.execution.execute(f"mutation {{ {write} {{ results {{ outcome }} }} }}")
    found = await told(app)
    assert {replace(one, record=None) for one in found} == {
        Entry("anybody", "createContact", "DONE", source, "contact", "CREATE")
        for source in ("bigcontacts", "leadconnector")
    }
    assert all(one.record for one in found)
    assert "quill" not in repr(found).lower()
    assert (await verified(app.stores.log)).number == 2
    await app.aclose()


async def test_what_no_source_was_sent_is_told_and_a_dry_run_is_not(app: App) -> None:
    """Also where another source was sent something."""
    for dry in ("true", "false"):
        write = f'createTag(input: {{name: "spring", sources: ["bigcontacts", "leadconnector"], dryRun: {dry}}})'
        outcome = await app.execution.execute(f"mutation {{ {write} {{ results {{ outcome source {{ name }} }} }} }}")
        if dry == "true":
            assert await told(app) == []
    results = {(one["source"]["name"], one["outcome"]) for one in outcome.data["createTag"]["results"]}
    assert ("bigcontacts", "UNSUPPORTED") in results
    assert {(one.source, one.outcome) for one in await told(app)} == results
    await app.aclose()


async def test_the_run_of_a_rule_is_told_from_its_beginning_to_its_end(app: App) -> None:
    run = RuleRunning(app.gateway.read(), app.stores, app.settings.rules[0], "ada")
    await run.run(1)
    found = await told(app)
    named = Entry("ada", "runRule", "BEGUN", "leadconnector", "rule", None, "tags")
    assert (found[0], found[-1]) == (named, replace(named, outcome="MORE"))
    await RuleRunning(app.gateway.read(), app.stores, app.settings.rules[0], "ada", dry=True).run(1)
    assert await told(app) == found
    await app.aclose()


async def test_an_import_is_told_with_its_rows_and_who_asked_for_it(app: App) -> None:
    rows = [{"givenName": "Nora", "familyName": "Quill", "email": "nora@quill.example"}]
    imported = await taken_in(app.gateway.read(), app.stores, Asked("ada", rows, sources=("bigcontacts",)))
    await app.importing.once()
    found = await told(app)
    begun = Entry("ada", "importContacts", "BEGUN", resource="import", record=imported.id)
    assert (found[0], found[-1]) == (begun, replace(begun, outcome="ENDED"))
    assert [(one.source, one.outcome) for one in found[1:-1]] == [("bigcontacts", "DONE")]
    await app.aclose()


class Store:
    """The one part of the stores that refusals are told to; it may be down."""

    def __init__(self) -> None:
        self.down = False
        self.told: list[Entry] = []
        self.audit = self

    async def note(self, *entries: Entry) -> None:
        """Keep them, unless it is down."""
        if self.down:
            raise StoreUnavailable("It is down.")
        self.told += entries


REFUSED = Entry("eve", "updateContact", "REFUSED")


async def test_refusals_are_counted_and_told_together() -> None:
    store = Store()
    refusals = Refusals(store)  # type: ignore[arg-type]
    for _ in range(1_000):
        refusals.note(REFUSED)
    refusals.note(replace(REFUSED, source="sales"))
    await refusals.flush()
    await refusals.flush()
    assert store.told == [replace(REFUSED, times=1_000), replace(REFUSED, source="sales")]


async def test_refusals_of_very_many_kinds_take_no_more_room() -> None:
    store = Store()
    refusals = Refusals(store)  # type: ignore[arg-type]
    for number in range(MOST + 50):
        refusals.note(replace(REFUSED, who=str(number)))
    await refusals.flush()
    assert len(store.told) == MOST + 1
    assert store.told[-1] == replace(OTHERS, times=50)


async def test_refusals_wait_for_a_store_that_is_down() -> None:
    store = Store()
    refusals = Refusals(store)  # type: ignore[arg-type]
    store.down = True
    refusals.note(REFUSED)
    await refusals.flush()
    refusals.note(REFUSED)
    store.down = False
    await refusals.flush()
    assert store.told == [replace(REFUSED, times=2)]


async def test_what_cannot_be_told_is_refused_before_anything_is_sent(app: App, tmp_path: Path) -> None:
    """Also where the journal would have had nothing to say."""
    (tmp_path / "crmgraph.db").mkdir()
    for sources in ('["bigcontacts"]', '["leadconnector"]'):
        write = f'createTag(input: {{name: "spring", sources: {sources}}})'
        outcome = await app.execution.execute(
            f"mutation {{ {write} {{ results {{ outcome }} userErrors {{ message }} }} }}"
        )
        payload = outcome.data["createTag"]
        assert payload["results"] == []
        assert "Our own store cannot be used" in payload["userErrors"][0]["message"]
    await app.aclose()
