"""What the made-up people are made of: names with their short forms, places, firms, titles, words.

Mail domains are reserved for examples; telephone numbers come from the ranges set aside for fiction.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from crmgraph.demo.cast import CustomSpec, Firm, Staff

GIVEN: Mapping[str, tuple[str, ...]] = {
    "Robert": ("Bob", "Rob"),
    "Elizabeth": ("Liz", "Beth"),
    "William": ("Bill", "Will"),
    "Katherine": ("Kate", "Kathy"),
    "Michael": ("Mike",),
    "Margaret": ("Peggy", "Maggie"),
    "James": ("Jim",),
    "Alexander": ("Alex", "Sasha"),
    "Jennifer": ("Jen", "Jenny"),
    "Thomas": ("Tom",),
    "Patricia": ("Pat", "Trish"),
    "Daniel": ("Dan",),
    "Susan": ("Sue",),
    "Anthony": ("Tony",),
    "José": ("Pepe",),
    "Francisco": ("Chico", "Paco"),
    "João": (),
    "Luíza": ("Lu",),
    "Antônio": ("Toninho",),
    "Inês": (),
    "Søren": (),
    "Zoë": (),
    "François": (),
    "Amélie": (),
    "Jürgen": (),
    "Käthe": (),
    "Óscar": (),
    "Beatriz": ("Bia",),
    "Rafael": ("Rafa",),
    "Priya": (),
    "Wei": (),
    "Amara": (),
    "Yusuf": (),
    "Chiara": (),
}

FAMILY = (
    "Hale", "Whitcombe", "Okafor", "Lindqvist", "Marchetti", "Albuquerque", "Conceição", "Gonçalves", "Müller-Brandt",
    "Schröder", "Lefèvre", "Dubois", "O'Callaghan", "MacAllister", "Nakamura", "Venkataraman", "Åkesson", "Peñalosa",
    "Núñez", "Sørensen", "Kowalczyk", "Haddad", "Brightwater", "Castellanos", "Dvořák", "Ferreira", "Teixeira",
    "Ashdown", "Pemberton", "Quiñones", "Tanaka", "Vasconcelos", "Thistlewood", "Iyer", "Mbeki-Ross", "Strand",
)  # fmt: skip

TITLES = (
    "Head of Purchasing", "Operations Manager", "Chief Executive", "Office Manager", "Sales Director", "Accountant",
    "Marketing Lead", "IT Manager", "Founder", "Warehouse Supervisor", "Legal Counsel", "Product Owner",
)  # fmt: skip

STREETS = ("Harbour Lane", "Mill Road", "Orchard Street", "Station Square", "Chestnut Avenue", "Quay Street")

TAGS = ("newsletter", "vip", "trade fair 2025", "replied", "cold", "beta tester", "partner", "do not disturb at noon")

LEAD_SOURCES = ("Web form", "Referral", "Trade fair", "Cold call", "Import")
LIFECYCLE = ("Lead", "Prospect", "Customer")
PLACEHOLDER_EMAIL = "noemail@example.com"
PLACEHOLDER_PHONE = "000-000-0000"


@dataclass(frozen=True, slots=True)
class Place:
    """Where people live, and how they type their telephone numbers there.

    `prefix` is E.164 up to the digits that differ, `digits` is how many differ; in a format `{n}` stands for all of
    them, `{a}` for the first two and `{b}` for the rest.
    """

    city: str
    region: str | None
    postal_code: str
    country: str
    timezone: str
    prefix: str
    digits: int
    formats: tuple[str, ...]


PLACES = (
    Place("San Francisco", "CA", "94105", "US", "America/Los_Angeles", "+141555501", 2,
          ("(415) 555-01{n}", "+1 415 555 01{n}", "415.555.01{n}", "415-555-01{n}", "+141555501{n}")),
    Place("Chicago", "IL", "60601", "US", "America/Chicago", "+131255501", 2,
          ("(312) 555-01{n}", "+1 312 555 01{n}", "312.555.01{n}", "1-312-555-01{n}")),
    Place("Boston", "MA", "02108", "US", "America/New_York", "+161755501", 2,
          ("(617) 555-01{n}", "+1 (617) 555-01{n}", "617 555 01{n}", "617.555.01{n}")),
    Place("São Paulo", "SP", "01310-100", "BR", "America/Sao_Paulo", "+55119555001", 2,
          ("(11) 95550-01{n}", "+55 11 95550-01{n}", "011 95550 01{n}", "+55119555001{n}")),
    Place("Porto Alegre", "RS", "90010-150", "BR", "America/Sao_Paulo", "+55519555001", 2,
          ("(51) 95550-01{n}", "+55 (51) 95550-01{n}", "51 95550-01{n}")),
    Place("London", None, "EC1A 1BB", "GB", "Europe/London", "+442079460", 3,
          ("020 7946 0{n}", "+44 20 7946 0{n}", "+44 (0)20 7946 0{n}", "02079460{n}")),
    Place("Paris", None, "75002", "FR", "Europe/Paris", "+3319900", 4,
          ("01 99 00 {a} {b}", "+33 1 99 00 {a} {b}", "01.99.00.{a}.{b}", "0033 1 99 00 {a} {b}")),
    Place("Berlin", "BE", "10115", "DE", "Europe/Berlin", "+493023125", 3,
          ("030 23125 {n}", "+49 30 23125{n}", "030/23125-{n}", "+49 (0)30 23125 {n}")),
)  # fmt: skip

STAFF = (
    Staff("nora", "Nora", "Castle", "nora.castle@crm-team.example.com"),
    Staff("victor", "Victor", "Lam", "victor.lam@crm-team.example.com"),
    Staff("helena", "Helena", "Prado", "helena.prado@crm-team.example.com"),
    Staff("otto", "Otto", "Friis", "otto.friis@crm-team.example.com"),
)

_FIRMS: tuple[tuple[str, str, int, str, Mapping[str, str]], ...] = (
    ("heron", "Blue Heron Ltd", 5, "Logistics", {"orgcrm": "Blue Heron Limited", "bigcontacts": "BLUE HERON"}),
    ("tamarind", "Tamarind Software, Inc.", 0, "Software", {"orgcrm": "Tamarind Software"}),
    ("aurora", "Aurora Alimentos S.A.", 3, "Food", {"leadconnector": "Aurora Alimentos"}),
    ("lumen", "Lumen & Fils SARL", 6, "Lighting", {}),
    ("quarz", "Quarzwerk GmbH", 7, "Manufacturing", {"bigcontacts": "Quarzwerk"}),
    ("prairie", "Prairie Wind Energy LLC", 1, "Energy", {"orgcrm": "Prairie Wind Energy"}),
    ("gaucho", "Gaúcho Tecnologia Ltda", 4, "Software", {"leadconnector": "Gaucho Tecnologia"}),
    ("beacon", "Beacon Hill Dental", 2, "Health", {}),
    ("northgate", "Northgate Textiles", 5, "Textiles", {"concord": "Northgate Textiles Ltd."}),
    ("cedar", "Cedar & Stone Architects", 2, "Construction", {}),
    ("saltmarsh", "Saltmarsh Brewing Co.", 0, "Food", {"orgcrm": "Saltmarsh Brewing Company"}),
    ("ponte", "Ponte Nova Consultoria", 3, "Consulting", {}),
)


def _firm(number: int, key: str, name: str, place: Place, industry: str, spellings: Mapping[str, str]) -> Firm:
    domain = f"{key}.example.{('com', 'org', 'net')[number % 3]}"
    phone = place.prefix + str(90 + number % 10).rjust(place.digits, "0")
    street = f"{number + 1} {STREETS[number % len(STREETS)]}"
    return Firm(key, name, domain, f"https://www.{domain}", phone, street, place.city, place.region,
                place.postal_code, place.country, industry, spellings)  # fmt: skip


FIRMS = tuple(
    _firm(number, key, name, PLACES[place], industry, spellings)
    for number, (key, name, place, industry, spellings) in enumerate(_FIRMS)
)

CUSTOM_FIELDS = (
    CustomSpec("account_code", "Account code", "TEXT"),
    CustomSpec("seats", "Seats", "NUMBER"),
    CustomSpec("renewal", "Renewal date", "DATE"),
    CustomSpec("reference_customer", "Reference customer", "BOOLEAN"),
    CustomSpec("plan", "Plan", "OPTION", ("Starter", "Team", "Enterprise")),
    CustomSpec("interests", "Interests", "OPTIONS", ("Reporting", "Integrations", "Mobile", "Training")),
)

PIPELINES: Mapping[str, tuple[str, ...]] = {
    "Sales": ("New", "Qualified", "Proposal", "Negotiation"),
    "Renewals": ("Due", "In talks", "Signed"),
}

CURRENCIES: Mapping[str, str] = {"US": "USD", "BR": "BRL", "GB": "GBP", "FR": "EUR", "DE": "EUR"}
