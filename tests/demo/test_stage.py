"""The demo's stage: its configuration is right, and its simulators share one cast."""

from importlib.resources import as_file, files

from crmgraph.config.loading import load
from crmgraph.connectors import catalog
from crmgraph.demo import stage

URLS = {name: f"http://127.0.0.1:{port}" for port, name in enumerate(stage.simulators(), start=9001)}


def test_the_configuration_has_no_mistake_and_names_every_simulator() -> None:
    crms = stage.simulators()
    with as_file(files("crmgraph.demo") / stage.CONFIGURATION) as path:
        settings = load(path, stage.environment(URLS, crms), catalog)
    assert {source.name for source in settings.sources} == set(crms)
    assert [field.key for field in settings.custom_fields]


def test_every_custom_field_is_mapped_in_every_crm() -> None:
    with as_file(files("crmgraph.demo") / stage.CONFIGURATION) as path:
        settings = load(path, stage.environment(URLS, stage.simulators()), catalog)
    for field in settings.custom_fields:
        assert set(field.sources) == {source.name for source in settings.sources}, field.key


def test_the_environment_holds_an_address_and_a_token_for_each() -> None:
    crms = stage.simulators()
    given = stage.environment(URLS, crms)
    assert given["DEMO_CONCORD"] == URLS["concord"]
    assert {given[f"DEMO_{name.upper()}_TOKEN"] for name in crms} == {one.token for one in crms.values()}


def test_the_clock_is_aware() -> None:
    assert stage.now().utcoffset() is not None
