"""The person the demonstration opens with: first in every CRM's list, and rich in everything a CRM can hold."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from crmgraph.demo.cast import CRMS, Person

KEY = "maria"

_WORK = "maria.fernandez@tamarind.example.org"
_PRIVATE = "maria.fernandez.invented@gmail.com"

PERSON = Person(
    key=KEY,
    given="Maria",
    family="Fernández-Oliveira",
    emails=(_WORK, _PRIVATE),
    phones=("+14155550101", "+5511955500101"),
    company="tamarind",
    title="Chief Technology Officer",
    street="88 Harbour Lane",
    city="San Francisco",
    region="CA",
    postal_code="94105",
    country="US",
    timezone="America/Los_Angeles",
    birth_date=date(1984, 6, 2),
)

_ENTRIES: Mapping[str, Mapping[str, Any]] = {
    "bigcontacts": {
        "given": "Maria",
        "family": "Fernandez-Oliveira",
        "emails": (_WORK, _PRIVATE),
        "phones": ("(415) 555-0101", "(11) 95550-0101"),
        "title": "VP Engineering",
        "tags": ("vip", "newsletter", "beta tester"),
        "custom": {"account_code": "AC-0001", "plan": "Enterprise", "reference_customer": True},
        "owner": "nora",
        "stage": "Customer",
    },
    "concord": {
        "given": "María",
        "family": "Fernández-Oliveira",
        "emails": ("Maria.Fernandez@tamarind.example.org",),
        "phones": ("+1 415 555 0101",),
        "title": "Chief Technology Officer",
        "tags": ("vip", "trade fair 2025"),
        "custom": {"seats": 240, "renewal": "2027-03-31", "plan": "Enterprise", "interests": ("Reporting", "Mobile")},
        "owner": "helena",
        "lead_source": "Trade fair",
    },
    "orgcrm": {
        "given": "Maria",
        "family": "F. Oliveira",
        "emails": ("MariaFernandez.invented@gmail.com",),
        "phones": ("415.555.0101",),
        "title": None,
        "tags": ("replied", "vip"),
        "custom": {"account_code": "AC-0001", "seats": 200, "plan": "Team"},
        "owner": "victor",
        "lead_source": "Web form",
        "dnc": frozenset[str](),
    },
    "leadconnector": {
        "given": "Mia",
        "family": "Fernández Oliveira",
        "emails": ("mariafernandezinvented+demo@gmail.com", _WORK),
        "phones": ("+5511955500101", "+14155550101"),
        "title": "CTO",
        "city": "São Paulo",
        "region": "SP",
        "postal_code": "01310-100",
        "country": "BR",
        "timezone": "America/Sao_Paulo",
        "tags": ("vip", "newsletter", "partner"),
        "custom": {"seats": 240, "interests": ("Mobile", "Training"), "reference_customer": True, "plan": "Enterprise"},
        "owner": "nora",
        "lead_source": "Referral",
        "dnc": frozenset({"sms"}),
    },
}

_ALWAYS: Mapping[str, Any] = {
    "company": "tamarind",
    "street": PERSON.street,
    "city": PERSON.city,
    "region": PERSON.region,
    "postal_code": PERSON.postal_code,
    "country": PERSON.country,
    "lead_source": "Referral",
    "dnc": frozenset[str](),
    "birth_date": PERSON.birth_date,
    "website": "https://maria.example.org",
    "timezone": PERSON.timezone,
}


def _times(number: int) -> Mapping[str, datetime]:
    """Newest of all in every CRM, so that she comes first also where the newest come first."""
    return {
        "created": datetime(2026, 11, 2, 9 + number, 30, tzinfo=UTC),
        "updated": datetime(2026, 11, 19, 14 + number, 5, tzinfo=UTC),
    }


TYPED: Mapping[tuple[str, str], Mapping[str, Any]] = {
    (KEY, crm): {**_ALWAYS, **_times(number), **_ENTRIES[crm]} for number, crm in enumerate(CRMS)
}
