"""Spelling groups: the variants of one value are taken together before a value is chosen, and then the best spelling.

Variants are short forms of one given name, typing errors, halves of a double name, initials, and companies with and
without their legal form. Four records that say Robert, Rob, Bob and Maria are three for Robert and one for Maria.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from crmgraph.domain.folding import fold
from crmgraph.domain.model import Link
from crmgraph.domain.records import Record
from crmgraph.domain.survivorship.saying import Case, Said, changed
from crmgraph.domain.survivorship.variants import COMPANY, SENSES, TEXT, Sense
from crmgraph.domain.survivorship.witnesses import Mailboxes, mailboxes

Group = Sequence["Spelt"]


class Spelt(Struct, frozen=True, gc=False):
    """What a record says, its text as it is spelt, folded, and the core that counts as one spelling."""

    said: Said
    text: str
    key: str
    core: str
    place: int


def stable(held: Sequence[Said], case: Case) -> Sequence[Said]:
    """Of all variants of one value, the biggest group; in it the fullest spelling that most records hold."""
    groups = _groups(held, case)
    most = [group for group in groups if len(group) == max(map(len, groups))]
    if len(most) > 1:
        boxes = mailboxes(case.records)
        most.sort(key=lambda group: (-max(boxes.spell(one.core) for one in group), group[0].place))
    return [one.said for one in _spelling(most[0], case)]


def changing(held: Sequence[Said], case: Case) -> Sequence[Said]:
    """Of all variants of one value, the group of the record changed last; in it the fullest spelling that most hold."""
    groups = _groups(held, case)
    spoke = {one.ref for one in held}
    silent = [record for record in case.records if record.ref not in spoke]
    best = groups[0]
    if len(groups) > 1:
        best = max(groups, key=lambda group: (_newest(group, case, silent), len(group), -group[0].place))
    return [one.said for one in _spelling(best, case)]


def are_variants(one: Any, other: Any, field: str) -> bool:
    """Whether two values of a field are variants of one."""
    a, b, sense = fold(_text(one)), fold(_text(other)), _sense(field)
    return bool(a and b) and (sense.core(a) == sense.core(b) or sense.alike(a, b))


def _sense(field: str) -> Sense:
    return SENSES.get(field, TEXT)


def _groups(held: Sequence[Said], case: Case) -> list[list[Spelt]]:
    """What is held, variants together; whatever joins two groups makes them one."""
    sense, groups = _sense(case.field), list[list[Spelt]]()
    for place, said in enumerate(held):
        text = _text(said.value)
        key = fold(text) or text
        one = Spelt(said, text, key, sense.core(key), place)
        near = [group for group in groups if any(_is_variant(one, other, sense) for other in group)]
        groups = [group for group in groups if group not in near]
        groups.append(sorted([*(other for group in near for other in group), one], key=lambda spelt: spelt.place))
    return groups


def _text(value: Any) -> str:
    """The text that is compared; a link without a name is like no other."""
    if isinstance(value, Link):
        return value.name or f"#{value.id}"
    return str(value).strip()


def _is_variant(one: Spelt, other: Spelt, sense: Sense) -> bool:
    return one.core == other.core or sense.alike(one.key, other.key)


def _newest(group: Group, case: Case, silent: Sequence[Record]) -> datetime:
    """When a record last spoke for the group: by its value, or for a company by a mailbox there and no other word."""
    times = [changed(one.said.record, case.problems) for one in group]
    if _sense(case.field) is COMPANY:
        names = {one.key for one in group}
        times += [changed(record, case.problems) for record in silent if any(map(mailboxes([record]).fit, names))]
    return max(times)


def _spelling(group: Group, case: Case) -> Group:
    """The spellings that give way to no other, of these the one that most hold, and of its ways to be written the
    richest.
    """
    sense, keys = _sense(case.field), {one.key for one in group}
    full = [one for one in group if not any(sense.yields(one.key, other) for other in keys - {one.key})] or group
    counts = Counter(one.core for one in full)
    most = [one for one in full if counts[one.core] == max(counts.values())]
    if any(one.core != most[0].core for one in most):
        boxes = mailboxes(case.records)
        best = max(most, key=lambda one: (_credit(one, sense, boxes), -one.place))
        most = [one for one in most if one.core == best.core]
    top = max(map(_richness, most))
    return [one for one in most if _richness(one) == top]


def _credit(one: Spelt, sense: Sense, boxes: Mailboxes) -> tuple[float, ...]:
    """What speaks for one of two spellings that as many records hold."""
    spelt = boxes.fit(one.text) if sense is COMPANY else boxes.spell(one.core)
    return (spelt, sense.common(one.key), len(one.key.split()), not one.text.isascii())


def _richness(one: Spelt) -> tuple[bool, int, bool]:
    """Accents are lost, never found; a text all in capitals or all small was typed in a hurry."""
    return (not one.text.isascii(), len(one.key), one.text not in (one.text.upper(), one.text.lower()))
