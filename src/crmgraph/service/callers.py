"""Who is calling, and what they may: a caller has one role, a role has scopes and a sight.

A scope is `KIND:read`, `KIND:create`, `KIND:update` or `KIND:delete`, or one of `SPECIAL`. What no scope allows is
forbidden.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from crmgraph.domain.model import Kind
from crmgraph.service.errands import Urgency
from crmgraph.service.sights import EVERYTHING, Sight

OPERATIONS = ("read", "create", "update", "delete")

SPECIAL: Mapping[str, str] = {
    "source:read": "ask which sources there are and how they are",
    "raw": "see the CRMs' own JSON, and the calls that write",
    "judge": "decide who is one person, and which value of a field holds",
    "operate": "see everybody's pending writes, and run rules",
    "introspect": "ask for the schema where that is otherwise off",
    "documents:any": "ask what is no trusted document where only those are answered",
}
"""The scopes that are about no kind, and what each allows."""

SCOPES = frozenset({*(f"{kind}:{one}" for kind in Kind for one in OPERATIONS), *SPECIAL})
"""All scopes there are."""

GROUPS = ("*", "*:read", "*:write", *(f"{kind}:write" for kind in Kind))
"""Words that stand for several: `write` for create, update and delete, `*` for all kinds or for everything."""


def expanded(words: Iterable[str]) -> frozenset[str]:
    """The scopes that words of `SCOPES` and `GROUPS` stand for."""
    return frozenset(scope for word in words for scope in _expanded(word))


def _expanded(word: str) -> Iterator[str]:
    kind, _, operation = word.partition(":")
    for scope in SCOPES if word != "*" else ():
        of, _, allows = scope.partition(":")
        same = operation == allows or (operation == "write" and allows in OPERATIONS[1:])
        if scope == word or (same and kind in ("*", of)):
            yield scope
    if word == "*":
        yield from SCOPES


@dataclass(frozen=True, slots=True)
class Role:
    """What those who have it may do and see; `urgency` is how their questions count where not all can be answered."""

    name: str
    scopes: frozenset[str]
    sight: Sight = EVERYTHING
    urgency: Urgency = Urgency.INTERACTIVE

    def may(self, scope: str) -> bool:
        """Whether a scope is among its own."""
        return scope in self.scopes


ADMIN = Role("admin", SCOPES)
"""The role that may everything."""

ASKABLE = SCOPES - {"introspect", "documents:any"}
"""What a question may take."""


@dataclass(frozen=True, slots=True)
class Caller:
    """`name` tells one caller from all others. `tokens` are credentials of their own, by source, hidden in print."""

    name: str
    role: Role
    tokens: tuple[tuple[str, str], ...] = field(default=(), repr=False)


ANYBODY = Caller("anybody", Role("anybody", ASKABLE))
"""The caller where callers are not told apart; whether the schema is told them, the environment says."""
