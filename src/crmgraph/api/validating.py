"""Holds a document to the schema, for a bounded time: to compare fields is quadratic, each mistake costs a print."""

from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OverlappingFieldsCanBeMergedRule,
    specified_rules,
    validate,
)
from graphql.validation.validate import ValidationAbortedError
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from crmgraph.domain.errors import TooCostly

COMPARISONS = 10_000
"""Steps in which the fields of one name are compared; graphql-core's own budget, which is 500,000."""

MISTAKES = 5
"""How many mistakes of one document, or of its variables, are told."""

_LETTERS = 10_000
"""How many letters of a document may be printed for its mistakes: a mistaken value is shown whole."""

_TOO_TANGLED = TooCostly(
    "This document's fields of equal names, and the fragments that hold them, are too many to be compared; give them"
    " names of their own, or ask in several requests."
)


class FieldsMayMerge(OverlappingFieldsCanBeMergedRule):
    """graphql-core's rule with a budget of our own."""

    def __init__(self, context: Any) -> None:
        super().__init__(context)
        self.rule_context.remaining_complexity_budget = COMPARISONS


RULES = (
    *(FieldsMayMerge if one is OverlappingFieldsCanBeMergedRule else one for one in specified_rules),
    OneOfInputValidationRule,
    MaybeNullValidationRule,
)
"""What a document is held to."""


def mistakes_of(schema: GraphQLSchema, document: DocumentNode, letters: int) -> tuple[GraphQLError, ...]:
    """What is wrong with a document of so many letters: the fewer mistakes are told, the longer it is."""
    told = max(1, min(MISTAKES, _LETTERS // max(letters, 1)))
    return tuple(_in_words(one) for one in validate(schema, document, RULES, max_errors=told))


def _in_words(error: GraphQLError) -> GraphQLError:
    if not isinstance(error, ValidationAbortedError):
        return error
    if error.message == "Validation aborted.":
        return GraphQLError(_TOO_TANGLED.message, original_error=_TOO_TANGLED)
    return GraphQLError("There are more mistakes; mend these first.")
