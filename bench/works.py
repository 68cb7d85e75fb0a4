"""What is asked: one question in each peer's words, and what of the answer must be the same for all."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

FIELDS = (
    "id givenName familyName fullName jobTitle companyName leadSource website createdAt updatedAt"
    " emails { value } phones { value } addresses { city } tags { name } owner { name email }"
)


@dataclass(frozen=True, slots=True)
class Work:
    """`ours` is the question for crmgraph, `theirs` for the others; the two functions find the answer in `data`."""

    letter: str
    title: str
    ours: str
    theirs: str
    in_ours: Callable[[Any], Any]
    in_theirs: Callable[[Any], Any]

    def question(self, is_ours: bool) -> str:
        return self.ours if is_ours else self.theirs

    def answer(self, data: Any, is_ours: bool) -> Any:
        """The part of an answer in which all peers must agree: everything but the ids, which are each peer's own."""
        return without_ids(self.in_ours(data) if is_ours else self.in_theirs(data))


def without_ids(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_ids(one) for key, one in value.items() if key != "id"}
    if isinstance(value, list):
        return [without_ids(one) for one in value]
    return value


WORKS = {
    work.letter: work
    for work in (
        Work(
            "a",
            "100 contacts with tags and a batched owner",
            f"{{ contacts(first: 100) {{ nodes {{ {FIELDS} }} }} }}",
            f"{{ contacts {{ {FIELDS} }} }}",
            lambda data: data["contacts"]["nodes"],
            lambda data: data["contacts"],
        ),
        Work("e", "`{__typename}`", "{__typename}", "{__typename}", lambda data: data, lambda data: data),
    )
}
