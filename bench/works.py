"""What is asked: each work in our words and in the others', and in which part of the answers all must agree."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bench.asking import Body

PAGES = 10

_FIELDS = (
    "id givenName familyName fullName jobTitle companyName leadSource website createdAt updatedAt"
    " emails { value } phones { value } addresses { city } tags { name } owner { name email }"
)
_MERGED = (
    "id displayName givenName familyName jobTitle companyName createdAt updatedAt emails { value } phones { value }"
    " tags { name } owner { name } company { name } tasks(first: 5) { nodes { title assignees { name } } }"
)

OUR_PAGE = (
    "query ($first: Int!, $after: String) { contacts(first: $first, after: $after) {"
    f" nodes {{ {_FIELDS} }} pageInfo {{ endCursor hasNextPage }} }} }}"
)
"""One page of a walk: `first` and the `after` of the page before."""

Ask = Callable[[Body], Any]
"""Asks a server one question and gives the data of its answer."""


@dataclass(frozen=True, slots=True)
class Wording:
    """`questions` makes the questions that are asked in turn, if need be by asking; `answer` is the part compared."""

    questions: Callable[[Ask], Sequence[Body]]
    answer: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Work:
    """One kind of request; one answer of it is a request of the tables."""

    letter: str
    title: str
    ours: Wording
    theirs: Wording

    def wording(self, is_ours: bool) -> Wording:
        return self.ours if is_ours else self.theirs


def comparable(value: Any) -> Any:
    """An answer without the ids, which are each server's own."""
    if isinstance(value, dict):
        return {key: comparable(one) for key, one in value.items() if key != "id"}
    if isinstance(value, list):
        return [comparable(one) for one in value]
    return value


def _always(query: str) -> Callable[[Ask], Sequence[Body]]:
    return lambda _: [{"query": query}]


def _our_one(ask: Ask) -> Sequence[Body]:
    """Our id of the seventh contact is not known beforehand."""
    seventh = ask({"query": "{ contacts(first: 7) { nodes { id } } }"})["contacts"]["nodes"][6]["id"]
    return [{"query": f"query ($id: ID!) {{ contact(by: {{id: $id}}) {{ {_FIELDS} }} }}", "variables": {"id": seventh}}]


def _their_one(_: Ask) -> Sequence[Body]:
    return [{"query": f"{{ contact(id: 7) {{ {_FIELDS} }} }}"}]


def _our_pages(ask: Ask) -> Sequence[Body]:
    """Each page's cursor is in the page before."""
    found: list[Body] = []
    after = None
    for _ in range(PAGES):
        found.append({"query": OUR_PAGE, "variables": {"first": 100, "after": after}})
        after = ask(found[-1])["contacts"]["pageInfo"]["endCursor"]
    return found


def _their_pages(_: Ask) -> Sequence[Body]:
    query = f"query ($page: Int!) {{ contacts(page: $page) {{ {_FIELDS} }} }}"
    return [{"query": query, "variables": {"page": number}} for number in range(1, PAGES + 1)]


def _whole(data: Any) -> Any:
    return data


_OUR_LIST = f"{{ contacts(first: 100) {{ nodes {{ {_FIELDS} }} }} }}"
_THEIR_LIST = f"{{ contacts {{ {_FIELDS} }} }}"
_MERGED_LIST = Wording(_always(f"{{ contacts(first: 25) {{ nodes {{ {_MERGED} }} }} }}"), _whole)
_TYPENAME = Wording(_always("{ __typename }"), _whole)


def _in_nodes(data: Any) -> Any:
    return data["contacts"]["nodes"]


def _in_list(data: Any) -> Any:
    return data["contacts"]


WORKS = {
    work.letter: work
    for work in (
        Work(
            "a",
            "100 contacts with tags and a batched owner",
            Wording(_always(_OUR_LIST), _in_nodes),
            Wording(_always(_THEIR_LIST), _in_list),
        ),
        Work("b", "25 people merged from four CRMs, with their tasks", _MERGED_LIST, _MERGED_LIST),
        Work("c", "one contact by id", Wording(_our_one, _whole), Wording(_their_one, _whole)),
        Work(
            "d",
            "1,000 contacts page by page, a page a request",
            Wording(_our_pages, _in_nodes),
            Wording(_their_pages, _in_list),
        ),
        Work("e", "`{ __typename }`", _TYPENAME, _TYPENAME),
    )
}
