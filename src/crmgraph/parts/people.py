"""What the operator says of people: how they are told apart, and what their custom fields are called."""

from crmgraph.config.settings import Settings
from crmgraph.domain.resolution import Line
from crmgraph.service.custom import LogicalField
from crmgraph.service.identity import IdentityRules


def identity_rules(settings: Settings) -> IdentityRules:
    """How records become one person."""
    how = settings.identity
    return IdentityRules(
        region=how.default_region,
        max_shared=how.max_shared,
        line=Line(how.line),
        duplicate_free=frozenset(one.name for one in settings.sources if one.duplicate_free),
    )


def custom_fields(settings: Settings) -> dict[str, LogicalField]:
    """The custom fields by the graph's own key."""
    return {one.key: LogicalField(one.key, one.type, one.label, one.sources) for one in settings.custom_fields}
