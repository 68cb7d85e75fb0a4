"""The schema, and how it is printed: sorted, so that a change of order is no change."""

import strawberry
from graphql import GraphQLError
from strawberry.printer import print_schema
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from crmgraph.api import entities
from crmgraph.api.queries import Query


class Schema(strawberry.Schema):
    """Strawberry's schema, which leaves errors to `execution`: it would log each with its stack trace."""

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Every error is told to the caller; what is no error of ours is logged where it is masked."""


def build() -> Schema:
    """The graph."""
    kinds = [entities.Call, entities.Meeting, entities.Appointment, entities.Note, entities.OtherActivity]
    return Schema(query=Query, types=kinds, config=StrawberryConfig(sort_schema=True))


def printed(schema: Schema) -> str:
    """The schema in GraphQL's own language."""
    return print_schema(schema) + "\n"
