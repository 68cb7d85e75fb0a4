"""Normal forms: one spelling for values that mean the same, so that equal means the same mailbox, line or word.

Every normal form is idempotent and a pure function of its arguments. Results are remembered per raw value, because a
page repeats the same few values and reading one phone number costs forty times what remembering it does.
"""

import re
import unicodedata
from enum import StrEnum
from functools import lru_cache

import phonenumbers
from anyascii import anyascii

from crmgraph.domain.dialling import plainly_dialled

_REMEMBERED = 65_536


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SHORTEST_LINE, _LONGEST_ENTRY = 7, 40  # Digits; an entry may hold an extension behind the line.

_EXTENSION = re.compile(
    r"(?:;\s*ext=|,|\bext?\b|\bextension\b|\bx|\bdurchwahl\b|\bposte\b|#).*$", re.IGNORECASE | re.DOTALL
)

_NO_DIGITS = re.compile("[^0-9]+")
_ADDRESS = re.compile(r"(?P<local>[^\s@<>\"(),:;\\\[\]]{1,64})@(?P<domain>[^\s@]{1,253})")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{1,59})")
_ANGLED = re.compile(r".*<([^<>]*)>\s*", re.DOTALL)
_EDGES = " \t\r\n\"'<>,;."

# Two names of one mailbox provider; the same local part is the same mailbox under both.
_SAME_DOMAIN = {
    "googlemail.com": "gmail.com",
    "me.com": "icloud.com",
    "mac.com": "icloud.com",
    "protonmail.com": "proton.me",
    "pm.me": "proton.me",
}
_DOTS_MEAN_NOTHING = frozenset({"gmail.com"})
_PLUS_TAGS = _words(
    "gmail.com icloud.com proton.me fastmail.com "
    "outlook.com hotmail.com hotmail.co.uk hotmail.de hotmail.es hotmail.fr live.com msn.com"
)

_ROLES = _words(
    "info sales contact office admin administrator support hello help helpdesk service services team mail email "
    "general enquiries inquiries marketing billing accounts accounting invoice invoices finance payments orders "
    "order shop store jobs careers hr press media reception frontdesk management legal privacy security abuse "
    "postmaster webmaster hostmaster root newsletter news noreply donotreply customerservice customercare feedback "
    "welcome booking bookings reservations purchasing procurement it kontakt buero vertrieb verkauf rechnung "
    "bewerbung contato vendas comercial suporte atendimento financeiro contacto ventas soporte administracion "
    "facturacion bonjour accueil commercial compta biuro sekretariat"
)
_JUNK = _words(
    "noemail nomail none null nil na no noone nobody nowhere unknown unavailable notprovided notavailable notgiven "
    "test testing tester fake dummy asdf asdfasdf qwerty invalid undefined noaddress emailunknown"
)
_JUNK_DOMAINS = _JUNK | {"email", "mail", "domain"}


class Standing(StrEnum):
    """What an e-mail address says about who reads it."""

    PERSONAL = "personal"
    ROLE = "role"
    PLACEHOLDER = "placeholder"
    INVALID = "invalid"


@lru_cache(_REMEMBERED)
def text_key(raw: str) -> str:
    """Case, accents, script and blanks taken away: the normal form of tags, company names and other short texts."""
    return " ".join(anyascii(unicodedata.normalize("NFC", raw)).casefold().split())


@lru_cache(_REMEMBERED)
def email_key(raw: str) -> str | None:
    """The mailbox behind an address: one case, no tag, no meaningless dots; None when it is no e-mail address."""
    parts = _split_address(raw)
    if parts is None:
        return None
    local, domain = parts
    if domain in _PLUS_TAGS:
        local = local.partition("+")[0]
    if domain in _DOTS_MEAN_NOTHING:
        local = local.replace(".", "")
    return f"{local}@{domain}" if local else None


@lru_cache(_REMEMBERED)
def email_standing(raw: str) -> Standing:
    """Whether one person reads the address, a role of a company, or nobody because it only fills a form's field."""
    local, at, domain = _bare(raw).rpartition("@")
    if not at:
        return Standing.INVALID
    word = re.sub(r"[._\-]", "", local.partition("+")[0])
    if _is_placeholder(word, domain):
        return Standing.PLACEHOLDER
    if email_key(raw) is None:
        return Standing.INVALID
    return Standing.ROLE if word.rstrip("0123456789") in _ROLES else Standing.PERSONAL


@lru_cache(_REMEMBERED)
def phone_key(raw: str, region: str) -> str | None:
    """The line behind a number as E.164, its extension dropped; None for placeholders and for what cannot be dialled.

    `region` is the ISO 3166 code that numbers without a country code belong to; an empty one leaves those without a
    key. A number of the right length is enough: CRMs hold many that no numbering plan lists (yet).
    """
    digits = _digits(raw)
    if not _SHORTEST_LINE <= len(digits) <= _LONGEST_ENTRY or _is_filler(digits):
        return None
    if plain := plainly_dialled(raw, digits, region):
        return None if _is_filler(plain.national) else plain.key
    for spelling, must_be_valid in _spellings(raw, digits):
        number = _parsed(spelling, region)
        if number is None or (must_be_valid and not phonenumbers.is_valid_number(number)):
            continue
        return _line(number)
    return None


@lru_cache(_REMEMBERED)
def phone_line(raw: str) -> str | None:
    """The last nine digits of a number, its extension dropped: what two spellings share whose country is not known.

    None for placeholders and for what is too short to tell one line from another.
    """
    digits = _digits(_EXTENSION.sub("", raw))
    told = _SHORTEST_LINE <= len(digits) <= _LONGEST_ENTRY and not _is_filler(digits) and not _is_filler(digits[-9:])
    return digits[-9:] if told else None


def _digits(raw: str) -> str:
    return _NO_DIGITS.sub("", raw if raw.isascii() else anyascii(raw))


@lru_cache(_REMEMBERED)
def _bare(raw: str) -> str:
    """The address without the invisible characters, display name and punctuation that copying drags along."""
    text = raw if raw.isascii() else "".join(c for c in raw if unicodedata.category(c) != "Cf")
    angled = _ANGLED.fullmatch(text) if "<" in text else None
    text = (angled[1] if angled else text).strip(_EDGES).casefold()
    if not text.isascii():
        text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return text.removeprefix("mailto:").strip(_EDGES)


def _split_address(raw: str) -> tuple[str, str] | None:
    match = _ADDRESS.fullmatch(_bare(raw))
    if match is None:
        return None
    domain = _ascii_domain(match["domain"])
    return None if domain is None else (match["local"], _SAME_DOMAIN.get(domain, domain))


def _ascii_domain(domain: str) -> str | None:
    try:
        ascii_form = domain.lower() if domain.isascii() else domain.encode("idna").decode("ascii").lower()
    except UnicodeError:  # No label may be empty, over-long or hold forbidden characters: then it is no domain.
        return None
    return ascii_form if _DOMAIN.fullmatch(ascii_form) else None


def _is_placeholder(word: str, domain: str) -> bool:
    label = domain.partition(".")[0]
    if domain == "invalid" or domain.endswith(".invalid") or word in _JUNK or not word:
        return True
    repeats = word == label and (len(set(word)) == 1 or len(word) <= 2)
    return repeats or (len(set(word)) == 1 and label in _JUNK_DOMAINS)


def _is_filler(digits: str) -> bool:
    """Whether somebody leant on one key or ran a finger along the row."""
    run = "01234567890123456789"
    return len(set(digits)) == 1 or digits in run or digits in run[::-1]


def _spellings(raw: str, digits: str) -> tuple[tuple[str, bool], ...]:
    """How the number may be meant, likeliest first, and whether that reading needs a valid number to be believed."""
    if digits.startswith("00"):
        return ((raw, True), ("+" + digits[2:], False), (raw, False))
    return ((raw, False), ("+" + digits, True))


def _parsed(spelling: str, region: str) -> phonenumbers.PhoneNumber | None:
    try:
        number = phonenumbers.parse(spelling, region or None)
    except phonenumbers.NumberParseException:  # What cannot be parsed has no normal form.
        return None
    # Local-only numbers (no area code) are possible within a town, but name no line in E.164.
    reason = phonenumbers.is_possible_number_with_reason(number)
    return number if reason == phonenumbers.ValidationResult.IS_POSSIBLE else None


def _line(number: phonenumbers.PhoneNumber) -> str | None:
    """The number as E.164, unless it is a filler or reads differently when read again (a prefix within a prefix)."""
    if _is_filler(phonenumbers.national_significant_number(number)):
        return None
    key = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if len(key) <= _SHORTEST_LINE:  # One more than its digits, for the plus sign.
        return None
    again = _parsed(key, "")
    return key if again and phonenumbers.format_number(again, phonenumbers.PhoneNumberFormat.E164) == key else None
