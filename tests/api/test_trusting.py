"""Trusted documents are looked at beforehand; each mistake has the place where it is written."""

from crmgraph.api.schema import build
from crmgraph.api.trusting import mistakes
from crmgraph.service.limits import Limits
from crmgraph.service.trusted import TrustedDocument

LIMITS = Limits()
FILE = TrustedDocument(("people",), "query People {\n  contacts { nodes { id nmae } }\n}\n", "people.graphql")


def told(*trusted: TrustedDocument, limits: Limits = LIMITS) -> list[str]:
    return [str(one) for one in mistakes(build(), trusted, limits)]


def test_what_does_not_validate_is_told_with_line_and_column_of_its_file() -> None:
    [mistake] = told(FILE)
    assert mistake.startswith("people.graphql:2:25: Cannot query field 'nmae' on type 'Contact'.")


def test_what_does_not_parse_is_told() -> None:
    [mistake] = told(TrustedDocument(("x",), "{ contacts {", "x.graphql"))
    assert mistake == "x.graphql:1:13: Syntax Error: Expected Name, found <EOF>."


def test_in_a_manifest_the_line_of_the_id_and_the_id_are_told() -> None:
    [mistake] = told(TrustedDocument(("3f1c",), "{ contcts { nodes { id } } }", "relay.json", 7))
    assert mistake.startswith("relay.json:7:1: The document `3f1c`: Cannot query field 'contcts'")


def test_what_goes_over_a_limit_is_told() -> None:
    [mistake] = told(TrustedDocument(("x",), "{ sources { name } " * 2 + "}}", "x.graphql"), limits=Limits(tokens=5))
    assert mistake.startswith("x.graphql:1:")
    assert "more than 5 tokens" in mistake


def test_all_mistakes_are_told_and_right_documents_are_not() -> None:
    right = TrustedDocument(
        ("tags",), "query($first: Int!) { contacts(first: $first) { nodes { id } } }", "tags.graphql"
    )
    wrong = TrustedDocument(("two",), "{ one two }", "two.graphql")
    assert told(right) == []
    assert [one.split(": ")[0] for one in told(wrong, right, FILE)] == [
        "two.graphql:1:3",
        "two.graphql:1:7",
        "people.graphql:2:25",
    ]
