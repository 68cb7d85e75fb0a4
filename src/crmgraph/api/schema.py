"""The schema, and how it is printed: sorted, so that a change of order is no change."""

from copy import copy

import strawberry
from graphql import GraphQLError, lexicographic_sort_schema
from strawberry.printer import print_schema
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from crmgraph.api import entities
from crmgraph.api.describing import describe
from crmgraph.api.mutations import Mutation
from crmgraph.api.queries import Query
from crmgraph.api.scalars import SCALARS


class Schema(strawberry.Schema):
    """Strawberry's schema, which leaves errors to `execution`: it would log each with its stack trace."""

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Every error is told to the caller; what is no error of ours is logged where it is masked."""


def build() -> Schema:
    """The graph."""
    kinds = [entities.Call, entities.Meeting, entities.Appointment, entities.Note, entities.OtherActivity]
    schema = Schema(query=Query, mutation=Mutation, types=kinds, config=StrawberryConfig(scalar_map=SCALARS))
    describe(schema._schema)
    return schema


def printed(schema: Schema) -> str:
    """The schema in GraphQL's own language, sorted.

    A sorted schema must not execute: sorting makes it anew, without the enumerations' way back to their Python words.
    """
    ordered = copy(schema)
    ordered._schema = lexicographic_sort_schema(schema._schema)
    return print_schema(ordered) + "\n"
