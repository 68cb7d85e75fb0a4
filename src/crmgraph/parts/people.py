"""What the operator says of people's custom fields."""

from crmgraph.config.settings import Settings
from crmgraph.service.custom import LogicalField


def custom_fields(settings: Settings) -> dict[str, LogicalField]:
    """The custom fields by the graph's own key."""
    return {one.key: LogicalField(one.key, one.type, one.label, one.sources) for one in settings.custom_fields}
