"""What in a text is nobody's business, found by its form: addresses, phone numbers, and what proves a caller.

It is a last line of defence. Whoever writes a text keeps people and secrets out of it in the first place.
"""

import re

EMAIL = "[e-mail]"
PHONE = "[phone]"
SECRET = "[secret]"
QUERY = "[query]"

_RULES: tuple[tuple[str, re.Pattern[str], str], ...] = (
    ("://", re.compile(r"://[^/\s:@\"']{1,100}(?::[^/\s@\"']{0,200})?@"), f"://{SECRET}@"),
    ("?", re.compile(r"\?[^\s\"'<>=?]{1,200}=[^\s\"'<>]*"), f"?{QUERY}"),
    (
        "",
        re.compile(r"(?i)\b(bearer|basic|digest|token|api[-_]?key)(?:[ :=]{1,3})[\w.~+/=-]{6,}"),
        rf"\1 {SECRET}",
    ),
    ("eyJ", re.compile(r"\beyJ[\w-]{8,}\.[\w-]+\.?[\w-]*"), SECRET),
    ("", re.compile(r"\b(?=[\w-]{0,200}[A-Z])(?=[\w-]{0,200}[a-z])(?=[\w-]{0,200}[0-9])[A-Za-z0-9_-]{24,}"), SECRET),
    ("", re.compile(r"\b[0-9a-fA-F]{40,}\b"), SECRET),
    ("@", re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+"), EMAIL),
    ("%40", re.compile(r"[\w.%+-]{1,64}%40[\w-]{1,63}(?:\.[\w-]{1,63})+"), EMAIL),
    ("", re.compile(r"(?<![\w.])\+[1-9][\d ().-]{6,20}\d(?!\w)"), PHONE),
    ("", re.compile(r"(?<![\w.+-])(?:\(\d{2,4}\)|\d{3})[ .-]\d{3,4}[ .-]\d{4}(?![\w-])"), PHONE),
    ("", re.compile(r"(?<![\w.+:-])\d{10,15}(?![\w.:-])"), PHONE),
)
"""A sign without which there is nothing to find, what is looked for, and what stands there instead."""


_WORDS = ("bearer", "basic", "digest", "token", "api")
_SUSPECT = re.compile(r"[@?]|://|%40|eyJ|[\w-]{24}|\+[1-9]|[\d(][\d ().-]{6,}\d")
"""Without any of these, and without one of the words, there is nothing to look for: most texts are names and codes."""


def masked(text: str) -> str:
    """The text with all that has the form of a secret, an e-mail address or a phone number taken out."""
    if _SUSPECT.search(text) is None and not any(word in text.lower() for word in _WORDS):
        return text
    for sign, pattern, instead in _RULES:
        if sign in text:
            text = pattern.sub(instead, text)
    return text


_PLAIN = re.compile(r"(?:[^\W\d_]|(?<=[^\W\d_])'(?=[^\W\d_])|[ ,.!?/()-]){0,120}")


def is_plain(text: str) -> bool:
    """Whether a text is a short sentence of words alone: no number, address, quotation or name of a column is in it."""
    return _PLAIN.fullmatch(text) is not None
