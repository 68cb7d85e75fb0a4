"""What speaks for and against two records being one person: the match rules, whose docstrings users read.

A rule looks at two profiles and says what it found, or nothing where there is nothing to compare. What a finding weighs
is not said here but in `weights.toml`. A rule sees nothing but the two profiles, so it says the same on every page.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from crmgraph.domain.companies import CompanyLevel, company_level
from crmgraph.domain.folding import squeezed
from crmgraph.domain.given_names import same_name
from crmgraph.domain.mail_domains import DomainFit, domain_fits
from crmgraph.domain.mailboxes import AGAINST_FIRST, mailboxes, numbered
from crmgraph.domain.names import Level, crossed, levels
from crmgraph.domain.profiles import Profile


class Finding(NamedTuple):
    """What a rule found: `level` names it, `value` of `kind` is what agrees, whose rarity counts where there is one."""

    rule: str
    level: str
    kind: str = ""
    value: str = ""


plain = cache(Finding)
"""A finding of a rule and a level alone, made once."""

Rule = Callable[[Profile, Profile], Iterable[Finding]]

_REMEMBERED = 65_536


def email(a: Profile, b: Profile) -> Iterable[Finding]:
    """The same mailbox speaks strongly for one person; two mailboxes that a company tells apart speak against it."""
    if not a.emails or not b.emails:
        return ()
    if _meet(a.emails, b.emails):
        return (plain("email", "same"),)
    return (plain("email", max([mailboxes(x, y) for x in a.emails for y in b.emails], key=AGAINST_FIRST.index)),)


def namesake(a: Profile, b: Profile) -> Iterable[Finding]:
    """A company that numbers a mailbox, as in "diana.owen2", has somebody else of that name: a record without that
    mailbox may be the other one's.
    """
    for one in (*a.emails, *b.emails):
        if numbered(one):
            return () if _meet(a.emails, b.emails) else (plain("namesake", "numbered"),)
    return ()


def phone(a: Profile, b: Profile) -> Iterable[Finding]:
    """The same number speaks for one person, less than a mailbox does, because households and offices share lines."""
    if not a.lines or not b.lines:
        return ()
    if _meet(a.lines, b.lines):
        return (plain("phone", "same"),)
    slips = [OSA.distance(x, y, score_cutoff=1) for x in a.lines for y in b.lines if len(x) == len(y)]
    near = min(slips, default=2) < 2
    return (plain("phone", "close" if near else "different"),)


def name(a: Profile, b: Profile) -> Iterable[Finding]:
    """Names that agree speak for one person, rare ones most; also by a short form, an initial, a slip, or a name that
    only the mailbox tells. A given name that is another one speaks against it strongly, a family name less, for it
    may have changed.
    """
    first, last = levels(a.name, b.name)
    if first is last is Level.DIFFERENT and crossed(a.name, b.name):
        return (plain("given", "crossed"),)
    return (*_given(a, b, first), *_family(a, b, last))


def employer(a: Profile, b: Profile) -> Iterable[Finding]:
    """The same company speaks for one person, a small one more, whether named or told by a mailbox's domain."""
    named = company_level(a.company, b.company) if a.company and b.company else CompanyLevel.MISSING
    if named is CompanyLevel.SAME:
        return (Finding("employer", "same", "company", a.company),)
    for domain in a.domains:
        if domain in b.domains:
            return (Finding("employer", "same", "domain", domain),)
    if not (a.company or a.domains) or not (b.company or b.domains):
        return ()
    if named is CompanyLevel.CLOSE or named is CompanyLevel.SHORTENED:
        return (Finding("employer", "close", "company", min(a.company, b.company)),)
    for ours, theirs in ((a, b), (b, a)):
        for domain in theirs.domains:
            if domain_fits(ours.company, domain) is DomainFit.WHOLE:
                return (Finding("employer", "fits", "company", ours.company),)
    if named is CompanyLevel.MISSING and not (a.domains and b.domains):
        return ()
    return (plain("employer", "different"),)


def city(a: Profile, b: Profile) -> Iterable[Finding]:
    """The same town speaks for one person, a small one more; another town speaks against it, for few people move."""
    return _texts("city", a.city, b.city, "city")


def country(a: Profile, b: Profile) -> Iterable[Finding]:
    """Another country speaks against one person; the same one hardly tells anything."""
    if not a.country or not b.country:
        return ()
    return (plain("country", "same" if a.country == b.country else "different"),)


def street(a: Profile, b: Profile) -> Iterable[Finding]:
    """The same street and number speak for one person, or for those who live together."""
    if not a.street or not b.street:
        return ()
    return (plain("street", streets(a.street, b.street)),)


def postal_code(a: Profile, b: Profile) -> Iterable[Finding]:
    """The same postal code speaks for one person, another one against it, a single other digit hardly."""
    return _texts("postal_code", a.postal_code, b.postal_code, "postal_code")


def birth_date(a: Profile, b: Profile) -> Iterable[Finding]:
    """The same day of birth speaks strongly for one person; another one speaks against it, unless it is a slip."""
    return _texts("birth_date", a.birth_date, b.birth_date)


def source(a: Profile, b: Profile) -> Iterable[Finding]:
    """One source holds a person once as a rule, so two records of it need more evidence than those of two sources."""
    return (plain("source", "same"),) if a.ref.source == b.ref.source else ()


def household(a: Profile, b: Profile, levels: Mapping[str, str]) -> Iterable[Finding]:
    """Another given name beside a shared family name, line, mailbox or home tells of people who live or work together:
    what they share then speaks less for one person. Of two given names that are surely two the same home tells of two,
    unless the days of birth agree, or nothing but names, homes and days of birth is known of both.
    """
    given = levels.get("given")
    if given not in ("different", "garbled"):
        return ()
    alike = [rule for rule in ("family", "email", "phone", "street") if levels.get(rule) == "same"]
    told = ["shared"] if alike else []
    at_one_place = levels.get("street") in ("same", "close") and levels.get("birth_date") not in ("same", "close")
    if given == "different" and at_one_place and not (_may_be_garbled(levels) and _is_of_a_register(a, b)):
        told.append("home")
    return [plain("household", level) for level in told]


def _may_be_garbled(levels: Mapping[str, str]) -> bool:
    return levels.get("family") != "different" or levels.get("street") == "same"


def _is_of_a_register(a: Profile, b: Profile) -> bool:
    """Whether two records are not of people whom somebody writes to or calls: such know their home and day of birth."""
    return not any((a.emails, b.emails, a.lines, b.lines)) and bool(a.birth_date or b.birth_date)


AT_HOME = plain("household", "home")
OF_A_HOME = frozenset({"street", "postal_code"})

RULES: tuple[Rule, ...] = (
    email,
    namesake,
    phone,
    name,
    employer,
    city,
    country,
    street,
    postal_code,
    birth_date,
    source,
)


def findings(a: Profile, b: Profile) -> list[Finding]:
    """All that the rules find of two records; of a home with two people nothing speaks for one."""
    found = [one for rule in RULES for one in rule(a, b)]
    told = household(a, b, {one.rule: one.level for one in found})
    if AT_HOME in told:
        found = [one for one in found if one.rule not in OF_A_HOME]
    return [*found, *told]


@lru_cache(_REMEMBERED)
def streets(x: str, y: str) -> str:
    """How two streets agree: `same`, `close` where they differ by slips or one says more, or `different`."""
    ours, theirs = "".join(sorted(x.split())), "".join(sorted(y.split()))
    if ours == theirs or x.replace(" ", "") == y.replace(" ", ""):
        return "same"
    if max(fuzz.token_sort_ratio(x, y), fuzz.ratio(x.replace(" ", ""), y.replace(" ", ""))) >= 85:
        return "close"
    short, long = sorted((x.replace(" ", ""), y.replace(" ", "")), key=len)
    return "close" if len(short) >= 8 and fuzz.partial_ratio(short, long) >= 90 else "different"


_LEVELS = {level: level.name.lower() for level in Level}
_UNTOLD = frozenset({Level.MISSING, Level.DIFFERENT, Level.GARBLED, Level.INITIAL})
"""How given names may stand where the mailbox can tell more."""


def _meet(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    return not set(ours).isdisjoint(theirs)


def _given(a: Profile, b: Profile, level: Level) -> Iterable[Finding]:
    if level in _UNTOLD and (a.spelt_given or b.spelt_given):
        spelt = _shared(_words(a.name.given, a.spelt_given), _words(b.name.given, b.spelt_given))
        if spelt:
            return (Finding("given", "spelt", "given", spelt),)
    if level is Level.MISSING:
        return ()
    return (Finding("given", _LEVELS[level], "given", _common(a.name.given, b.name.given)),)


def _family(a: Profile, b: Profile, level: Level) -> Iterable[Finding]:
    if level < Level.NICKNAME and (a.spelt_family or b.spelt_family):
        spelt = _shared(_words(a.name.family, a.spelt_family), _words(b.name.family, b.spelt_family))
        if spelt:
            return (Finding("family", "spelt", "family", spelt),)
    if level is Level.MISSING:
        return ()
    return (Finding("family", _LEVELS[level], "family", _common_family(a.name.family, b.name.family)),)


def _words(typed: str, spelt: Sequence[str]) -> list[str]:
    return [*typed.split(), *spelt]


def _shared(ours: Sequence[str], theirs: Sequence[str]) -> str:
    known = {squeezed(word) for word in theirs if len(word) > 1}
    return next((plain for word in ours if (plain := squeezed(word)) in known), "")


@lru_cache(_REMEMBERED)
def _common(x: str, y: str) -> str:
    """The given name that two spellings have in common, the fuller one where one only begins or garbles the other."""
    if not x or not y:
        return x or y
    one, other = x.split()[0], y.split()[0]
    return squeezed(same_name(one, other) or max(one, other, key=lambda word: (len(word), word)))


@lru_cache(_REMEMBERED)
def _common_family(x: str, y: str) -> str:
    return squeezed(_shared(x.split(), y.split()) or max(x, y, key=lambda word: (len(word), word)))


def _texts(rule: str, x: str, y: str, kind: str = "") -> Iterable[Finding]:
    if not x or not y:
        return ()
    if x == y:
        return (Finding(rule, "same", kind, squeezed(x) if kind else ""),)
    return (plain(rule, "close" if _near(x, y) else "different"),)


@lru_cache(_REMEMBERED)
def _near(x: str, y: str) -> bool:
    """Whether two texts may be one, mistyped: a slip in five letters, or their words in another order."""
    if sorted(x.split()) == sorted(y.split()):
        return True
    one, other = x.replace(" ", ""), y.replace(" ", "")
    allowed = max(1, min(len(one), len(other)) // 5)
    return min(len(one), len(other)) >= 4 and OSA.distance(one, other, score_cutoff=allowed) <= allowed
