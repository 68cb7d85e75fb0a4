"""The changes that can be asked for."""

import strawberry

from crmgraph.api.writes.people import PeopleMutations
from crmgraph.api.writes.rules import RuleMutations


@strawberry.type(description="What can be changed. Each takes one input and answers what became of it at each source.")
class Mutation(PeopleMutations, RuleMutations): ...
