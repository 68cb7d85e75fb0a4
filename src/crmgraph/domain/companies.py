"""Companies' names: a normal form without legal forms and joining words, and how far two of them agree."""

import re
from collections.abc import Sequence
from enum import IntEnum
from functools import lru_cache

from rapidfuzz.distance import OSA

from crmgraph.domain.folding import fold, without_digraphs, word_set

_REMEMBERED = 65_536
_LONE_LETTER = re.compile(r"\b([a-z]) (?=[a-z]\b)")
_DIGRAPH = re.compile("[aou]e")


LEGAL_FORMS = word_set(
    "ltd limited llc llp lp lllp pllc plc inc incorporated corp corporation co company companies group holding "
    "holdings pty pvt pte cc npc cic sdn bhd tbk "
    "gmbh mbh gesmbh gmbhcokg ag kg kgaa ohg ug gbr gdbr ek ev eg se stg partg partgmbb mbb haftungsbeschrankt gruppe "
    "cie sa sarl sas sasu eurl eirl sci scp scop snc selarl gie groupe societe ste "
    "sl slu sll slne sau scom scoop scv slp sociedad limitada anonima grupo cv sapi rl spr sac saa eirl ltda "
    "lda eireli epp sgps spa srl srls sapa scarl sagl gruppo "
    "bv nv vof cvba bvba sprl scrl cva groep "
    "ab hb kb as asa ans aps ivs oy oyj ky tmi ry ehf hf "
    "sp spz zoo spzoo spk spj sc ska psa spolka grupa sro spol vos doo dd jdoo kft zrt nyrt bt rt "
    "ooo oao zao pao ood eood ead uab sia ou sti kk gk"
)
"""Words that tell how a company is held, not which one it is; they count as such at a name's end only."""

_DROPPED_FIRST = word_set(
    "the ooo oao zao pao uab sarl eurl ppuh pphu fpuh fhu phu firma groupe grupo gruppo grupa gruppe societe ste"
)
_LEGAL_ENDS = (
    ["s", "de", "rl", "de", "cv"],
    ["sapi", "de", "cv"],
    ["sa", "de", "cv"],
    ["sp", "z", "oo"],
    ["sp", "k"],
    ["sp", "j"],
    ["s", "com"],
    ["s", "coop"],
)
_JOINING, _JOINING_LETTERS = word_set("and und et og och"), word_set("e y i")
_NO_COMPANY = word_set(
    "na none null nil unknown undefined self selfemployed freelance freelancer private privat tbd test"
)


class CompanyLevel(IntEnum):
    """How far two companies' names agree, worst first."""

    DIFFERENT = 0
    MISSING = 1
    SHORTENED = 2
    CLOSE = 3
    SAME = 4


@lru_cache(_REMEMBERED)
def company_key(raw: str) -> str:
    """The words that name the company, folded; empty when there are none, as in "n/a".

    Legal forms, joining words and a leading "the" are dropped, German digraphs undone: "Müller & Söhne GmbH & Co. KG"
    and "Mueller und Soehne" are both "muller sohne". A name that consists of nothing else keeps its first word.
    """
    words = _told_words(fold(raw.replace("&", " and ").replace("+", " and ")).split())
    while len(words) > 1 and (end := _legal_end(words)):
        words = words[:-end] or words[:1]
    while len(words) > 1 and words[0] in _DROPPED_FIRST:
        words = words[1:]
    return "" if "".join(words) in _NO_COMPANY else " ".join(words)


@lru_cache(_REMEMBERED)
def company_level(one: str, other: str) -> CompanyLevel:
    """How far two companies' normal forms agree; two empty ones cannot be compared.

    CLOSE is a typing error; SHORTENED means that one name begins the other at the end of a word, shortens some of its
    words ("intl business machines") or consists of its initials ("ibm").
    """
    if not one or not other:
        return CompanyLevel.MISSING
    if one.replace(" ", "") == other.replace(" ", ""):
        return CompanyLevel.SAME
    if _typing_error(one.replace(" ", ""), other.replace(" ", "")):
        return CompanyLevel.CLOSE
    short, long = sorted((one.split(), other.split()), key=lambda words: sum(map(len, words)))
    return CompanyLevel.SHORTENED if _shortens(short, long) else CompanyLevel.DIFFERENT


def initials(words: Sequence[str]) -> str:
    """The first letter of each word."""
    return "".join(word[0] for word in words)


def _told_words(words: list[str]) -> list[str]:
    """Joining words dropped and letters side by side made one word, so that "S. A." is "SA"; until at rest."""
    kept = [word for i, word in enumerate(words) if not _joins(words, i)] or words[:1]
    merged = _LONE_LETTER.sub(r"\1", " ".join(kept))
    told = [_undone(word) for word in merged.split()] if _DIGRAPH.search(merged) else merged.split()
    return told if told == words else _told_words(told)


def _undone(word: str) -> str:
    """Without digraphs, unless so short that it would be another name, as AEG would be AG."""
    return without_digraphs(word) if len(word) >= 5 else word


def _joins(words: list[str], i: int) -> bool:
    """Whether a word only joins its neighbours; a letter does between two words, but not between letters."""
    if words[i] in _JOINING:
        return True
    return words[i] in _JOINING_LETTERS and 0 < i < len(words) - 1 and min(len(words[i - 1]), len(words[i + 1])) > 1


def _legal_end(words: list[str]) -> int:
    """How many words at the end of a name are one legal form."""
    last = words[-1]
    longer = (end for end in _LEGAL_ENDS if end[-1] == last and words[-len(end) :] == end)
    return len(next(longer, ())) or int(last in LEGAL_FORMS)


def _typing_error(x: str, y: str) -> bool:
    shorter = min(len(x), len(y))
    allowed = 1 if shorter < 9 else 2
    return shorter >= 5 and OSA.distance(x, y, score_cutoff=allowed) <= allowed


def _shortens(short: list[str], long: list[str]) -> bool:
    if len(short) == 1 and len(short[0]) >= 3 and short[0] == initials(long):
        return True
    told = len(short) <= len(long) and any(x == y and len(x) >= 3 for x, y in zip(short, long, strict=False))
    return told and all(map(_abbreviates, short, long))


def _abbreviates(short: str, long: str) -> bool:
    """Whether a word is the other, its beginning, or its letters with some left out ("mfg" for manufacturing)."""
    if long == short or (len(short) >= 3 and long.startswith(short)):
        return True
    left = iter(long)
    return 3 <= len(short) < len(long) and short[0] == long[0] and all(letter in left for letter in short)
