"""What the domain of an e-mail address tells: a free provider's anybody, or the company that it spells."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from importlib.resources import files

from rapidfuzz.distance import OSA

from crmgraph.domain.companies import LEGAL_FORMS, initials
from crmgraph.domain.folding import without_digraphs, word_set

_REMEMBERED = 65_536
_SECOND_LEVELS = word_set("co com org net gov gob edu ac ltd plc me or ne go gv in nom biz info")
_TAILS = LEGAL_FORMS | word_set("hq online web app shop store mail global international intl europe usa uk us de")
_AND_COMPANY = frozenset({"andco", "undco", "etcie", "andsons"})
_BETWEEN = ("", "and", "und", "et", "y", "e", "i", "n")
_SHORTEST_LABEL, _WORDS_READ = 5, 6


@dataclass(frozen=True, slots=True)
class _Providers:
    """Free providers' domains; those near to a big one that are a company's own; and the big ones by `_shortened`."""

    free: frozenset[str]
    owned: frozenset[str]
    near: Mapping[str, Set[str]]


class DomainFit(IntEnum):
    """How far a domain spells a company's name. PART: its first word or its initials; WHOLE: two words or all."""

    NONE = 0
    PART = 1
    WHOLE = 2


def free_mail(domain: str) -> bool:
    """Whether anybody can have a mailbox under this domain (lower case), so that it tells of no company."""
    return domain in _providers().free


@lru_cache(_REMEMBERED)
def corrected_domain(domain: str) -> str:
    """The big free provider that a domain misspells by one letter ("gmial.com"), else the domain itself.

    A known domain is never taken for a typing error, nor is one that resembles two providers. The shipped list marks
    which providers are big; their names have five letters at least, as shorter ones have honest neighbours.
    """
    providers = _providers()
    if domain in providers.free or domain in providers.owned:
        return domain
    met = {provider for short in _shortened(domain) for provider in providers.near.get(short, ())}
    near = [provider for provider in met if _one_letter_off(domain, provider)]
    return near[0] if len(near) == 1 else domain


@lru_cache(_REMEMBERED)
def domain_label(domain: str) -> str:
    """The word that its owner chose: "acme" of "mail.acme.co.uk"."""
    labels = domain.split(".")[:-1] or [domain]
    if len(labels) > 1 and labels[-1] in _SECOND_LEVELS:
        labels = labels[:-1]
    return labels[-1]


@lru_cache(_REMEMBERED)
def domain_fits(company: str, domain: str) -> DomainFit:
    """How far a work address's domain spells the company of this normal form; a free provider's spells none.

    Words may be left out behind the first one, joined by "and", cut short at the end, and followed by a legal form.
    """
    if not company or free_mail(domain):
        return DomainFit.NONE
    label = domain_label(domain)
    readings = {(label, company), (without_digraphs(label), without_digraphs(company))}
    return max(_fit(spelling, name.split()) for spelling, name in readings)


def _fit(label: str, words: Sequence[str]) -> DomainFit:
    whole = label.replace("-", "")
    spelt = _most_spelt(whole, words)
    if spelt >= min(2, len(words)):
        return DomainFit.WHOLE
    begun = "-" in label and _most_spelt(label.partition("-")[0], words)
    return DomainFit.PART if spelt or begun or _hinted(whole, words) else DomainFit.NONE


def _most_spelt(label: str, words: Sequence[str]) -> int:
    """How many words, the first among them, the label spells one after the other; 0 when something is left over."""
    first = words[0]
    if not label.startswith(first):
        return 0
    return max((1 + count for count in _ways(label[len(first) :], words[1:_WORDS_READ])), default=0)


def _ways(rest: str, words: Sequence[str]) -> Iterator[int]:
    """For every way in which words, some left out, spell the rest of a label: how many they are."""
    if not rest or rest in _TAILS or rest in _AND_COMPANY:
        yield 0
    for i, word in enumerate(words):
        for joined in _BETWEEN:
            piece = joined + word
            if rest.startswith(piece):
                yield from (1 + count for count in _ways(rest[len(piece) :], words[i + 1 :]))
            elif len(rest) >= len(joined) + 3 and piece.startswith(rest):
                yield 1


def _hinted(label: str, words: Sequence[str]) -> bool:
    """Whether the label is the name's initials, its beginning, a later word of it or a misspelling."""
    together = "".join(words)
    if len(label) >= 3 and label == initials(words):
        return True
    if len(label) < _SHORTEST_LABEL:
        return False
    later = any(len(word) >= _SHORTEST_LABEL and _most_spelt(label, words[i:]) for i, word in enumerate(words[1:], 1))
    return later or together.startswith(label) or any(_typing_error(label, name) for name in (words[0], together))


def _typing_error(label: str, name: str) -> bool:
    return len(name) >= _SHORTEST_LABEL and _one_letter_off(label, name)


def _shortened(word: str) -> Iterator[str]:
    """A word and what is left of it without one of its letters: two that are a slip apart have one in common."""
    yield word
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]


def _one_letter_off(one: str, other: str) -> bool:
    return abs(len(one) - len(other)) <= 1 and OSA.distance(one, other, score_cutoff=1) <= 1


def _by_slip(providers: Iterable[str]) -> Mapping[str, Set[str]]:
    near: defaultdict[str, set[str]] = defaultdict(set)
    for provider in providers:
        for short in _shortened(provider):
            near[short].add(provider)
    return near


@lru_cache(1)
def _providers() -> _Providers:
    """The shipped list, read on first use."""
    lines = (files("crmgraph.domain") / "free_mail.txt").read_text("utf-8").splitlines()
    words = [word for line in lines if not line.startswith("#") for word in line.split()]
    return _Providers(
        free=frozenset(word.removeprefix("*") for word in words if not word.startswith("-")),
        owned=frozenset(word[1:] for word in words if word.startswith("-")),
        near=_by_slip(word[1:] for word in words if word.startswith("*")),
    )
