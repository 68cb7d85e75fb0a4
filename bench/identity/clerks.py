"""How a CRM's users type what they know of a person: forms, nicknames, typing errors, and whatever fills a field."""

import string
from dataclasses import dataclass
from datetime import date, timedelta

import phonenumbers
from phonenumbers import PhoneNumberFormat

from bench.identity.parameters import Clerks
from bench.identity.wordlists import (
    HERS,
    HIS,
    JUNK_MAIL,
    JUNK_PHONE,
    LEGAL,
    MISSPELT,
    NICKNAMES,
    ROLE,
    TAGGED,
    TAGS,
    digraphs,
    fold,
)
from bench.identity.worlds import SPAN, Job, Person, World

FIRST_DAY = date(2021, 1, 1)
_FORMS = ["e164", "international", "national", "00", "dots", "digits", "rfc"]
_FORM_WEIGHTS = [30, 18, 30, 5, 6, 8, 3]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A record as it is typed, and below `updated_at` the truth about it, which no matcher may see."""

    source: str
    record_id: str
    first_name: str
    last_name: str
    email: str
    phone: str
    company: str
    city: str
    country: str
    updated_at: str
    person_id: int
    true_given: str
    true_surname: str
    true_company: str
    mail_kind: str
    phone_kind: str
    evidence: str


class Typist:
    """Types records of the people of a world, with the world's own dice."""

    def __init__(self, world: World) -> None:
        self.world, self.dice, self.hit, self.shares = world, world.dice, world.hit, world.shares

    def record(self, person: Person, source: str, clerks: Clerks, number: int) -> Labelled:
        """One record, typed on some day of the span."""
        day = self.dice.randint(0, SPAN)
        job = person.jobs[-1] if day > person.new_job else person.jobs[0]
        first, last = self._name(person, clerks, day)
        mail, mail_kind, mail_of = self._mail(person, clerks, job)
        phone, phone_kind, phone_of = self._phone(person, clerks, job, day)
        company = self._company(job, clerks)
        return Labelled(
            source=source,
            record_id=f"{source}-{number}",
            first_name=first,
            last_name=last,
            email=mail,
            phone=phone,
            company=company,
            city=person.city if self.hit(self.shares.city) else "",
            country=person.region if self.hit(self.shares.country) else "",
            updated_at=(FIRST_DAY + timedelta(days=day)).isoformat(),
            person_id=person.id,
            true_given=person.given,
            true_surname=person.surname_now,
            true_company=person.jobs[-1].company.name,
            mail_kind=mail_kind,
            phone_kind=phone_kind,
            evidence="|".join(one for one in (mail_of, phone_of) if one),
        )

    def _name(self, person: Person, clerks: Clerks, day: int) -> tuple[str, str]:
        first, last = self._in_fields(person, clerks, *self._spelt(person, clerks, day))
        case = self.dice.random()
        if case < self.shares.upper:
            return first.upper(), last.upper()
        if case < self.shares.upper + self.shares.lower:
            return first.lower(), last.lower()
        return first, last

    def _spelt(self, person: Person, clerks: Clerks, day: int) -> tuple[str, str]:
        """Given and family name in the form and spelling that the clerk knows."""
        given, middle, surname = person.given, "", person.surname
        if person.married is not None and day > person.married:
            surname = person.new_surname
        key = fold(given).lower().split("-")[0].split(" ")[0]
        if self.hit(clerks.nick) and key in NICKNAMES:
            given = self.dice.choice(NICKNAMES[key])
        if self.hit(self.shares.initial):
            given = given[:1] + ("." if self.hit(0.6) else "")
        elif self.hit(self.shares.middle):
            middle = f" {person.middle}."
        if "-" in surname and self.hit(self.shares.drop_hyphen):
            surname = self.dice.choice(surname.split("-"))
        given, surname = self._plain(person, given, surname)
        given = self._mistyped(given, self.shares.name_typo)
        return given + middle, self._mistyped(surname, self.shares.name_typo)

    def _plain(self, person: Person, given: str, surname: str) -> tuple[str, str]:
        """Without accents, where the clerk has no key for them."""
        if (given + surname).isascii():
            return given, surname
        if person.region == "DE" and self.hit(self.shares.translit_de):
            return digraphs(given), digraphs(surname)
        return (fold(given), fold(surname)) if self.hit(self.shares.strip_accents) else (given, surname)

    def _in_fields(self, person: Person, clerks: Clerks, first: str, last: str) -> tuple[str, str]:
        if self.hit(self.shares.title):
            first = self.dice.choice(HERS if person.sex == "f" else HIS) + first
        if self.hit(clerks.first_only):
            return first, ""
        if self.hit(clerks.one_field):
            return (f"{last}, {first}" if self.hit(0.3) else f"{first} {last}"), ""
        return (last, first) if self.hit(self.shares.swap) else (first, last)

    def _mail(self, person: Person, clerks: Clerks, job: Job) -> tuple[str, str, str]:
        """What is typed, its kind, and whose mailbox it is where it is one person's."""
        if not self.hit(clerks.email):
            return "", "", ""
        if self.hit(self.shares.junk_mail):
            return self.dice.choice(JUNK_MAIL), "junk", ""
        if self.hit(clerks.role):
            role = self.dice.choice(ROLE[:3] if self.hit(0.7) else ROLE)
            return f"{role}@{job.company.domain}", "role", ""
        if person.house and person.house.mail and self.hit(0.4):
            return self._typed_mail(person.house.mail), "family", ""
        kind, mail = ("personal", person.personal) if self.hit(clerks.personal) else ("work", job.mail)
        return self._typed_mail(mail), kind, "m:" + mail

    def _typed_mail(self, mail: str) -> str:
        local, domain = mail.rsplit("@", 1)
        if domain == "gmail.com":
            local, domain = self._gmail(local)
        if self.hit(self.shares.plus_tag) and domain.split(".")[0] in TAGGED:
            local += "+" + self.dice.choice(TAGS)
        local = self._mistyped(local, self.shares.mail_typo)
        if self.hit(self.shares.domain_typo):
            name, rest = domain.split(".", 1)
            wrong = self._typo(name)  # The dice are thrown for those of a fixed misspelling as well.
            domain = MISSPELT.get(domain, f"{wrong}.{rest}")
        typed = f"{local}@{domain}"
        if self.hit(0.02):
            return typed.upper()
        if self.hit(0.03):
            return typed.title()
        return " " + typed if self.hit(0.01) else typed

    def _gmail(self, local: str) -> tuple[str, str]:
        """Dots and the second name of the provider, which mean nothing to it."""
        if self.hit(self.shares.gmail_dots) and len(local) > 4:
            bare = local.replace(".", "")
            at = self.dice.randrange(1, len(bare) - 1)
            local = bare if "." in local else f"{bare[:at]}.{bare[at:]}"
        return local, "googlemail.com" if self.hit(self.shares.googlemail) else "gmail.com"

    def _phone(self, person: Person, clerks: Clerks, job: Job, day: int) -> tuple[str, str, str]:
        """What is typed, its kind, and whose number it is where it is one person's."""
        if not self.hit(clerks.phone):
            return "", "", ""
        if self.hit(self.shares.junk_phone):
            return self.dice.choice(JUNK_PHONE), "junk", ""
        if self.hit(self.shares.rep_phone):
            return self._typed_phone(self.dice.choice(self.world.sellers)), "rep", ""
        if person.house and person.house.land and self.hit(0.3):
            return self._typed_phone(person.house.land), "land", ""
        if self.hit(0.5):
            newest = len(person.mobile) == 1 or day > person.new_number
            number = person.mobile[-1 if newest else 0]
            return self._typed_phone(number), "mobile", "p:" + number
        if self.hit(self.shares.switchboard):
            return self._typed_phone(job.company.board), "board", ""
        return self._typed_phone(job.phone), "direct", "p:" + job.phone

    def _typed_phone(self, number: str) -> str:
        if self.hit(self.shares.phone_typo):
            at = self.dice.randrange(4, len(number))
            number = number[:at] + str((int(number[at]) + self.dice.randint(1, 9)) % 10) + number[at + 1 :]
        form = self.dice.choices(_FORMS, _FORM_WEIGHTS)[0]
        typed = _formatted(number, form)
        return typed + (self.dice.choice([" ext. 12", " x204", ""]) if self.hit(0.04) else "")

    def _company(self, job: Job, clerks: Clerks) -> str:
        if not self.hit(clerks.company):
            return ""
        name = job.company.name
        if self.hit(self.shares.abbrev_company):
            for tail in LEGAL:
                name = name.removesuffix(tail)
        return self._mistyped(name, self.shares.company_typo)

    def _mistyped(self, text: str, share: float) -> str:
        return self._typo(text) if self.hit(share) else text

    def _typo(self, text: str) -> str:
        """One letter too many, too few, wrong, or two in the wrong order; the first letter is right."""
        if len(text) < 3:
            return text
        at = self.dice.randrange(1, len(text))
        kind = self.dice.choice("idst")
        letter = self.dice.choice(string.ascii_lowercase)
        before, after = text[:at], text[at:]
        if kind == "i":
            return before + letter + after
        if kind == "d":
            return before + after[1:]
        if kind == "s":
            return before + letter + after[1:]
        return before[:-1] + after[0] + before[-1] + after[1:]


def _formatted(e164: str, form: str) -> str:
    if form == "e164":
        return e164
    if form == "00":
        return "00" + e164[1:]
    number = phonenumbers.parse(e164)
    if form in ("international", "rfc"):
        to = PhoneNumberFormat.INTERNATIONAL if form == "international" else PhoneNumberFormat.RFC3966
        return phonenumbers.format_number(number, to)
    national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    if form == "dots":
        return national.replace(" ", ".").replace("-", ".").replace("(", "").replace(")", "")
    return national if form == "national" else "".join(one for one in national if one.isdigit())
