"""What the questions about who is who may cost: the people that ids name are read, everything else is known."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from crmgraph.api.steps import Step
from crmgraph.domain.articles import with_article
from crmgraph.domain.errors import InputError
from crmgraph.domain.model import FIELDS, Kind
from crmgraph.domain.profiles import NEEDED
from crmgraph.service.costs import Crowd
from crmgraph.service.ids import decode
from crmgraph.service.pricing import Pricing, Things

COMPARISONS: Mapping[str, Sequence[str]] = {
    "whyNot": ("a", "b"),
    "judgements": ("contact",),
    "mergePreview": ("contacts",),
}
"""Questions about people by their ids → the arguments that hold some."""

PREVIEW = "mergePreview"
"""The question that reads the people whole, and once more as one."""

LISTS: Mapping[str, Sequence[Sequence[str]]] = {
    "duplicates": (("person", "contact"),),
    "missingIn": (("contact",),),
    "conflicts": (("person", "contact"),),
    "reviewPairs": (("a", "contact"), ("b", "contact")),
}
"""Lists that call nobody but for the contacts of their nodes → the ways from a node to one."""

NO_CALLS = frozenset({"id", "identity", "knownPeople"})
"""What awaits, and calls nobody: the store at the most."""


def price_contacts(pricing: Pricing, first: int, fields: Collection[str], path: str) -> Things:
    """Put so many people on the bill, each by one of their records."""
    crowd, sources = Crowd(first, first), tuple(pricing.session.sources)
    pricing.records(Kind.CONTACT, crowd, sources, {*NEEDED, *fields}, path)
    pricing.persons(first, crowd, fields, path)
    return Things(Kind.CONTACT, crowd, sources)


def price_comparison(pricing: Pricing, step: Step, given: Mapping[str, Any]) -> None:
    """Put the people that are named on the bill; raises InputError for what is the id of no person."""
    said = [(word, given[word]) for word in COMPARISONS[step.name]]
    for word, ident in [(word, one) for word, held in said for one in (held if isinstance(held, list) else [held])]:
        if ident is None:
            continue
        named = decode(str(ident))
        if named.kind is not Kind.CONTACT:
            raise InputError(f"`{word}` is the id of {with_article(named.kind)}; the id of a person is wanted.")
        fields = FIELDS[Kind.CONTACT] if step.name == PREVIEW else ()
        for _ in range(2 if step.name == PREVIEW else 1):  # Before and after.
            pricing.person(named.ref, fields, step.path)
