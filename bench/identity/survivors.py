"""How often what survives of a person is true today, by our default rules and by the single rules that others offer."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from bench.identity.clerks import Labelled
from bench.identity.generator import generate
from crmgraph.domain.companies import company_key
from crmgraph.domain.folding import fold, squeezed
from crmgraph.domain.model import Email, Kind
from crmgraph.domain.records import Record, Ref
from crmgraph.domain.survivorship.golden import survivor
from crmgraph.domain.survivorship.rules import DEFAULTS, FieldRule, Rule, Rules

ORDER = ("hub", "force", "pipe", "desk")
"""The sources, most trusted first."""

FIELDS = {"givenName": "true_given", "familyName": "true_surname", "companyName": "true_company"}
"""What survives, and where the truth about it is."""

SINGLE = (Rule.MOST_TRUSTED, Rule.MOST_RECENT, Rule.MOST_FREQUENT, Rule.LONGEST)
WAYS: Mapping[str, Rules] = {
    "our defaults": DEFAULTS,
    **{rule.value.replace("_", " "): {name: (FieldRule(rule),) for name in FIELDS} for rule in SINGLE},
}


@dataclass(frozen=True, slots=True)
class Surviving:
    """The shares of persons whose surviving value is the true one of today; `way` is how it is chosen."""

    way: str
    given: float
    surname: float
    company: float


def survivors(size: int, seeds: Sequence[int]) -> list[Surviving]:
    """Over persons of several records, put together as they truly are; last, whether any record holds the truth.

    Case, accents and legal forms do not count; a company counts where a record names one.
    """
    persons = [person for seed in seeds for person in _persons(size, seed)]
    ways = [Surviving(way, *_shares(persons, partial(_survivor, rules))) for way, rules in WAYS.items()]
    return [*ways, Surviving("some record holds it", *_shares(persons, _all))]


Person = tuple[Sequence[Record], Labelled]
"""The records of a person, most trusted first, and one that holds the truth."""

Told = Callable[[str, Sequence[Record]], Sequence[str]]


def _persons(size: int, seed: int) -> list[Person]:
    held: defaultdict[int, list[Labelled]] = defaultdict(list)
    for one in sorted(generate(size, seed), key=lambda one: (ORDER.index(one.source), one.record_id)):
        held[one.person_id].append(one)
    return [([_record(one) for one in records], records[0]) for records in held.values() if len(records) > 1]


def _shares(persons: Sequence[Person], told: Told) -> list[float]:
    return [_share(persons, field, told) for field in FIELDS]


def _share(persons: Sequence[Person], field: str, told: Told) -> float:
    key = company_key if field == "companyName" else _plain
    right = []
    for records, truth in persons:
        if field != "companyName" or any(_all(field, records)):
            true = key(getattr(truth, FIELDS[field]))
            right.append(any(key(value) == true for value in told(field, records)))
    return sum(right) / len(right)


def _survivor(rules: Rules, field: str, records: Sequence[Record]) -> list[str]:
    found = survivor(field, records, rules)
    return [] if found is None else [found.value]


def _all(field: str, records: Sequence[Record]) -> list[str]:
    return [value for one in records if (value := one.get(field))]


def _plain(text: str) -> str:
    return squeezed(fold(text))


def _record(one: Labelled) -> Record:
    values = {
        "givenName": one.first_name or None,
        "familyName": one.last_name or None,
        "companyName": one.company or None,
        "emails": (Email(one.email),) if one.email else (),
        "updatedAt": datetime.fromisoformat(one.updated_at).replace(tzinfo=UTC),
    }
    getters = {name: _constant(value) for name, value in values.items()}
    return Record(Ref(one.source, "contact", one.record_id), Kind.CONTACT, one, getters, {}, values["updatedAt"])


def _constant(value: Any) -> Callable[[Any, Any], Any]:
    return lambda raw, tables: value
