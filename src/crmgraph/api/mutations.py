"""The changes that can be asked for."""

import strawberry

from crmgraph.api.writes.imports import ImportMutations
from crmgraph.api.writes.people import PeopleMutations


@strawberry.type(description="What can be changed. Each takes one input and answers what became of it at each source.")
class Mutation(PeopleMutations, ImportMutations): ...
