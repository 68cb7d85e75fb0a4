"""Conditions on one value, by its type."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import strawberry

from crmgraph.api.fields import plain


def optional(description: str) -> Any:
    """An input field that may be left out."""
    return strawberry.field(default=None, description=description)


@strawberry.input(description="Conditions on a text; case does not matter. All that are given must hold.")
class StringFilter:
    eq: str | None = optional("It is this.")
    in_: list[str] | None = strawberry.field(name="in", default=None, description="It is one of these.")
    contains: str | None = optional("It holds this.")
    starts_with: str | None = optional("It begins with this.")
    is_null: bool | None = optional("It is missing (true) or there (false).")


@strawberry.input(description="Conditions on a number.")
class NumberFilter:
    eq: Decimal | None = optional("It is this.")
    in_: list[Decimal] | None = strawberry.field(name="in", default=None, description="It is one of these.")
    gt: Decimal | None = optional("It is more than this.")
    gte: Decimal | None = optional("It is this or more.")
    lt: Decimal | None = optional("It is less than this.")
    lte: Decimal | None = optional("It is this or less.")
    is_null: bool | None = optional("It is missing (true) or there (false).")


@strawberry.input(description="Conditions on a time.")
class DateTimeFilter:
    eq: datetime | None = optional("It is this instant.")
    gt: datetime | None = optional("It is later than this.")
    gte: datetime | None = optional("It is this or later.")
    lt: datetime | None = optional("It is earlier than this.")
    lte: datetime | None = optional("It is this or earlier.")
    is_null: bool | None = optional("It is missing (true) or there (false).")


@strawberry.input(description="Conditions on a day.")
class DateFilter:
    eq: date | None = optional("It is this day.")
    gt: date | None = optional("It is later than this.")
    gte: date | None = optional("It is this or later.")
    lt: date | None = optional("It is earlier than this.")
    lte: date | None = optional("It is this or earlier.")
    is_null: bool | None = optional("It is missing (true) or there (false).")


@strawberry.input(description="Conditions on a truth value.")
class BooleanFilter:
    eq: bool | None = optional("It is this.")
    is_null: bool | None = optional("It is missing (true) or there (false).")


@strawberry.input(description="Conditions on a link to another thing, by its id from this graph.")
class IdFilter:
    eq: strawberry.ID | None = optional("It points to this one.")
    in_: list[strawberry.ID] | None = strawberry.field(
        name="in", default=None, description="It points to one of these."
    )
    is_null: bool | None = optional("It points nowhere (true) or somewhere (false).")


@strawberry.input(description="Conditions on a list of texts, such as tags: one of them must satisfy.")
class TagFilter:
    eq: str | None = optional("It has this tag.")
    in_: list[str] | None = strawberry.field(name="in", default=None, description="It has one of these tags.")
    is_null: bool | None = optional("It has no tag (true) or some (false).")


@strawberry.input(description="Conditions on a custom field, by its logical key; give the part that fits its type.")
class CustomFieldFilter:
    key: str = plain("The logical key.")
    text: StringFilter | None = optional("As text; of OPTIONS one must satisfy.")
    number: NumberFilter | None = optional("As a number.")
    boolean: BooleanFilter | None = optional("As a truth value.")
    date: DateFilter | None = optional("As a day.")
