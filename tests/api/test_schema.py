"""The schema as a caller reads it: described throughout, telling the truth about null, equal to the committed one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    build_schema,
    get_named_type,
)

from crmgraph.api.describing import WORDS
from crmgraph.api.schema import build, printed

SCHEMA = build()
COMMITTED = Path(__file__).parents[2] / "schema.graphql"

OURS = {
    "Query": "nodes contacts tasks activities notes companies opportunities tags customFields users savedViews"
    " templateValues sources pendingWrites judgements duplicates missingIn reviewPairs conflicts",
    "Contact": "id records gaps provenance",
    "Company": "id records",
    "Opportunity": "id record",
    "Task": "id record",
    "Call": "id kind record",
    "Meeting": "id kind record",
    "Appointment": "id kind record",
    "Note": "id kind record",
    "OtherActivity": "id kind record",
    "Activity": "id kind record",
    "Node": "id",
    "User": "id records",
    "MyDay": "user date timezone timezoneFrom startsAt endsAt entries",
    "DayEntry": "kind date node",
    "Tag": "id name sources",
    "CustomField": "id key appliesTo type options definitions",
    "CustomFieldValue": "key type origin losers",
    "CustomFieldOption": "value label",
    "SavedView": "id name source",
    "TemplateValue": "id key source",
    "Source": "name connector health capabilities quota indexedContacts",
    "SourceRecord": "source id resource fetchedAt values version",
    "PendingWrite": "id mutation createdAt input steps",
    "PendingStep": "source action state attempts changedAt",
    "Capability": "kind operation native",
    "Breaker": "state failures dryRun",
    "Quota": "window",
    "RecordRef": "source id resource",
    "EmailAddress": "value normalized primary origins",
    "PhoneNumber": "value primary origins",
    "PostalAddress": "origins",
    "Money": "amount",
    "Consent": "any email sms call whatsapp",
    "FieldGap": "field source reason",
    "FieldProvenance": "field rule reason losers",
    "LosingValue": "origin reason",
    "Identity": "members refused suggestions sourcesNotConsulted complete line",
    "IdentityLink": "from to fromId toId bits probability band judged reasons",
    "IdentityMember": "ref id links",
    "MatchReason": "rule bits text about",
    "RefusedJoin": "link obstacle reason",
    "UnconsultedSource": "source reason",
    "Judgement": "number kind records by at",
    "JudgingPayload": "judgements contacts contradictions userErrors",
    "Contradiction": "message cycle numbers overruled",
    "DuplicateGroup": "records person links",
    "PersonConflict": "person fields",
    "KnownPeople": "asOf records people complete leftOut",
    "KnownPerson": "id records",
    "ReviewPair": "link joined a b",
    "MergePreview": "contact fields",
    "MergedField": "field before",
    "ValueBefore": "id",
    "WhyNot": "link one verdict reason path",
    "PageInfo": "hasNextPage hasPreviousPage",
    "ContactImport": "id state mode dryRun sources createdAt total counts items",
    "ImportCounts": "done unchanged rejected failed unknown unsupported pending",
    "ImportItem": "index outcome results",
    "ImportContactsPayload": "userErrors",
    "SourceResult": "source outcome ignoredFields alteredFields calls",
    "WriteError": "code message retryable reasons",
    "WriteReason": "field message",
    "UserError": "message code",
    "RunRulePayload": "userErrors",
    "RuleRun": "rule state counts records",
    "RuleCounts": "created updated unchanged skipped rejected failed unknown",
    "RuleRecord": "kind from outcome results",
    "AlteredField": "field",
    "PlannedCall": "method path",
}
"""What is never null: ids and names of our own, what we work out, and the parts of a value that is there."""

NODES = "Contact Company Opportunity Task Call Meeting Appointment Note OtherActivity User Tag CustomField SavedView"


def types() -> list[GraphQLNamedType]:
    return [one for one in SCHEMA._schema.type_map.values() if not one.name.startswith("__")]


def objects() -> Iterator[GraphQLObjectType | GraphQLInterfaceType]:
    return (one for one in types() if isinstance(one, GraphQLObjectType | GraphQLInterfaceType))


def connections() -> list[GraphQLObjectType | GraphQLInterfaceType]:
    return [one for one in objects() if one.name.endswith("Connection")]


def test_the_committed_schema_is_the_one_that_is_served() -> None:
    told = "Renew it with `python -m crmgraph schema > schema.graphql` and look at what changed."
    assert COMMITTED.read_bytes() == printed(build()).encode(), told


def test_the_printed_schema_is_a_schema_and_sorted() -> None:
    known = build_schema(printed(SCHEMA))
    for one in known.type_map.values():
        if isinstance(one, GraphQLObjectType) and not one.name.startswith("__"):
            assert list(one.fields) == sorted(one.fields)


def test_everything_is_described() -> None:
    silent = [one.name for one in types() if not one.description]
    for one in types():
        if isinstance(one, GraphQLEnumType):
            silent += [f"{one.name}.{name}" for name, value in one.values.items() if not value.description]
        elif isinstance(one, GraphQLInputObjectType):
            silent += [f"{one.name}.{name}" for name, field in one.fields.items() if not field.description]
        elif isinstance(one, GraphQLObjectType | GraphQLInterfaceType):
            silent += [f"{one.name}.{name}" for name, field in one.fields.items() if not field.description]
            silent += [
                f"{one.name}.{name}({argument})"
                for name, field in one.fields.items()
                for argument, given in field.args.items()
                if not given.description
            ]
    assert silent == []


def test_no_word_is_described_that_is_not_there() -> None:
    for name, words in WORDS.items():
        known = SCHEMA._schema.type_map[name]
        assert isinstance(known, GraphQLEnumType)
        assert set(words) == set(known.values), name


def test_what_comes_from_a_crm_may_be_null() -> None:
    """A field that is never null is one of the list above: it is our own, or a part of a value that is there."""
    for one in objects():
        if one.name.endswith(("Connection", "Edge")):
            continue
        never = {name for name, field in one.fields.items() if isinstance(field.type, GraphQLNonNull)}
        if one.name == "Mutation":
            assert never == set(one.fields), "A mutation always answers what became of it."
            continue
        if one.name.endswith("Payload") and one.name not in OURS:
            assert never == {"results", "userErrors"}, one.name
            continue
        assert never == set(OURS.get(one.name, "").split()), one.name


def test_no_list_holds_nulls_but_those_of_nodes() -> None:
    for one in objects():
        for name, field in one.fields.items():
            inner = field.type.of_type if isinstance(field.type, GraphQLNonNull) else field.type
            if isinstance(inner, GraphQLList) and (one.name, name) != ("Query", "nodes"):
                assert isinstance(inner.of_type, GraphQLNonNull), f"{one.name}.{name}"


@pytest.mark.parametrize("connection", connections(), ids=str)
def test_a_connection_is_relays(connection: GraphQLObjectType) -> None:
    kind = connection.name.removesuffix("Connection")
    shapes = {name: str(field.type) for name, field in connection.fields.items()}
    assert shapes == {
        "edges": f"[{kind}Edge!]!",
        "nodes": f"[{kind}!]!",
        "pageInfo": "PageInfo!",
        "totalCount": "Int",
    }
    edge = SCHEMA._schema.type_map[f"{kind}Edge"]
    assert isinstance(edge, GraphQLObjectType)
    assert {name: str(field.type) for name, field in edge.fields.items()} == {"node": f"{kind}!", "cursor": "String!"}


def test_page_info_is_relays() -> None:
    info = SCHEMA._schema.type_map["PageInfo"]
    assert isinstance(info, GraphQLObjectType)
    assert {name: str(field.type) for name, field in info.fields.items()} == {
        "hasNextPage": "Boolean!",
        "hasPreviousPage": "Boolean!",
        "startCursor": "String",
        "endCursor": "String",
    }


def test_every_field_that_gives_a_connection_takes_first_and_after() -> None:
    for one in objects():
        for name, field in one.fields.items():
            if get_named_type(field.type).name.endswith("Connection"):
                assert {"first": "Int!", "after": "String"}.items() <= {
                    argument: str(given.type) for argument, given in field.args.items()
                }.items(), f"{one.name}.{name}"
                assert field.args["first"].default_value == 25


@pytest.mark.parametrize("name", [*NODES.split(), "TemplateValue", "Activity"])
def test_a_node_has_an_id_and_is_found_by_it(name: str) -> None:
    node = SCHEMA._schema.type_map[name]
    assert isinstance(node, GraphQLObjectType | GraphQLInterfaceType)
    assert "Node" in [one.name for one in node.interfaces]
    assert str(node.fields["id"].type) == "ID!"


def test_a_person_is_looked_up_by_one_thing_only() -> None:
    assert "input ContactLookup @oneOf {" in printed(SCHEMA)


def test_an_enumerations_word_reaches_its_resolver_as_the_word_it_is() -> None:
    """Whether it is written in the document or given as a variable: a schema that was sorted would forget that."""
    from graphql import parse_value

    from crmgraph.service.lists import OnMissing

    known = SCHEMA._schema.type_map["OnMissing"]
    assert isinstance(known, GraphQLEnumType)
    assert known.parse_literal(parse_value("STOP")) is OnMissing.STOP
    assert known.parse_value("STOP") is OnMissing.STOP
