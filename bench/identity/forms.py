"""Normal forms of a row in one table, so that every matcher is measured on the same."""

from dataclasses import dataclass

from crmgraph.domain.profiles import Profile


@dataclass(frozen=True, slots=True)
class Form:
    """A record in our normal forms, the first of those there are several of; None where it says nothing."""

    unique_id: int
    source: str
    given: str | None
    family: str | None
    name: str | None
    email: str | None
    phone: str | None
    company: str | None
    domain: str | None
    city: str | None
    street: str | None
    postal_code: str | None
    birth_date: str | None


def form(number: int, profile: Profile) -> Form:
    """The form of a profile."""
    return Form(
        unique_id=number,
        source=profile.ref.source,
        given=profile.name.given or None,
        family=profile.name.family or None,
        name=profile.name.full or None,
        email=next(iter(profile.emails), None),
        phone=next(iter(profile.lines), None),
        company=profile.company or None,
        domain=next(iter(profile.domains), None),
        city=profile.city or None,
        street=profile.street or None,
        postal_code=profile.postal_code or None,
        birth_date=profile.birth_date or None,
    )
