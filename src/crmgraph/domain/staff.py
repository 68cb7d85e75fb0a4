"""Which users of several CRMs are one human: those with the same e-mail address."""

from collections.abc import Iterable
from itertools import count

from crmgraph.domain.normalize import email_key
from crmgraph.domain.records import Record

Colleague = tuple[Record, ...]
"""The records of one human, in the order in which they were given."""


def colleagues(users: Iterable[Record]) -> tuple[Colleague, ...]:
    """Each human once, at the first of their records; who has no e-mail that can be read is one record alone.

    An address is compared by its normal form alone. Unlike a customer's, it is a login: nobody else signs in with it,
    so names need not agree.
    """
    alone = count()
    found: dict[str | int, list[Record]] = {}
    for record in users:
        found.setdefault(mailbox(record) or next(alone), []).append(record)
    return tuple(tuple(records) for records in found.values())


def mailbox(user: Record) -> str | None:
    """The normal form of a user's e-mail address, None where the CRM tells none."""
    return email_key(user.peek("email") or "")
