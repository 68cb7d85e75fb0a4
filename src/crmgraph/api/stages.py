"""The way an opportunity goes: pipelines and their stages."""

from decimal import Decimal

import strawberry

from crmgraph.api.fields import filled_by
from crmgraph.domain.model import Kind, Link
from crmgraph.service.entity import Entity


@strawberry.type(description="A step of a pipeline.")
class Stage:
    entity: strawberry.Private[Entity | None]
    link: strawberry.Private[Link]

    @strawberry.field(description="Its id in its CRM; null where the CRM has only a name.")
    def id(self) -> str | None:
        return self.link.id

    @strawberry.field(description="Its name.")
    def name(self) -> str | None:
        return self.link.name or (None if self.entity is None else self.entity.value("name"))

    @strawberry.field(description="Its place among the pipeline's stages." + filled_by(Kind.STAGE, "position"))
    def position(self) -> Decimal | None:
        return None if self.entity is None else self.entity.value("position")

    @strawberry.field(description="How likely a win is there, in percent." + filled_by(Kind.STAGE, "winProbability"))
    def win_probability(self) -> Decimal | None:
        return None if self.entity is None else self.entity.value("winProbability")


@strawberry.type(description="A way that opportunities go, in stages.")
class Pipeline:
    entity: strawberry.Private[Entity | None]
    link: strawberry.Private[Link]

    @strawberry.field(description="Its id in its CRM.")
    def id(self) -> str | None:
        return self.link.id

    @strawberry.field(description="Its name.")
    def name(self) -> str | None:
        return self.link.name or (None if self.entity is None else self.entity.value("name"))
