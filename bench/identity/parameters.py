"""How dirty the generated records are: shares of everything that happens to people and to what is typed about them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Clerks:
    """How the users of one CRM type. `present` is the share of people it knows; all else are shares of its records."""

    present: float
    email: float
    phone: float
    company: float
    personal: float
    first_only: float
    nick: float
    one_field: float
    role: float


@dataclass(frozen=True, slots=True)
class Parameters:
    """Shares, of what their names say."""

    locales: Mapping[str, float] = field(
        default_factory=lambda: {
            "en_US": 0.52,
            "en_GB": 0.16,
            "de_DE": 0.11,
            "fr_FR": 0.08,
            "es_ES": 0.07,
            "pl_PL": 0.06,
        }
    )
    sources: Mapping[str, Clerks] = field(
        default_factory=lambda: {
            "hub": Clerks(0.56, 0.97, 0.45, 0.60, 0.45, 0.08, 0.12, 0.02, 0.04),
            "force": Clerks(0.46, 0.86, 0.80, 0.96, 0.12, 0.01, 0.10, 0.00, 0.03),
            "pipe": Clerks(0.42, 0.74, 0.76, 0.70, 0.25, 0.03, 0.25, 0.25, 0.06),
            "desk": Clerks(0.44, 0.93, 0.38, 0.40, 0.40, 0.06, 0.18, 0.10, 0.10),
        }
    )
    within_source_dup: float = 0.06
    household: float = 0.22
    same_surname_household: float = 0.8
    family_mailbox: float = 0.25
    landline: float = 0.6
    junior: float = 0.03  # Of households: two members with the very same name.
    married: float = 0.08  # Of women: the surname changed.
    job_change: float = 0.15
    new_number: float = 0.10
    recycled_phone: float = 0.01  # An old number is another person's now.
    recycled_mail: float = 0.004  # A former employee's address is another person's now.
    namesake: float = 0.006  # Another person of the same name in the same company.
    switchboard: float = 0.22  # A work phone is the company's number.
    gmail_dots: float = 0.10
    plus_tag: float = 0.06
    googlemail: float = 0.03
    mail_typo: float = 0.015
    domain_typo: float = 0.01
    phone_typo: float = 0.015
    name_typo: float = 0.035
    initial: float = 0.03
    swap: float = 0.012
    upper: float = 0.05
    lower: float = 0.04
    strip_accents: float = 0.5
    translit_de: float = 0.35
    drop_hyphen: float = 0.4
    middle: float = 0.06
    title: float = 0.02
    abbrev_company: float = 0.3
    company_typo: float = 0.03
    junk_mail: float = 0.012
    junk_phone: float = 0.010
    rep_phone: float = 0.008  # The number of the person who sells.
    city: float = 0.6
    country: float = 0.65


USUAL = Parameters()


def _clerks(**changed: float) -> Mapping[str, Clerks]:
    """All sources' clerks, each share times what is told."""
    return {
        name: replace(one, **{what: min(1.0, getattr(one, what) * times) for what, times in changed.items()})
        for name, one in USUAL.sources.items()
    }


VARIATIONS: Mapping[str, Parameters] = {
    "usual": USUAL,
    "dirty names": replace(
        USUAL, name_typo=0.08, initial=0.07, swap=0.04, middle=0.12, title=0.06, sources=_clerks(nick=1.6, one_field=2)
    ),
    "households": replace(USUAL, household=0.5, family_mailbox=0.5, junior=0.08, married=0.15),
    "namesakes": replace(USUAL, namesake=0.04, junior=0.06, recycled_mail=0.012, recycled_phone=0.03, switchboard=0.5),
    "few e-mails": replace(USUAL, sources=_clerks(email=0.55, phone=1.15)),
    "elsewhere": replace(
        USUAL, locales={"pt_BR": 0.2, "it_IT": 0.2, "de_DE": 0.2, "nl_NL": 0.2, "pl_PL": 0.2}, country=0.3
    ),
    "one source": replace(USUAL, sources={"hub": replace(USUAL.sources["hub"], present=1.0)}, within_source_dup=0.5),
}
"""Other error models than the usual one, so that nothing is fitted to it."""
