"""What a person's mailboxes spell: `anna.kovacs@papir.example` speaks for her name and her company.

A mailbox never gives a value; it speaks for one of several that the records hold.
"""

import re
from collections.abc import Sequence

from msgspec import Struct

from crmgraph.domain.companies import company_key
from crmgraph.domain.folding import fold, squeezed
from crmgraph.domain.mail_domains import domain_fits
from crmgraph.domain.normalize import Standing, email_key, email_standing
from crmgraph.domain.records import Record
from crmgraph.domain.survivorship.variants import common_family, common_given

SHORTEST = 3
"""The letters that are no chance within a mailbox's name."""


class Mailboxes(Struct, frozen=True, gc=False):
    """The words of the local parts of a person's addresses, and the domains of all of them."""

    words: frozenset[tuple[str, ...]]
    domains: frozenset[str]

    def spell(self, name: str) -> int:
        """How well the mailboxes spell a name (folded): 2 as a word of its own, 1 within one, 0 not at all."""
        plain = squeezed(name)
        if len(plain) < SHORTEST:
            return 0
        return max((_spells(words, plain) for words in self.words), default=0)

    def fit(self, company: str) -> int:
        """How well the domains spell a company's name: 2 the whole of it, 1 a part, 0 not at all."""
        key = company_key(company)
        return max((domain_fits(key, domain).value for domain in self.domains), default=0)

    def order(self, given: str, family: str) -> tuple[int, float]:
        """What speaks for this being the given and that the family name: a mailbox first, then how common each is."""
        first, last = fold(given), fold(family)
        told = max((_ordered(words, squeezed(first), squeezed(last)) for words in self.words), default=0)
        return told, common_given(first) * common_family(last)


def mailboxes(records: Sequence[Record]) -> Mailboxes:
    """The mailboxes of these records; one that cannot be read says nothing here."""
    raw = [email.value for record in records for email in record.peek("emails") or ()]
    keys = {value: email_key(value) for value in raw}
    own = {key for value, key in keys.items() if key and email_standing(value) is Standing.PERSONAL}
    domains = frozenset(key.partition("@")[2] for key in keys.values() if key)
    return Mailboxes(
        frozenset(tuple(map(squeezed, re.findall("[a-z]+", one.partition("@")[0]))) for one in own), domains
    )


def _spells(words: Sequence[str], plain: str) -> int:
    if plain in words:
        return 2
    return int(any(plain in word for word in words))


def _ordered(words: tuple[str, ...], first: str, last: str) -> int:
    """Whether a mailbox abbreviates the name as one does: `akovacs`, `a.kovacs`, `anna.k` or `anna`."""
    if not (first and last):
        return 0
    return int(words in ((first[0] + last,), (first[0], last), (first, last[0]), (first,)))
