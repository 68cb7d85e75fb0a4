"""What mutations take beside the values: where to write, a key that makes it safe to repeat, and a dry run."""

import strawberry

from crmgraph.api.fields import plain
from crmgraph.api.writes.parts import OnlyIfInput
from crmgraph.service.writing.changes import OnlyIf

SOURCES = "Write to these sources, by their names in the configuration."
KEY = (
    "Makes the request safe to repeat: the same key and input get the first answer, and nothing is written twice."
    " Kept for 30 days."
)
DRY = "Tell what would be sent and lost, and send nothing."
ONLY_IF = "Change nothing unless this still holds."


@strawberry.input
class Repeatable:
    """What every mutation takes."""

    idempotency_key: str | None = strawberry.field(default=None, description=KEY)
    dry_run: bool = strawberry.field(default=False, description=DRY)


@strawberry.input
class Request(Repeatable):
    """What a mutation takes that may go to several sources."""

    sources: list[str] | None = strawberry.field(default=None, description=SOURCES)


@strawberry.input
class Naming(Repeatable):
    """What a mutation of one thing takes, which is in one source."""

    id: strawberry.ID = plain("Which one.")


@strawberry.input
class Changing(Naming):
    """What a change of one thing takes."""

    only_if: OnlyIfInput | None = strawberry.field(default=None, description=ONLY_IF)

    def condition(self) -> OnlyIf:
        return OnlyIf() if self.only_if is None else self.only_if.made()
