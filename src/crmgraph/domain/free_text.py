"""Free text as a filter of ours, for where no CRM is asked: each word stands in a name, an address or a number."""

from crmgraph.domain.filtering import And, Condition, Filter, Op, Or

LOOKED_INTO = ("emails", "companyName", "jobTitle", "fullName", "givenName", "familyName", "phones")
"""The fields of a person that free text is looked for in; first those in which many people hold one word."""


def in_words(text: str) -> Filter:
    """Whoever holds every word of a text, in whichever fields; of no words, everybody. The longest comes first, since
    it tells most.
    """
    words = sorted(text.split(), key=len, reverse=True)
    return And(tuple(Or(tuple(Condition(one, Op.CONTAINS, word) for one in LOOKED_INTO)) for word in words))
