"""What mutations answer: the outcome of each source, and what was wrong with the input."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import strawberry
from strawberry.scalars import JSON

from crmgraph.api.accounts import Source, SourceRecord, source_of
from crmgraph.api.context import Asking
from crmgraph.api.fields import plain
from crmgraph.api.nodes import reading
from crmgraph.api.selection import fields_below
from crmgraph.domain.errors import Rejected
from crmgraph.domain.records import Ref
from crmgraph.service.entity import Entity
from crmgraph.service.ids import encode
from crmgraph.service.writing.mistakes import Mistake, MistakeCode
from crmgraph.service.writing.results import Altered, Failure, Result, Shown, WriteOutcome

strawberry.enum(WriteOutcome, description="What became of a write at one source.")
strawberry.enum(MistakeCode, name="UserErrorCode", description="What sort of mistake it is.")

FINAL = (WriteOutcome.DONE, WriteOutcome.UNCHANGED)


@strawberry.type(description="A mistake in the input, found before anything was sent.")
class UserError:
    field: list[str] | None = plain("Where in the input it is; null when it is about the whole.")
    message: str = plain("What is wrong, and what would be right.")
    code: MistakeCode = plain("What sort of mistake it is.")


def told_mistakes(mistakes: Sequence[Mistake]) -> list[UserError]:
    """Mistakes as a payload tells them."""
    return [UserError(field=list(one.field) or None, message=one.message, code=one.code) for one in mistakes]


@strawberry.type(description="What is wrong with one field, as the CRM says.")
class WriteReason:
    field: list[str] = plain("Where in the input it is; or the CRM's own word, where it names none of our fields.")
    message: str = plain("What the CRM says of it.")


@strawberry.type(description="Why a source did not do it, or not wholly.")
class WriteError:
    told: strawberry.Private[Failure]

    @strawberry.field(description="What sort of failure it is, as in errors.")
    def code(self) -> str:
        return self.told.code

    @strawberry.field(description="What happened, in a sentence.")
    def message(self) -> str:
        return self.told.message

    @strawberry.field(description="Whether the same request may succeed later.")
    def retryable(self) -> bool:
        return self.told.retryable

    @strawberry.field(description="Seconds to wait before that, where the CRM says.")
    def retry_after(self) -> float | None:
        return self.told.retry_after

    @strawberry.field(description="What is wrong with which field.")
    def reasons(self) -> list[WriteReason]:
        return [WriteReason(field=one.field.split("."), message=one.message) for one in self.told.reasons]


@strawberry.type(description="A field that the CRM holds otherwise than it was asked; read back after the write.")
class AlteredField:
    told: strawberry.Private[Altered]

    @strawberry.field(description="The field.")
    def field(self) -> str:
        return self.told.field

    @strawberry.field(description="What was asked.")
    def asked(self) -> JSON | None:
        return _json(self.told.asked)

    @strawberry.field(description="What the CRM holds, or in a dry run would hold.")
    def kept(self) -> JSON | None:
        return _json(self.told.kept)


def _json(value: Any) -> JSON | None:
    return None if value is None else JSON(value)


@strawberry.type(description="A call that was made to write, or would be; no credential is ever part of it.")
class PlannedCall:
    told: strawberry.Private[Shown]

    @strawberry.field(description="The HTTP method.")
    def method(self) -> str:
        return self.told.method

    @strawberry.field(description="The path and query, under the source's address.")
    def path(self) -> str:
        return self.told.path

    @strawberry.field(description="The JSON body.")
    def body(self) -> JSON | None:
        return _json(self.told.body)


@strawberry.type(description="What became of a write at one source.")
class SourceResult:
    told: strawberry.Private[Result]

    @strawberry.field(description="The source.")
    def source(self, info: Asking) -> Source:
        return source_of(info, self.told.source)

    @strawberry.field(description="What became of it.")
    def outcome(self) -> WriteOutcome:
        return self.told.outcome

    @strawberry.field(description="The record as it is afterwards; null when it is gone or there is none.")
    async def record(self, info: Asking) -> SourceRecord | None:
        ref = ref_of(self.told)
        if ref is None or self.told.gone:
            return None
        read = reading(info)
        fields = fields_below(info, read.session.resource(ref.source, ref.resource).kind, ())
        found = await read.session.attempt(read.session.sources[ref.source], read.lookup.record(ref, fields), None)
        return None if found is None else SourceRecord(held=(await read.lookup.complete([found], fields))[0])

    @strawberry.field(description="The record's id in that CRM, also of one that is gone.")
    def record_id(self) -> str | None:
        return self.told.record

    @strawberry.field(description="Fields of the input that this source has no place for.")
    def ignored_fields(self) -> list[str]:
        return list(self.told.ignored)

    @strawberry.field(description="Fields that it holds otherwise than asked.")
    def altered_fields(self) -> list[AlteredField]:
        return [AlteredField(told=one) for one in self.told.altered]

    @strawberry.field(description="Why it was not done, or not wholly.")
    def error(self, info: Asking) -> WriteError | None:
        failure = self.told.error
        if failure is None:
            return None
        return WriteError(told=_bare(failure, self.told.source) if reading(info).gateway.sight.hidden else failure)

    @strawberry.field(description="The writing calls that were made, or in a dry run would be.")
    def calls(self) -> list[PlannedCall]:
        return [PlannedCall(told=one) for one in self.told.calls]


def _bare(failure: Failure, source: str) -> Failure:
    """A failure without the CRM's own words: they may quote what is hidden from the caller."""
    if failure.code != Rejected.code:
        return failure
    return replace(failure, message=f"{source} refused it.", reasons=())


def ref_of(result: Result) -> Ref | None:
    """Where the written record lives."""
    return None if result.record is None else Ref(result.source, result.resource, result.record, result.parent)


@strawberry.type
class Payload:
    """What every mutation answers."""

    told: strawberry.Private[Sequence[Result]]
    mistakes: strawberry.Private[Sequence[Mistake]]

    @strawberry.field(description="What became of it at each source; empty when the input was wrong.")
    def results(self) -> list[SourceResult]:
        return [SourceResult(told=one) for one in self.told]

    @strawberry.field(description="What is wrong with the input; then nothing was sent.")
    def user_errors(self) -> list[UserError]:
        return told_mistakes(self.mistakes)

    async def written(self, info: Asking, fields: Collection[str] | None = None) -> Entity | None:
        """What was written as it is now, by the first source that has it; None where nothing was or it is gone.

        `fields` are what is read of it, the selected ones where nothing is said.
        """
        refs = (ref_of(one) for one in self.told if one.outcome in FINAL and not one.gone)
        first = next((ref for ref in refs if ref is not None), None)
        if first is None:
            return None
        kind = reading(info).session.resource(first.source, first.resource).kind
        wanted = fields_below(info, kind, ()) if fields is None else fields
        found = await reading(info).node(encode(kind, first), wanted)
        return found if isinstance(found, Entity) else None
