"""What the operator says of people's values: which survive, and what their custom fields are called."""

from crmgraph.config.settings import Settings
from crmgraph.domain.survivorship import FieldRule, Rule
from crmgraph.service.custom import LogicalField


def rules(settings: Settings) -> dict[str, FieldRule]:
    """A contact's field → the rule by which one value survives."""
    return {name: FieldRule(Rule(one.rule), one.sources) for name, one in settings.survivorship.items()}


def custom_fields(settings: Settings) -> dict[str, LogicalField]:
    """The custom fields by the graph's own key."""
    return {one.key: LogicalField(one.key, one.type, one.label, one.sources) for one in settings.custom_fields}
