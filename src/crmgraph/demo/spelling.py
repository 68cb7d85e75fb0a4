"""How people end up typed into CRMs: nicknames, lost accents, initials, swapped boxes, phones in every format."""

from random import Random

from anyascii import anyascii

from crmgraph.demo.names import GIVEN, PLACES


def names(rng: Random, given: str, family: str) -> tuple[str, str]:
    """The two name boxes as somebody filled them in; more than half the time correctly."""
    dice = rng.random()
    if dice < 0.58:
        return given, family
    if dice < 0.74:
        return rng.choice(GIVEN.get(given) or (given,)), family
    if dice < 0.88:
        return anyascii(given), anyascii(family)
    if dice < 0.92:
        return f"{given[0]}.", family
    if dice < 0.95:
        return family, given
    return given.upper(), family.upper()


def phone(rng: Random, number: str) -> str:
    """An E.164 number as somebody typed it."""
    for place in PLACES:
        if number.startswith(place.prefix) and len(number) == len(place.prefix) + place.digits:
            rest = number[len(place.prefix) :]
            return rng.choice(place.formats).format(n=rest, a=rest[:2], b=rest[2:])
    return number


def email(rng: Random, address: str) -> str:
    """An address as somebody typed it: capitals anywhere; dots and plus tags where Gmail ignores them."""
    mailbox, _, domain = address.partition("@")
    dice = rng.random()
    if domain == "gmail.com" and dice < 0.3:
        return f"{mailbox.replace('.', '')}@{domain}"
    if domain == "gmail.com" and dice < 0.5:
        return f"{mailbox}+crm@{domain}"
    if dice > 0.85:
        return f"{mailbox.title()}@{domain}"
    return address
