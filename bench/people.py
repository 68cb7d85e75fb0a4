"""The people whom the plain lists hold, spelled alike for every peer, so that their answers can be held equal.

On each page the owners come up in the order of the list of users: Hive Gateway gives the first user to the first key.
"""

from typing import Any

COUNT, PAGE, OWNERS = 1_000, 100, 20

_FIRST = ("Ada", "Bela", "Carla", "Dimitri", "Elena", "Farid", "Grace", "Hugo", "Ines", "Jonas", "Kira", "Luis", "Mona")
_LAST = ("Abel", "Brandt", "Costa", "Dias", "Engel", "Fischer", "Gomes", "Haas", "Ibsen", "Jansen", "Klein")
_TITLES = ("Buyer", "Chief Technology Officer", "Engineer", "Head of Sales", "Office Manager")
_SYLLABLES = ("bax", "cor", "dil", "fen", "gop", "hur", "jam", "kiv", "lon", "muz")
_CITIES = ("Antwerp", "Bergen", "Curitiba", "Dresden", "Évora", "Florence")
_TAGS = ("customer", "lead", "newsletter", "partner", "press", "vip")


def contact(number: int) -> dict[str, Any]:
    """One contact; numbers begin at 1."""
    given, family = _FIRST[number % len(_FIRST)], _LAST[number % len(_LAST)] + _spelt(number)
    return {
        "id": number,
        "givenName": given,
        "familyName": family,
        "fullName": f"{given} {family}",
        "jobTitle": _TITLES[number % len(_TITLES)],
        "companyName": f"Company {number % 50}",
        "leadSource": "web" if number % 3 else "fair",
        "website": f"https://{family.lower()}.example.com",
        "createdAt": f"2024-01-{number % 28 + 1:02}T08:{number % 60:02}:00+00:00",
        "updatedAt": f"2025-02-{number % 28 + 1:02}T09:{number % 60:02}:00+00:00",
        "emails": [{"value": f"{given}.{family}@example.com".lower()}, {"value": f"p{number}@example.org"}],
        "phones": [{"value": f"+4930{1_000_000 + number}"}],
        "addresses": [{"city": _CITIES[number % len(_CITIES)]}],
        "tags": [{"name": name} for name in sorted({_TAGS[number % 6], _TAGS[number % 5]})],
        "ownerId": (number - 1) % OWNERS + 1,
    }


def _spelt(number: int) -> str:
    """A number as syllables, so that nobody is taken for a namesake whose name somebody mistyped."""
    return "".join(_SYLLABLES[int(digit)] for digit in f"{number:03}")


def page(number: int, count: int = COUNT) -> list[dict[str, Any]]:
    """One page of `count` contacts; pages begin at 1, and those behind the last are empty."""
    first = (number - 1) * PAGE + 1
    return [contact(one) for one in range(first, min(first + PAGE, count + 1))]


def owner(number: int) -> dict[str, Any]:
    """One user; numbers begin at 1."""
    return {"id": number, "name": f"Owner {number}", "email": f"owner{number}@example.com"}
