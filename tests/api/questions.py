"""Questions made up at random, for what must hold of every one."""

import random
from collections.abc import Sequence

SOURCES = ("leadconnector", "concord", "bigcontacts", "orgcrm")


class Asking:
    """Makes up questions about people and lists."""

    LEAVES = ("id", "displayName", "email", "createdAt", "leadSource", "customFields {key text}", "addresses {city}")
    USER = "owner {name email}"

    def __init__(self, dice: random.Random, sources: Sequence[str] = SOURCES) -> None:
        self.dice = dice
        self.sources = sources

    def question(self) -> str:
        """A document of one to three root fields."""
        fields = [f"f{at}: {self._root()}" for at in range(self.dice.choice((1, 1, 2, 3)))]
        return "{" + " ".join(fields) + "}"

    def _root(self) -> str:
        first = self.dice.choice((1, 3, 10, 25))
        some = self.dice.sample(self.sources, self.dice.randint(1, len(self.sources)))
        sources = self.dice.choice(("", f"sources: {str(some).replace(chr(39), chr(34))}"))
        return self.dice.choice(
            (
                lambda: f"contacts(first: {first} {sources} {self._condition()}) {self._nodes(self._contact(2))}",
                lambda: f"contacts(first: {first}) {self._nodes(self._contact(2))}",
                lambda: f"tasks(first: {first} {sources}) {self._nodes(self._task(1))}",
                lambda: f"companies(first: {first} {sources}) {self._nodes(self._company(1))}",
                lambda: f"opportunities(first: {first} {sources}) {self._nodes(self._opportunity(1))}",
                lambda: f"activities(first: {first} {sources}) {self._nodes('id kind ' + self.USER)}",
                lambda: "users {name}",
                lambda: "tags {name}",
                lambda: "customFields {key}",
            )
        )()

    def _condition(self) -> str:
        return self.dice.choice(
            (
                "",
                'search: "an"',
                'filter: {createdAt: {gte: "2025-01-01T00:00:00Z"}}',
                'filter: {email: {contains: "example"}}',
                'filter: {or: [{givenName: {startsWith: "m"}}, {tags: {eq: "vip"}}]}',
            )
        )

    def _nodes(self, inner: str) -> str:
        return self.dice.choice((f"{{nodes {{{inner}}}}}", f"{{edges {{node {{{inner}}}}}}}"))

    def _some(self, leaves: tuple[str, ...], relations: list[str]) -> str:
        chosen = self.dice.sample(leaves, self.dice.randint(1, 3))
        return " ".join([*chosen, *self.dice.sample(relations, self.dice.randint(0, min(2, len(relations))))])

    def _contact(self, depth: int) -> str:
        if depth <= 0:
            return self._some(self.LEAVES, [])
        first = f"(first: {self.dice.choice((1, 5, 25))})"
        deeper = [
            f"tasks{first} {self._nodes(self._task(depth - 1))}",
            f"notes{first} {self._nodes('id body')}",
            f"activities{first} {self._nodes('id kind ' + self.USER)}",
            f"appointments{first} {self._nodes('startsAt')}",
            f"opportunities{first} {self._nodes(self._opportunity(depth - 1))}",
            f"company {{{self._company(depth - 1)}}}",
            "companies {name}",
            self.USER,
        ]
        return self._some(self.LEAVES, deeper)

    def _task(self, depth: int) -> str:
        if depth <= 0:
            return self._some(("id", "title", "status"), ["assignees {name}"])
        return self._some(("id", "title", "status"), [f"contacts {{{self._contact(depth - 1)}}}", "assignees {name}"])

    def _company(self, depth: int) -> str:
        if depth <= 0:
            return self._some(("id", "name", "industry"), [self.USER])
        return self._some(
            ("id", "name", "industry"), [f"contacts(first: 3) {self._nodes(self._contact(0))}", self.USER]
        )

    def _opportunity(self, depth: int) -> str:
        if depth <= 0:
            return self._some(("id", "name", "lostReason"), ["stage {name}"])
        return self._some(
            ("id", "name", "lostReason"),
            [f"contact {{{self._contact(0)}}}", "stage {name}", "pipeline {name}", self.USER],
        )
