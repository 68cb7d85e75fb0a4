"""Nothing compiled: what compiled selections are held against."""

from graphql import GraphQLOutputType
from graphql.execution.collect_fields import FieldDetailsList

from crmgraph.api.plans import Collecting, Completion, Plans


class ByTheBook(Plans):
    """Compiles nothing, so that graphql-core walks every selection."""

    def root(self, type: GraphQLOutputType, details: FieldDetailsList, collecting: Collecting) -> Completion | None:
        return None
