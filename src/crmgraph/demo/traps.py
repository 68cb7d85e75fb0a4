"""The people who make joining hard, each with the entries that make it so.

`TYPED` says what a CRM has written about one of them; whatever it does not say is filled in like anybody's.
An entry here also says that this CRM knows the person: no other CRM does.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from crmgraph.demo.cast import Person
from crmgraph.demo.names import PLACEHOLDER_EMAIL, PLACEHOLDER_PHONE, PLACES


def _person(
    key: str, given: str, family: str, emails: tuple[str, ...], phones: tuple[str, ...], company: str | None, place: int
) -> Person:
    """Somebody who shares a home with their family alone, and a birthday with nobody."""
    home = PLACES[place]
    street, born = f"{_number(family) % 90 + 1} Kiln Yard", date(1979, 3, 14) - timedelta(days=7 * _number(key))
    return Person(key, given, family, emails, phones, company, "Owner", street, home.city, home.region,
                  home.postal_code, home.country, home.timezone, born)  # fmt: skip


def _number(name: str) -> int:
    return sum(map(ord, name))


PEOPLE = (
    _person("spouse-helen", "Helen", "Brandt", ("helen.brandt.invented@gmail.com",), ("+16175550110",), None, 2),
    _person("spouse-martin", "Martin", "Brandt", ("martin.brandt.invented@gmail.com",), ("+16175550110",), None, 2),
    _person("role-ana", "Ana", "Sampaio", ("info@aurora.example.net",), ("+5511955500110",), "aurora", 3),
    _person("role-caio", "Caio", "Bittencourt", ("info@aurora.example.net",), ("+5511955500111",), "aurora", 3),
    _person("role-rita", "Rita", "Fontoura", ("info@aurora.example.net",), ("+5511955500112",), "aurora", 3),
    _person("john-chicago", "John", "Miller", ("john.miller@prairie.example.net",), ("+13125550110",), "prairie", 1),
    _person("john-london", "John", "Miller", ("j.miller@northgate.example.net",), ("+442079460110",), "northgate", 5),
    _person("chain", "Theodora", "Vance", ("thea.vance@tamarind.example.org", "tvance.invented@gmail.com"),
            ("+14155550110",), "tamarind", 0),
    _person("blank-ingrid", "Ingrid", "Solheim", ("ingrid@lumen.example.com",), ("+33199000110",), "lumen", 6),
    _person("blank-marcus", "Marcus", "Oyelaran", ("marcus@quarz.example.org",), ("+493023125110",), "quarz", 7),
    _person("blank-yuki", "Yuki", "Amano", ("yuki@beacon.example.org",), ("+16175550111",), "beacon", 2),
)  # fmt: skip


def _entry(given: str, family: str, emails: tuple[str, ...], phones: tuple[str, ...], **more: Any) -> Mapping[str, Any]:
    return {"given": given, "family": family, "emails": emails, "phones": phones, **more}


_INFO = ("info@aurora.example.net",)

TYPED: Mapping[tuple[str, str], Mapping[str, Any]] = {
    # A couple with one telephone at home: two people all the same.
    ("spouse-helen", "concord"): _entry("Helen", "Brandt", ("helen.brandt.invented@gmail.com",), ("(617) 555-0110",)),
    ("spouse-martin", "leadconnector"): _entry(
        "Martin", "Brandt", ("martin.brandt.invented@gmail.com",), ("+1 617 555 0110",)
    ),
    # Three colleagues who can all be reached at info@.
    ("role-ana", "bigcontacts"): _entry("Ana", "Sampaio", _INFO, ("(11) 95550-0110",), company="aurora"),
    ("role-caio", "concord"): _entry("Caio", "Bittencourt", _INFO, ("+55 11 95550-0111",), company="aurora"),
    ("role-rita", "leadconnector"): _entry("Rita", "Fontoura", _INFO, ("11 95550 0112",), company="aurora"),
    # Namesakes who have nothing but the name in common.
    ("john-chicago", "bigcontacts"): _entry(
        "John", "Miller", ("john.miller@prairie.example.net",), ("312.555.0110",), city="Chicago", company="prairie"
    ),
    ("john-london", "orgcrm"): _entry(
        "John", "Miller", ("j.miller@northgate.example.net",), ("020 7946 0110",), city="London", company="northgate"
    ),
    # One person: the first two entries share an e-mail, the last two only a telephone.
    ("chain", "bigcontacts"): _entry("Theodora", "Vance", ("thea.vance@tamarind.example.org",), ()),
    ("chain", "concord"): _entry("Thea", "Vance", ("Thea.Vance@tamarind.example.org",), ("(415) 555-0110",)),
    ("chain", "leadconnector"): _entry("Theodora", "Vance", ("tvance.invented@gmail.com",), ("415.555.0110",)),
    # Strangers whose entries hold the same fillers.
    ("blank-ingrid", "concord"): _entry("Ingrid", "Solheim", (PLACEHOLDER_EMAIL,), (PLACEHOLDER_PHONE,)),
    ("blank-marcus", "bigcontacts"): _entry("Marcus", "Oyelaran", (PLACEHOLDER_EMAIL,), (PLACEHOLDER_PHONE,)),
    ("blank-yuki", "leadconnector"): _entry("Yuki", "Amano", (PLACEHOLDER_EMAIL,), ("000-000-0000",)),
}
