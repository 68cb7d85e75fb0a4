"""Two workers that share a store: what one has written, the other does not go on without."""

import asyncio
from dataclasses import replace
from pathlib import Path

import httpx
from pydantic import SecretStr
from tests.api.staged import Standing, settings_for

from crmgraph.app import App
from crmgraph.config.settings import StoreSettings
from crmgraph.demo import stage
from crmgraph.domain.records import Ref
from crmgraph.service.notices import Notice, heed

TURNS = 100_000
"""How often the other one gets its turn before it must have heard."""


def app_on(crms: stage.Mapping[str, stage.Simulator], folder: Path) -> App:
    """One worker; its background work goes on whenever nothing else does."""
    store = StoreSettings(SecretStr(f"sqlite:///{folder}/crmgraph.db"))
    settings = replace(settings_for(crms, ("bigcontacts", "leadconnector")), store=store)
    return App(
        settings,
        transport_for=lambda one: httpx.ASGITransport(crms[one.name].app),
        clock=Standing(),
        sleep=lambda seconds: asyncio.sleep(0),
    )


async def test_what_was_kept_of_a_source_is_not_told_once_another_worker_wrote_to_it(tmp_path: Path) -> None:
    """Of the sources that were not written to it is told on."""
    crms = stage.simulators(clock=Standing().now)
    app = app_on(crms, tmp_path)
    counts = []
    for told in ([], [], [Notice(Ref("leadconnector", "contact", "c1"))]):
        heed(app.gateway, told)
        outcome = await app.execution.execute("{ users { name } }")
        told_sources = outcome.extensions["crmgraph"]["sources"]
        counts.append([told_sources[name]["calls"] for name in ("bigcontacts", "leadconnector")])
    assert counts == [[1, 1], [0, 0], [0, 1]]
    await app.aclose()


async def test_another_worker_knows_whom_this_one_made_and_forgets_a_vocabulary_that_changed(tmp_path: Path) -> None:
    crms = stage.simulators(clock=Standing().now)
    writer, listener = app_on(crms, tmp_path), app_on(crms, tmp_path)
    (leadconnector,) = (one for one in listener.pool.sources if one.name == "leadconnector")
    async with listener.working():
        await listener.execution.execute('{ customFields(sources: ["leadconnector"]) { key } }')
        await listener.stores.notices.heard()
        leadconnector.tables["fields"] = {"f1": {"key": "old"}}
        for mutation in (
            'createContact(input: {givenName: "Nora", familyName: "Quill", emails: [{value: "nora@quill.example"}]})',
            'createTag(input: {name: "spring", sources: ["leadconnector"]})',
        ):
            outcome = await writer.execution.execute(f"mutation {{ {mutation} {{ results {{ outcome }} }} }}")
            assert {one["outcome"] for one in next(iter(outcome.data.values()))["results"]} == {"DONE"}

        def heard() -> bool:
            known = listener.index.holders("email:nora@quill.example")
            return len(known) == 2 and "fields" not in leadconnector.tables

        for _ in range(TURNS):
            if heard():
                break
            await asyncio.sleep(0)
        assert heard()
    await writer.aclose()
