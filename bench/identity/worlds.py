"""The people of a generated world: their homes, jobs, numbers and mailboxes, and what happens to them."""

import string
from dataclasses import dataclass, field
from itertools import accumulate
from random import Random

from faker import Faker

from bench.identity.parameters import Parameters
from bench.identity.wordlists import CALLING, FREE, FREE_OF, LANDLINE, MOBILE, REGION, TOP_LEVEL, slug

SPAN = 1800
"""The days in which everything happens."""

_STYLES = {"f.l": "{f}.{l}", "fl": "{i}{l}", "f_l": "{f}_{l}", "f": "{f}", "first.l": "{f}.{j}"}
"""How companies make the mailboxes of their people."""

_PERSONAL = ["{f}.{l}", "{f}{l}", "{i}{l}", "{f}.{l}{y}", "{f}{y}", "{l}.{f}", "{i}.{l}"]


@dataclass(slots=True)
class Company:
    name: str
    domain: str
    locale: str
    board: str
    style: str


@dataclass(slots=True)
class House:
    city: str
    land: str | None
    mail: str | None


@dataclass(slots=True)
class Job:
    company: Company
    mail: str
    phone: str


@dataclass(slots=True)
class Person:
    id: int
    locale: str
    sex: str
    given: str
    middle: str
    surname: str
    house: House | None
    city: str
    personal: str = ""
    mobile: list[str] = field(default_factory=list)
    new_number: int = SPAN // 2
    jobs: list[Job] = field(default_factory=list)
    new_job: int = 0
    married: int | None = None
    new_surname: str = ""

    @property
    def region(self) -> str:
        return REGION[self.locale]

    @property
    def surname_now(self) -> str:
        return self.surname if self.married is None else self.new_surname


class World:
    """Everybody, made by one stream of dice: the same seed and parameters give the same world.

    The order in which the dice are thrown is the world's identity; a change of it makes other people.
    """

    def __init__(self, seed: int, size: int, shares: Parameters) -> None:
        self.dice = Random(seed)
        self.shares = shares
        self.fakers = {name: Faker(name, use_weighting=True) for name in shares.locales}
        for number, faker in enumerate(self.fakers.values()):
            faker.seed_instance(seed * 100 + number)
        self.people: list[Person] = []
        self._mailboxes: dict[str, object] = {}
        present = sum(one.present for one in shares.sources.values())
        count = max(40, int(size / (present * (1 + shares.within_source_dup) * 0.97)))
        self._found_companies(max(8, count // 6))
        self._populate(count)
        self._recycle()
        self.sellers = [self.number("US", True) for _ in range(6)]

    def hit(self, share: float) -> bool:
        return self.dice.random() < share

    def number(self, region: str, mobile: bool) -> str:
        """A number as E.164."""
        dice = self.dice
        if region == "US":
            area = dice.choice("23456789") + self._digits(2)
            return "+1" + area + dice.choice("23456789") + self._digits(6)
        head, count = (MOBILE if mobile else LANDLINE)[region]
        if mobile:
            return "+" + CALLING[region] + head + self._digits(count)
        return "+" + CALLING[region] + head + dice.choice("23456789") + self._digits(count - 1)

    def _digits(self, count: int) -> str:
        return "".join(self.dice.choices(string.digits, k=count))

    def _locale(self) -> str:
        return self.dice.choices(list(self.shares.locales), list(self.shares.locales.values()))[0]

    def _found_companies(self, count: int) -> None:
        """Companies whose sizes go by rank, and forty towns for each locale."""
        self._all = [self._company() for _ in range(count)]
        weights = [1 / (i + 3) ** 0.8 for i in range(count)]
        self._all_weights = list(accumulate(weights))
        self._near: dict[str, tuple[list[Company], list[float]]] = {}
        for locale in self.shares.locales:
            near = [(one, weight) for one, weight in zip(self._all, weights, strict=True) if one.locale == locale]
            self._near[locale] = [one for one, _ in near], list(accumulate(weight for _, weight in near))
        self._towns = {locale: [self.fakers[locale].city() for _ in range(40)] for locale in self.shares.locales}
        self._town_weights = [1 / (i + 2) ** 0.7 for i in range(40)]

    def _company(self) -> Company:
        locale = self._locale()
        name, region = self.fakers[locale].company(), REGION[locale]
        first = slug(name.split(",")[0].split(" ")[0])[:14]
        last = slug(name.split(" ")[-1])[:6] if self.hit(0.5) else ""
        board = self.number(region, False)
        return Company(name, first + last + TOP_LEVEL[region], locale, board, self.dice.choice(list(_STYLES)))

    def _employer(self, locale: str) -> Company:
        """Four of five work for a company of their own country."""
        near, weights = self._near[locale]
        if not (near and self.hit(0.8)):
            near, weights = self._all, self._all_weights
        return self.dice.choices(near, cum_weights=weights)[0]

    def _town(self, locale: str) -> str:
        return self.dice.choices(self._towns[locale], self._town_weights)[0]

    def _mailbox(self, local: str, domain: str, owner: object) -> str:
        """An address that is nobody else's, numbered where it must be."""
        address, count = f"{local}@{domain}", 1
        while self._mailboxes.get(address, owner) != owner:
            count += 1
            address = f"{local}{count}@{domain}"
        self._mailboxes[address] = owner
        return address

    def _person(
        self,
        locale: str,
        surname: str | None = None,
        given: str | None = None,
        sex: str | None = None,
        house: House | None = None,
        employer: Company | None = None,
    ) -> Person:
        faker = self.fakers[locale]
        sex = sex or self.dice.choice("mf")
        given = given or (faker.first_name_male() if sex == "m" else faker.first_name_female())
        surname = surname or faker.last_name()
        middle = self.dice.choice(string.ascii_uppercase)
        city = house.city if house else self._town(locale)
        person = Person(len(self.people), locale, sex, given, middle, surname, house, city)
        self._equip(person)
        self._employ(person, employer)
        if sex == "f" and self.hit(self.shares.married):
            person.new_surname = faker.last_name() if self.hit(0.75) else f"{surname}-{faker.last_name()}"
            person.married = self.dice.randint(200, SPAN - 200)
        self.people.append(person)
        return person

    def _equip(self, person: Person) -> None:
        """A mailbox and a number or two."""
        first, last = slug(person.given), slug(person.surname)
        style = self.dice.choice(_PERSONAL)
        local = style.format(f=first, l=last, i=first[:1], y=self.dice.randint(50, 99)) or "me"
        person.personal = self._mailbox(local, self.dice.choice(FREE + FREE_OF[person.region] * 2), person.id)
        person.mobile.append(self.number(person.region, True))
        if self.hit(self.shares.new_number):
            person.mobile.append(self.number(person.region, True))
            person.new_number = self.dice.randint(200, SPAN - 200)

    def _employ(self, person: Person, employer: Company | None) -> None:
        first, last = slug(person.given), slug(person.surname)
        for turn in range(2 if self.hit(self.shares.job_change) else 1):
            company = employer if employer and turn == 0 else self._employer(person.locale)
            local = _STYLES[company.style].format(f=first, l=last, i=first[:1], j=last[:1])
            mail = self._mailbox(local or "x", company.domain, person.id)
            person.jobs.append(Job(company, mail, self.number(REGION[company.locale], False)))
        person.new_job = self.dice.randint(200, SPAN - 200)

    def _populate(self, count: int) -> None:
        while len(self.people) < count:
            locale = self._locale()
            if self.hit(self.shares.household / 2.4):
                self._household(locale)
            else:
                self._person(locale)
            if self.hit(self.shares.namesake):
                self._namesake()

    def _household(self, locale: str) -> None:
        shares = self.shares
        surname = self.fakers[locale].last_name()
        city = self._town(locale)
        land = self.number(REGION[locale], False) if self.hit(shares.landline) else None
        house = House(city, land, self._family_mailbox(surname) if self.hit(shares.family_mailbox) else None)
        first = self._person(locale, surname, house=house)
        for _ in range(self.dice.choice([1, 1, 1, 2, 2, 3])):
            self._person(locale, surname if self.hit(shares.same_surname_household) else None, house=house)
        if self.hit(shares.junior):
            self._person(locale, surname, given=first.given, sex=first.sex, house=house)

    def _family_mailbox(self, surname: str) -> str:
        local = "the" + slug(surname) + "s" if self.hit(0.5) else slug(surname) + ".family"
        return self._mailbox(local, self.dice.choice(FREE), ("house", len(self.people)))

    def _namesake(self) -> None:
        one = self.dice.choice(self.people)
        self._person(one.locale, one.surname, given=one.given, sex=one.sex, employer=one.jobs[0].company)

    def _recycle(self) -> None:
        """Numbers and addresses that come to be another person's."""
        for one in self.people:
            if self.hit(self.shares.recycled_phone):
                self._any().mobile.insert(0, one.mobile[-1])
            if self.hit(self.shares.recycled_mail):
                other = self._any()
                other.jobs[-1] = Job(one.jobs[0].company, one.jobs[0].mail, other.jobs[-1].phone)

    def _any(self) -> Person:
        return self.dice.choice(self.people)
