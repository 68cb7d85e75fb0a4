"""How two mailboxes stand to each other: one mistyped, two of one company, two private ones."""

import re
from functools import lru_cache

from rapidfuzz.distance import OSA

from crmgraph.domain.mail_domains import free_mail

_REMEMBERED = 65_536

AGAINST_FIRST = ("colleagues", "numbered", "personal", "different", "local", "close")
"""How two mailboxes that are not the same may stand to each other, what speaks against one person first."""


@lru_cache(_REMEMBERED)
def kept_apart(x: str, y: str) -> bool:
    """Whether two mailboxes are of one company, which keeps them for two people."""
    domain = x.partition("@")[2]
    if x == y or domain != y.partition("@")[2] or free_mail(domain):
        return False
    return mailboxes(x, y) in ("colleagues", "numbered")


@lru_cache(_REMEMBERED)
def mailboxes(x: str, y: str) -> str:
    """How two different mailboxes stand to each other."""
    ours, _, here = x.rpartition("@")
    theirs, _, there = y.rpartition("@")
    if here != there:
        return _apart(ours, here, theirs, there)
    if _undigited(ours) == _undigited(theirs):
        return "numbered"
    if min(len(ours), len(theirs)) >= 5 and OSA.distance(ours, theirs, score_cutoff=1) <= 1:
        return "close"
    return "personal" if free_mail(here) else "colleagues"


@lru_cache(_REMEMBERED)
def numbered(mailbox: str) -> bool:
    """Whether a company's mailbox ends in one digit, as the second of a name does."""
    local, _, domain = mailbox.rpartition("@")
    return bool(_NUMBERED.fullmatch(local)) and not free_mail(domain)


_NUMBERED = re.compile(r"[^\d]{2,}[2-9]")


def _apart(ours: str, here: str, theirs: str, there: str) -> str:
    """As `mailboxes`, of two domains."""
    if _letters(ours) == _letters(theirs) and len(ours) >= 6:
        near = OSA.distance(here, there, score_cutoff=2) <= 2
        return "close" if near and not (free_mail(here) and free_mail(there)) else "local"
    return "personal" if free_mail(here) and free_mail(there) else "different"


def _undigited(local: str) -> str:
    return re.sub(r"[\d._-]", "", local)


def _letters(local: str) -> str:
    return re.sub(r"[._-]", "", local)
