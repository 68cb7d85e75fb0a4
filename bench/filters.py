"""What the replica is asked in `bench.copying`: every field of the graph's filter with every word it knows, and what
people put together of them.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

from crmgraph.domain.filtering import And, Condition, Filter, Not, Op, Or
from crmgraph.domain.free_text import in_words

NOW = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
LETTERS = "abcdefghijklmnoprstuvwxyz"
"""All but one, which is in what nobody has."""

TEXTS = (
    "fullName",
    "givenName",
    "familyName",
    "companyName",
    "jobTitle",
    "leadSource",
    "website",
    "timezone",
    "emails",
)
MOST = 10
"""So many conditions are put together by chance."""


def single() -> Iterator[tuple[str, Filter | None]]:
    """One condition, rare or common."""
    yield "everybody", None
    for field in TEXTS:
        yield f"{field} contains, rare", Condition(field, Op.CONTAINS, "qzqz")
        yield f"{field} contains two letters, rare", Condition(field, Op.CONTAINS, "qz")
        yield f"{field} contains, common", Condition(field, Op.CONTAINS, "a")
        yield f"{field} starts, rare", Condition(field, Op.STARTS_WITH, "qzqz")
        yield f"{field} equals nobody's", Condition(field, Op.EQ, "qzqz")
        yield f"{field} is missing", Condition(field, Op.IS_NULL, True)
        yield f"{field} is one of 100", Condition(field, Op.IN, tuple(f"q{number}" for number in range(100)))
    yield "phone contains", Condition("phones", Op.CONTAINS, "5550142")
    yield "phone equals", Condition("phones", Op.EQ, "+14155550142")
    yield "tag, common", Condition("tags", Op.EQ, "vip")
    yield "tag, nobody's", Condition("tags", Op.EQ, "nobody")
    yield "owner", Condition("owner", Op.EQ, "u1")
    yield "company, nobody's", Condition("company", Op.EQ, "none")
    yield "born before", Condition("birthDate", Op.LT, date(1950, 1, 3))
    yield "not to be contacted", Condition("doNotContact", Op.EQ, True)
    yield "changed lately", Condition("updatedAt", Op.GTE, NOW - DAY)
    yield "made long ago", Condition("createdAt", Op.LT, NOW - 2990 * DAY)
    yield "custom text, rare", Condition("customFields.note", Op.CONTAINS, "qzqz")
    yield "custom option, common", Condition("customFields.level", Op.EQ, "gold")
    yield "custom number, rare", Condition("customFields.score", Op.GTE, Decimal(999))
    yield "custom number, one of five", Condition("customFields.score", Op.IN, tuple(map(Decimal, range(5))))
    yield "custom number, all but few", Not(Condition("customFields.score", Op.GTE, Decimal(1)))


def together() -> Iterator[tuple[str, Filter | None]]:
    """Several conditions that hold one another up, and free text."""
    rare = Condition("jobTitle", Op.CONTAINS, "qzqz")
    yield "and, or, not", And((Or((Condition("tags", Op.EQ, "vip"), rare)), Not(Condition("owner", Op.EQ, "u2")), rare))
    yield "any of nine, rare", Or(tuple(Condition(field, Op.CONTAINS, f"qz{field[:2]}") for field in TEXTS))
    yield "any of nine of two letters, rare", Or(tuple(Condition(field, Op.CONTAINS, "qz") for field in TEXTS))
    yield "all of nine, common", And(tuple(Condition(field, Op.CONTAINS, "a") for field in TEXTS))
    names = zip(("givenName", "familyName", "companyName", "jobTitle", "website"), "abcde", strict=True)
    yield "all of five, together rare", And(tuple(Condition(field, Op.CONTAINS, letter) for field, letter in names))
    for text in ("qzqz", "qz", "a", "ab", "anna", "ann smi", "abc de", "a b c d", "xyz inc", "abel@", "4155550142"):
        yield f"free text `{text}`", in_words(text)


def by_chance(random: Random, count: int) -> Iterator[tuple[str, Filter]]:
    """So many filters of up to ten conditions, as deep as chance makes them."""
    for number in range(count):
        yield f"by chance, no. {number}", _tree(random, random.randint(2, MOST))


def _tree(random: Random, size: int) -> Filter:
    if size == 1:
        leaf = _leaf(random)
        return Not(leaf) if random.random() < 0.15 else leaf
    parts: list[Filter] = []
    while size > 0:
        part = random.randint(1, size if parts else size - 1)
        parts.append(_tree(random, part))
        size -= part
    return random.choice((And, Or))(tuple(parts))


def _leaf(random: Random) -> Condition:
    """As often parts of texts as all else, of one letter to four."""
    at = NOW - timedelta(seconds=random.randrange(259_200_000))
    before = random.choice((Op.LT, Op.GTE))
    part = Condition(random.choice((*TEXTS, "customFields.note")), Op.CONTAINS, _letters(random, random.randint(1, 4)))
    others = (
        Condition(random.choice(TEXTS), Op.STARTS_WITH, _letters(random, random.randint(1, 3))),
        Condition("leadSource", Op.EQ, random.choice(("web", "fair", "post"))),
        Condition("phones", Op.CONTAINS, str(random.randrange(1_000_000))),
        Condition("tags", Op.EQ, random.choice(("vip", "lead", "cold", "nobody"))),
        Condition("owner", Op.EQ, f"u{random.randrange(45)}"),
        Condition("birthDate", before, date(1950, 1, 1) + random.randrange(20_000) * DAY),
        Condition(random.choice(("createdAt", "updatedAt")), before, at),
        Condition("customFields.score", before, Decimal(random.randrange(1000))),
        Condition("customFields.level", Op.EQ, random.choice(("gold", "silver"))),
    )
    return part if random.random() < 0.5 else random.choice(others)


def _letters(random: Random, length: int) -> str:
    return "".join(random.choices(LETTERS, k=length))
