"""Importing many contacts: begun by a mutation that answers at once, and looked at by a query while it goes on."""

import base64
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

import strawberry

from crmgraph.api.connections import MOST, Connection, Place
from crmgraph.api.context import Asking
from crmgraph.api.fields import plain
from crmgraph.api.nodes import FIRST, reading
from crmgraph.api.writes.import_inputs import ImportContactsInput
from crmgraph.api.writes.outcomes import SourceResult, UserError, told_mistakes
from crmgraph.api.writes.values import names_of
from crmgraph.api.writes.writing import code_of
from crmgraph.domain.errors import CrmGraphError, InputError
from crmgraph.service.cursors import Cursor
from crmgraph.service.importing.taking_in import Asked, taken_in
from crmgraph.service.imports import Import, ImportMode, ImportState, Item, ItemOutcome
from crmgraph.service.writing.mistakes import Mistake, Mistaken
from crmgraph.service.writing.results import from_json

strawberry.enum(ImportState, description="How far an import is.")
strawberry.enum(ItemOutcome, name="ImportOutcome", description="What became of a row: the gravest of its sources.")


@strawberry.type(description="How many rows of an import came to what; a row counts by the gravest of its sources.")
class ImportCounts:
    done: int = plain("Written.")
    unchanged: int = plain("So already.")
    rejected: int = plain("Refused by a CRM.")
    failed: int = plain("Not done: nothing happened.")
    unknown: int = plain("Perhaps done; nothing tells.")
    unsupported: int = plain("Not possible in a source.")
    pending: int = plain("Still to be done, or found out.")


@strawberry.type(description="A row of an import, and what became of it.")
class ImportItem:
    told: strawberry.Private[Item]

    @strawberry.field(description="The row's place in the import, from 0.")
    def index(self) -> int:
        return self.told.number

    @strawberry.field(description="What became of it: the gravest of its sources.")
    def outcome(self) -> ItemOutcome:
        return self.told.outcome

    @strawberry.field(
        description="What became of it at each source that it was told of; two where a record's tags are written apart."
    )
    def results(self, info: Asking) -> list[SourceResult]:
        known = reading(info).session.ranks
        found = [one for told in self.told.results for one in from_json(told) if one.source in known]
        return [SourceResult(told=one) for one in sorted(found, key=lambda one: known[one.source])]


@strawberry.type(description="An import of many people, and how far it is.")
class ContactImport:
    held: strawberry.Private[Import]

    @strawberry.field(description="The id that `contactImport` knows it by.")
    def id(self) -> strawberry.ID:
        return strawberry.ID(self.held.id)

    @strawberry.field(description="How far it is.")
    def state(self) -> ImportState:
        return self.held.state

    @strawberry.field(description="Why it was stopped, in a sentence; it goes on when the same is asked with its key.")
    def reason(self) -> str | None:
        return self.held.reason

    @strawberry.field(description="What it does about people who are there already.")
    def mode(self) -> ImportMode:
        return self.held.mode

    @strawberry.field(description="Whether it only tells what it would do.")
    def dry_run(self) -> bool:
        return self.held.dry_run

    @strawberry.field(description="The sources that it writes to, by their names in the configuration.")
    def sources(self, info: Asking) -> list[str]:
        return [one for one in self.held.sources if one in reading(info).session.sources]

    @strawberry.field(description="When it was begun.")
    def created_at(self) -> datetime:
        return self.held.created_at

    @strawberry.field(description="When it ended; null while it goes on.")
    def finished_at(self) -> datetime | None:
        return self.held.finished_at

    @strawberry.field(description="How many rows it has.")
    def total(self) -> int:
        return self.held.total

    @strawberry.field(description="How many of them came to what.")
    async def counts(self, info: Asking) -> ImportCounts:
        counts = await info.context.stores.imports.counts(self.held.id)
        return ImportCounts(**{one.value.lower(): counts.get(one, 0) for one in ItemOutcome})

    @strawberry.field(description="Its rows, all or those with one outcome.")
    async def items(
        self, info: Asking, first: int = FIRST, after: str | None = None, outcome: ItemOutcome | None = None
    ) -> Connection[ImportItem]:
        if not 1 <= first <= MOST:
            raise InputError(f"`first` is {first}; it must be from 1 to {MOST}.")
        imports = info.context.stores.imports
        found = await imports.items(self.held.id, -1 if after is None else _number(after), first + 1, outcome)
        return _page(found, first, after is not None, await imports.counts(self.held.id), outcome)


def _page(
    found: Sequence[Item], first: int, began: bool, counts: Mapping[ItemOutcome, int], outcome: ItemOutcome | None
) -> Connection[ImportItem]:
    page, total = found[:first], sum(counts.values()) if outcome is None else counts.get(outcome, 0)

    def cursors() -> list[Cursor]:
        return [Cursor(partial(_cursor, one.number)) for one in page]

    place = Place(cursors, len(found) > first, began)
    return Connection(nodes=[ImportItem(told=one) for one in page], place=place, total_count=total)


def _cursor(number: int) -> str:
    return base64.urlsafe_b64encode(f"row:{number}".encode()).decode().rstrip("=")


def _number(cursor: str) -> int:
    try:
        word, _, number = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition(":")
        if word == "row" and number.isdecimal():
            return min(int(number), 2**31 - 1)
    except ValueError:
        pass
    raise InputError("The cursor in `after` was not given by this list; take `pageInfo.endCursor` unchanged.")


@strawberry.type(description="The import that importContacts has begun.")
class ImportContactsPayload:
    begun: strawberry.Private[Import | None]
    mistakes: strawberry.Private[Sequence[Mistake]]

    @strawberry.field(name="import", description="The import, which goes on by itself; null when the input was wrong.")
    def begun_import(self) -> ContactImport | None:
        return None if self.begun is None else ContactImport(held=self.begun)

    @strawberry.field(description="What is wrong with the input; then nothing was taken in.")
    def user_errors(self) -> list[UserError]:
        return told_mistakes(self.mistakes)


@strawberry.type
class ImportMutations:
    @strawberry.mutation(
        description="Bring many people into CRMs. It answers at once; `contactImport` tells how far it is. In each"
        " source a person with the row's e-mail, else phone, is changed and anybody else is made, by the CRM's own"
        " import where it has one."
    )
    async def import_contacts(self, info: Asking, input: ImportContactsInput) -> ImportContactsPayload:
        rows = [one.made() for one in input.contacts]
        caller, stores = info.context.caller.name, info.context.stores
        asked = Asked(caller, rows, input.mode, names_of(input.sources), input.idempotency_key, input.dry_run)
        try:
            begun = await taken_in(reading(info), stores, asked)
            return ImportContactsPayload(begun=begun, mistakes=())
        except Mistaken as wrong:
            return ImportContactsPayload(begun=None, mistakes=wrong.mistakes)
        except CrmGraphError as error:
            return ImportContactsPayload(begun=None, mistakes=[Mistake((), error.message, code_of(error))])


async def contact_import(info: Asking, ident: str) -> ContactImport | None:
    """The caller's own import."""
    found = await info.context.stores.imports.read(ident)
    return None if found is None or found.caller != info.context.caller.name else ContactImport(held=found)
