"""What capabilities say of writes is what becomes of them: whatever is not there is UNSUPPORTED before any call."""

import pytest
from tests.conformance.worlds import DEFINITIONS, RESOURCES

from crmgraph.connectors.assembly import settings_of
from crmgraph.connectors.exchange import Site
from crmgraph.connectors.flows import Reader
from crmgraph.connectors.writes import Writer
from crmgraph.domain.errors import CrmGraphError, Unsupported
from crmgraph.service.capabilities import capabilities
from crmgraph.service.operations import Capability
from crmgraph.service.writing.abilities import abilities
from crmgraph.service.writing.changes import Action, Change, planned


def said(name: str, resource: str) -> dict[str, Capability]:
    return {one.operation.value: one for one in abilities(DEFINITIONS[name].resources[resource])}


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize(("name", "part"), RESOURCES)
def test_what_capabilities_leave_out_is_unsupported_and_nothing_else_is(name: str, part: str, action: Action) -> None:
    definition = DEFINITIONS[name]
    told = {"location_id": "here", "org_id": "here"}
    settings = settings_of(definition, {key: one for key, one in told.items() if key in definition.settings})
    writer = Writer(Reader(definition, Site(name, "", settings)), {})
    flow = planned(writer, definition.resources[part], Change(name, part, action, "1", "2"))
    try:
        next(flow)
        supported = True
    except Unsupported:
        supported = False
    except (CrmGraphError, StopIteration):
        supported = True
    assert supported == (action.value in said(name, part))


@pytest.mark.parametrize("name", DEFINITIONS)
def test_writes_are_told_beside_reads(name: str) -> None:
    definition = DEFINITIONS[name]
    listed = capabilities(definition)
    for resource in definition.resources.values():
        for one in abilities(resource):
            assert one in listed


def test_what_a_create_needs_and_what_only_it_takes_is_told() -> None:
    task, field = said("concord", "task"), said("leadconnector", "customField")
    assert task["CREATE"].required == ("title", "assignees", "dueDate")
    assert task["UPDATE"].note == (
        "Sends along title, assignees, dueDate. Only on creation: contact, company, opportunity."
    )
    assert (field["CREATE"].required, field["CREATE"].note) == (("key", "type"), "By a further call: label.")
    assert field["UPDATE"].note == "Only on creation: key, appliesTo, type."
    assert said("bigcontacts", "task")["CREATE"].required == ("title", "dueDate or startDate", "contact")
    assert said("leadconnector", "note")["CREATE"].required == ("body", "contact")


def test_how_a_write_is_done_is_told() -> None:
    orgcrm = said("orgcrm", "contact")
    assert (orgcrm["TAG"].native, orgcrm["TAG"].note) == (True, "Tags by calls of their own.")
    assert orgcrm["UPDATE"].note == "Custom fields by a call for each."
    assert orgcrm["IMPORT"].note == "Up to 200 records a call."
    assert said("leadconnector", "contact")["UPDATE"].note == (
        "Only on creation: companyName. By a further call: company."
    )
    concord = said("concord", "contact")
    assert (concord["TAG"].native, concord["TAG"].note) == (False, "Read, changed and written back as a whole.")
    assert concord["SYNC"].note == "Links to company, opportunity, task, activity."
    assert concord["UPDATE"].note == (
        "Sends along givenName. Custom fields are read, changed and written back as a whole."
    )
    views = said("orgcrm", "savedView")
    assert (list(views), views["REPLACE"].native) == (["REPLACE"], False)
    assert said("orgcrm", "note")["CREATE"].native is False
    assert said("leadconnector", "task")["COMPLETE"].note == "By a call of its own."
    assert said("bigcontacts", "task")["COMPLETE"].note == "By an update."
