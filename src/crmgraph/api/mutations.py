"""The changes that can be asked for."""

import strawberry

from crmgraph.api.writes.activities import ActivityMutations
from crmgraph.api.writes.associations import AssociationMutations
from crmgraph.api.writes.companies import CompanyMutations
from crmgraph.api.writes.imports import ImportMutations
from crmgraph.api.writes.judging import JudgingMutations
from crmgraph.api.writes.notes import NoteMutations
from crmgraph.api.writes.opportunities import OpportunityMutations
from crmgraph.api.writes.people import PeopleMutations
from crmgraph.api.writes.rules import RuleMutations
from crmgraph.api.writes.tasks import TaskMutations
from crmgraph.api.writes.vocabularies import VocabularyMutations


@strawberry.type(description="What can be changed. Each takes one input and answers what became of it at each source.")
class Mutation(
    PeopleMutations,
    TaskMutations,
    NoteMutations,
    ActivityMutations,
    CompanyMutations,
    OpportunityMutations,
    AssociationMutations,
    VocabularyMutations,
    ImportMutations,
    RuleMutations,
    JudgingMutations,
): ...
