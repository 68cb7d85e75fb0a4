"""Words of any script as plain lower-case ASCII, the ground that all comparing of names stands on."""

import re
from functools import lru_cache

from anyascii import anyascii

_APOSTROPHES = re.compile(r"['`´’]")
_WORD = re.compile(r"[a-z0-9]+")
_DIGRAPH = re.compile("([aou])e+")


def word_set(text: str) -> frozenset[str]:
    """The words of a text that lists them one after the other."""
    return frozenset(text.split())


@lru_cache(131_072)
def fold(text: str) -> str:
    """Lower-case ASCII words; hyphens and dots part words, apostrophes do not. Folding twice changes nothing."""
    return " ".join(_WORD.findall(_APOSTROPHES.sub("", text if text.isascii() else anyascii(text)).casefold()))


@lru_cache(131_072)
def squeezed(folded: str) -> str:
    """Without blanks and German digraphs, so that Müller, Mueller and Muller are one, as are Jean-Luc and Jeanluc."""
    return without_digraphs(folded.replace(" ", ""))


def without_digraphs(folded: str) -> str:
    """The e of the German ae, oe and ue taken away, as folding took the dots of ä, ö and ü."""
    return _DIGRAPH.sub(r"\1", folded)
