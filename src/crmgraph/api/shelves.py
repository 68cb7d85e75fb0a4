"""What CRMs keep beside their records: saved filters, and values for message texts."""

import strawberry
from strawberry.scalars import JSON

from crmgraph.api.accounts import Source, source_of
from crmgraph.api.context import Asking
from crmgraph.api.fields import golden
from crmgraph.api.nodes import Node
from crmgraph.domain.model import Kind


@strawberry.type(description="A filter that people of a CRM have saved.")
class SavedView(Node):
    @strawberry.field(description="Its name.")
    def name(self) -> str:
        return str(self.entity.value("name") or self.entity.record.ref.id)

    @strawberry.field(description="The source that keeps it.")
    def source(self, info: Asking) -> Source:
        return source_of(info, self.entity.record.ref.source)

    filter: JSON | None = golden(Kind.SAVED_VIEW, "filter", "What it filters by, in the CRM's words.")


@strawberry.type(
    description="A value that a CRM puts into message texts where they say {{custom_values.x}}; no contact data."
)
class TemplateValue(Node):
    @strawberry.field(description="Its key.")
    def key(self) -> str:
        return str(self.entity.value("key") or self.entity.record.ref.id)

    @strawberry.field(description="The source that keeps it.")
    def source(self, info: Asking) -> Source:
        return source_of(info, self.entity.record.ref.source)

    value: str | None = golden(Kind.TEMPLATE_VALUE, "value", "What it stands for.")
