"""The rules between CRMs in a configuration: each mistake in its place, with what would be right."""

from pathlib import Path

import pytest

from crmgraph.config.loading import ConfigMistakes, load
from crmgraph.config.settings import Settings
from crmgraph.connectors import catalog
from crmgraph.domain.model import Kind

_SOURCES = """\
sources:
  sales: {connector: leadconnector, token: "${T}", location_id: here}
  desk: {connector: orgcrm, base_url: "https://desk.example.com/api", token: "${T}", org_id: us}
  files: {connector: concord, base_url: "https://files.example.com/api", token: "${T}"}
custom_fields:
  stage: {type: text, sources: {sales: stage, desk: stage}}
  seats: {type: number, sources: {sales: seats, desk: seats, files: cf_seats}}
  ours: {type: text, sources: {desk: ours}}
rules:
"""


def read(folder: Path, rules: str) -> Settings:
    path = folder / "crmgraph.yaml"
    path.write_text(_SOURCES + rules)
    return load(path, {"T": "x"}, catalog)


def test_a_rule_is_read_with_its_fields_its_constants_and_what_goes_along(tmp_path: Path) -> None:
    rules = """\
  leads:
    from: sales
    to: files
    fields: {emails: emails, lifecycleStage: [tags, customFields.seats]}
    constants: {tags: [lead, new]}
    push: [notes, tasks]
    assignee: Nora
"""
    (rule,) = read(tmp_path, rules).rules
    assert (rule.name, rule.source, rule.target, rule.create) == ("leads", "sales", "files", True)
    assert rule.fields == (
        ("emails", "emails"),
        ("lifecycleStage", "tags"),
        ("lifecycleStage", "customFields.seats"),
    )
    assert (rule.constants, rule.push, rule.assignee) == ({"tags": ("lead", "new")}, (Kind.NOTE, Kind.TASK), "Nora")


def test_a_list_of_fields_goes_along_under_their_own_names_and_custom_fields_where_both_have_them(
    tmp_path: Path,
) -> None:
    (rule,) = read(tmp_path, "  leads: {from: sales, to: desk, fields: [emails, customFields]}\n").rules
    assert rule.fields == (
        ("emails", "emails"),
        ("customFields.stage", "customFields.stage"),
        ("customFields.seats", "customFields.seats"),
    )


def test_a_rule_that_says_something_else_has_another_digest(tmp_path: Path) -> None:
    one, other = (
        read(tmp_path, f"  leads: {{from: sales, to: desk, fields: [emails], create: {create}}}\n").rules[0]
        for create in ("true", "false")
    )
    assert one.digest != other.digest


WRONG = [
    ("{from: sale, to: desk, fields: [emails]}", 17, "`sale` is not known here; did you mean `sales`?"),
    (
        "{from: sales, to: sales, fields: [emails]}",
        28,
        "A rule leads to another source; `sales`",
    ),
    ("{from: sales, to: desk, fields: [email]}", 43, "`email` is not known here; did you mean `emails`?"),
    ("{from: sales, to: desk, fields: []}", 42, "`fields` is empty; name at least one, for example `emails`."),
    ("{from: sales, to: desk}", 3, "`fields` is missing here"),
    ("{from: sales, to: desk, fields: [owner]}", 43, "`owner` belongs to its own source and means nothing in another"),
    ("{from: desk, to: files, fields: [jobTitle]}", 43, "desk has no `jobTitle` of a contact"),
    ("{from: sales, to: desk, fields: [lifecycleStage]}", 43, "desk has no room for `lifecycleStage` of a contact"),
    ("{from: sales, to: desk, fields: {emails: tags}}", 51, "`tags` cannot say what `emails` says"),
    ("{from: sales, to: desk, fields: {tags: customFields.}}", 49, "`customFields.` lacks its key"),
    ("{from: sales, to: desk, fields: [emails], push: [tasks]}", 59, "desk has no tasks of a person"),
    ("{from: sales, to: desk, fields: [emails], push: [calls]}", 59, "calls"),
    ("{from: sales, to: desk, fields: [emails], constants: {emails: a}}", 64, "`emails` cannot be a constant"),
    ("{from: sales, to: desk, fields: [emails], crate: true}", 52, "`crate` is not known here; did you mean `create`?"),
]


@pytest.mark.parametrize(("written", "column", "said"), WRONG, ids=[said for _, _, said in WRONG])
def test_a_mistake_is_told_in_its_place(written: str, column: int, said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigMistakes) as caught:
        read(tmp_path, f"  leads: {written}\n")
    (mistake,) = caught.value.mistakes
    assert (mistake.line, mistake.column) == (10, column)
    assert said in mistake.message


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigMistakes) as caught:
        read(
            tmp_path,
            "  leads: {from: sales, to: desk, fields: {givenNam: givenName, emails: owner}}\n  Back: {from: desk}\n",
        )
    assert [one.line for one in caught.value.mistakes] == [10, 10, 11, 11, 11]
