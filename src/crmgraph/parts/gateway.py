"""The gateway over all sources: by whom people are told apart, what is kept, and how far a question goes."""

from collections.abc import Callable, Sequence

from crmgraph.config.settings import Settings
from crmgraph.domain.model import Kind
from crmgraph.domain.survivorship.rules import rules_for
from crmgraph.parts.people import custom_fields, identity_rules
from crmgraph.service.copies import Copies
from crmgraph.service.cursors import Seal
from crmgraph.service.custom import CustomFields
from crmgraph.service.hearsay import Hearsay
from crmgraph.service.index import MemoryIndex
from crmgraph.service.judging import Judging
from crmgraph.service.lists import Budget
from crmgraph.service.person_map import PersonMap
from crmgraph.service.ports import Clock, Source
from crmgraph.service.reading import Gateway
from crmgraph.service.resolver import Resolver
from crmgraph.store.late import LateReplica, LateStore

Random = Callable[[int], bytes]
"""Gives so many random bytes."""


def gateway(
    settings: Settings,
    sources: Sequence[Source],
    index: MemoryIndex,
    store: LateStore,
    hearsay: Hearsay,
    clock: Clock,
    random: Random,
) -> Gateway:
    """What every question is read through. `hearsay` is told of what is read where there is a replica."""
    keeps = settings.replica.sync
    return Gateway(
        sources=sources,
        index=index,
        identity=identity_rules(settings),
        resolver=_resolver(settings, index, Judging(clock, store.judged)),
        rules={Kind.CONTACT: rules_for(Kind.CONTACT, settings.survivorship)},
        custom=CustomFields(custom_fields(settings)),
        seal=_seal(settings, random),
        budget=Budget(settings.server.page_budget, settings.server.scan_budget),
        clock=clock,
        deadline=settings.server.deadline,
        cross_rules={one.name: one for one in settings.rules},
        copies=Copies(LateReplica(store.replica), clock, CustomFields(custom_fields(settings))) if keeps else None,
        heard=hearsay.heard if keeps else None,
        persons=PersonMap(clock, store.persons),
    )


def _resolver(settings: Settings, index: MemoryIndex, judging: Judging) -> Resolver:
    policy = identity_rules(settings).policy
    return Resolver(policy, index, judging, len(settings.sources), settings.identity.weights)


def _seal(settings: Settings, random: Random) -> Seal:
    """What cursors are sealed with: a key of the operator's, or one that nobody else has and that ends with us."""
    key = settings.server.cursor_key
    return Seal(random(32) if key is None else key.get_secret_value().encode(), random)
