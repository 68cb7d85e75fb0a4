"""Where a call goes, to the letter."""

from urllib.parse import parse_qsl

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sources.given import call

from crmgraph.domain.errors import InputError
from crmgraph.sources.target import target

BASE = "https://crm.example.com/api"

TABLE = [
    (BASE, call("/contacts"), "/api/contacts"),
    (BASE + "/", call("/contacts"), "/api/contacts"),
    (BASE, call("/contacts/"), "/api/contacts/"),
    ("https://crm.example.com", call("/"), "/"),
    (BASE, call("/contact/a%2Fb"), "/api/contact/a%2Fb"),
    (BASE, call("//evil.example.com/x"), "/api//evil.example.com/x"),
    (BASE, call("/contacts?view=all", query=(("page", "2"),)), "/api/contacts?view=all&page=2"),
    (BASE, call(query=(("ids", "a|b"), ("q", "a+b c&d=e"))), "/api/contacts?ids=a%7Cb&q=a%2Bb%20c%26d%3De"),
    (BASE, call(query=(("tag[]", "x"), ("tag[]", "y"))), "/api/contacts?tag%5B%5D=x&tag%5B%5D=y"),
    (BASE, call(query=(("q", "100%41"),)), "/api/contacts?q=100%2541"),
    (BASE, call(query=(("q", "Émile"),)), "/api/contacts?q=%C3%89mile"),
]


@pytest.mark.parametrize(("base", "asked", "path"), TABLE)
def test_an_address_is_the_base_the_path_as_written_and_the_query_encoded_once(base, asked, path) -> None:
    url = httpx.URL(target(base, asked))
    assert url.raw_path.decode() == path
    assert url.host == "crm.example.com"


@pytest.mark.parametrize("path", ["/contact/..", "/contact/./tasks", "@evil.example.com/", "https://evil.example.com"])
def test_a_path_cannot_lead_elsewhere(path: str) -> None:
    with pytest.raises(InputError, match=r"^An id for `sales` may not be a step of a path, such as `\.\.`\.$"):
        target(BASE, call(path))


def test_an_address_is_not_longer_than_servers_take() -> None:
    with pytest.raises(
        InputError, match=r"^What is asked of `sales` is too long for one call; ask for less at once\.$"
    ):
        target(BASE, call(query=(("q", "x" * 70_000),)))


@given(st.lists(st.tuples(st.text(max_size=8), st.text(max_size=8)), max_size=4))
def test_whatever_a_query_holds_arrives_as_it_was(pairs: list[tuple[str, str]]) -> None:
    url = httpx.URL(target(BASE, call(query=tuple(pairs))))
    assert parse_qsl(url.query.decode(), keep_blank_values=True) == pairs
