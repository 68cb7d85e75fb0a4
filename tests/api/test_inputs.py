"""Filters as callers write them: an input that says nothing lets everything pass, wherever it stands."""

import pytest

from crmgraph.api.conditions import StringFilter
from crmgraph.api.inputs import AnyFilter, CompanyFilter, ContactFilter, filter_of
from crmgraph.domain.filtering import And, Condition, Filter, Not, Op, Or

ANNA = Condition("givenName", Op.EQ, "Anna")


def anna() -> ContactFilter:
    return ContactFilter(given_name=StringFilter(eq="Anna"))


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (ContactFilter(), None),
        (anna(), ANNA),
        (ContactFilter(or_=[ContactFilter()]), Or((And(()),))),
        (ContactFilter(or_=[ContactFilter(), anna()]), Or((And(()), ANNA))),
        (ContactFilter(or_=[]), Or(())),
        (ContactFilter(and_=[ContactFilter(), anna()]), And((And(()), ANNA))),
        (ContactFilter(not_=ContactFilter()), Not(And(()))),
        (ContactFilter(email=StringFilter(eq="a@b.co")), Condition("emails", Op.EQ, "a@b.co")),
        (CompanyFilter(email=StringFilter(eq="a@b.co")), Condition("email", Op.EQ, "a@b.co")),
    ],
)
def test_an_input_means_a_filter(given: AnyFilter, meant: Filter | None) -> None:
    assert filter_of(given) == meant
