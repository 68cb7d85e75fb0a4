"""When two records are one person: the match rules, each a function whose docstring is what users read.

The rules are tried in the order of `RULES`; the first that has something to say decides, and the last one always has. A
rule sees nothing but the two profiles and how many people share their keys, so its judgement is the same on every page.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from crmgraph.domain.names import Agreement, Level, agreement
from crmgraph.domain.profiles import Profile, keys

Shared = Callable[[str], int]
"""How many people hold a key: the most records that hold it within any one source, as the index counts them."""


class Verdict(StrEnum):
    """What a judgement says: records judged unsure stay apart, but may be offered to a human."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether two records are one person, by which rule and why.

    `keys` are the agreeing keys that may join; `strength` orders links, the stronger joined first (0 unless YES).
    """

    verdict: Verdict
    rule: str
    reason: str
    keys: tuple[str, ...] = ()
    strength: int = 0


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that rules look at: the keys both hold, apart by whether too many people hold them, and the names."""

    same_source: bool
    emails: tuple[str, ...]
    phones: tuple[str, ...]
    crowded: tuple[str, ...]
    names: Agreement

    @property
    def keys(self) -> tuple[str, ...]:
        return self.emails + self.phones


MatchRule = Callable[[Evidence], Verdict | None]


def one_source(evidence: Evidence) -> Verdict | None:
    """Two records of one source stay two people, because each source answers for its own duplicates."""
    return Verdict.NO if evidence.same_source else None


def no_shared_key(evidence: Evidence) -> Verdict | None:
    """Records that share no e-mail and no phone are not compared further."""
    return Verdict.NO if not evidence.keys and not evidence.crowded else None


def crowded_key(evidence: Evidence) -> Verdict | None:
    """An e-mail or phone that more people share than the limit allows joins nobody."""
    return Verdict.NO if not evidence.keys else None


def shared_email(evidence: Evidence) -> Verdict | None:
    """A shared e-mail joins two records unless their names disagree."""
    return Verdict.YES if evidence.emails and evidence.names.level > Level.DIFFERENT else None


def shared_phone(evidence: Evidence) -> Verdict | None:
    """A shared phone joins two records whose given names agree and whose family names do not disagree."""
    agree = evidence.names.given >= Level.CLOSE and evidence.names.family > Level.DIFFERENT
    return Verdict.YES if evidence.phones and agree else None


def shared_phone_alone(evidence: Evidence) -> Verdict | None:
    """A shared phone without a given name to compare may be a household's: the records stay apart, unsure."""
    return Verdict.UNSURE if evidence.names.level > Level.DIFFERENT else None


def new_family_name(evidence: Evidence) -> Verdict | None:
    """A shared e-mail and an agreeing given name with another family name may be a marriage: apart, unsure."""
    told = evidence.names.given in (Level.SAME, Level.NICKNAME, Level.CLOSE)
    return Verdict.UNSURE if evidence.emails and told else None


def names_disagree(evidence: Evidence) -> Verdict | None:
    """A shared e-mail or phone does not join two records whose names disagree."""
    return Verdict.NO


RULES: tuple[MatchRule, ...] = (
    one_source,
    no_shared_key,
    crowded_key,
    shared_email,
    shared_phone,
    shared_phone_alone,
    new_family_name,
    names_disagree,
)


def judge(a: Profile, b: Profile, shared: Shared, limit: int) -> Judgement:
    """Whether `a` and `b` are one person; a key that more than `limit` people share counts nothing."""
    evidence = _evidence(a, b, shared, limit)
    return next(_judgement(said, rule, evidence) for rule in RULES if (said := rule(evidence)) is not None)


def explain(rule: str) -> str:
    """The sentence that users read about the rule of this name."""
    return next((one.__doc__ or "" for one in RULES if one.__name__ == rule), "")


def _evidence(a: Profile, b: Profile, shared: Shared, limit: int) -> Evidence:
    theirs = set(keys(b))
    common = [key for key in keys(a) if key in theirs]
    crowded = tuple(key for key in common if shared(key) > limit)
    usable = [key for key in sorted(common) if key not in crowded]
    return Evidence(
        same_source=a.ref.source == b.ref.source,
        emails=tuple(key for key in usable if key.startswith("email:")),
        phones=tuple(key for key in usable if key.startswith("phone:")),
        crowded=tuple(sorted(crowded)),
        names=agreement(a.name, b.name),
    )


def _judgement(verdict: Verdict, rule: MatchRule, evidence: Evidence) -> Judgement:
    strength = _strength(evidence) if verdict is Verdict.YES else 0
    return Judgement(verdict, rule.__name__, _reason(evidence), evidence.keys, strength)


def _strength(evidence: Evidence) -> int:
    """An e-mail outweighs a phone, a key outweighs any name, and names part what keys leave even."""
    names = evidence.names.given + evidence.names.family
    return 40 * min(len(evidence.emails), 3) + 20 * min(len(evidence.phones), 3) + names


def _reason(evidence: Evidence) -> str:
    """What was found, in sentences: the keys by kind, never their values, and then the names."""
    if evidence.same_source:
        return "Both records are of one source."
    if not evidence.keys:
        return (
            "Too many people share the keys they share." if evidence.crowded else "They share no e-mail and no phone."
        )
    kinds = (("e-mail", len(evidence.emails)), ("phone", len(evidence.phones)))
    found = " and ".join(f"{count} {kind}{'s' * (count > 1)}" for kind, count in kinds if count)
    return f"They share {found}. {evidence.names.reason}"
