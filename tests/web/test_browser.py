"""The console in a real browser."""

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.needs import needs
from tests.web.served import served
from tests.web.tiny import TinyGraph, always_ready

from crmgraph.web.app import create
from crmgraph.web.console_page import Example

CHROMIUM = "/usr/bin/chromium"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
EXAMPLES = (
    Example("Whom do we greet?", "query Greeting($name: String!) {\n  hello(name: $name)\n}", {"name": "Ada"}),
    Example("The same, without a name", "query World {\n  hello\n}"),
)


class Visit:
    """One browser page, and everything that happened on it."""

    def __init__(self, page: Any, address: str) -> None:
        self.page = page
        self.address = address
        self.requested: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.requested.append(request.url))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        page.set_default_timeout(10_000)
        page.goto(address)
        page.wait_for_selector(".graphiql-query-editor .CodeMirror")

    def answer(self) -> str:
        return self.page.evaluate("document.querySelector('.result-window .CodeMirror').CodeMirror.getValue()")

    def until(self, condition: str) -> None:
        """Asks again and again from outside: the page's policy forbids to evaluate text inside of it."""
        for _ in range(200):
            if self.page.evaluate(condition):
                return
            self.page.wait_for_timeout(25)
        raise AssertionError(f"It never came true: {condition}")

    def tabs(self) -> list[str]:
        return self.page.locator(".graphiql-tab").all_inner_texts()

    def run(self) -> None:
        self.page.click(".graphiql-query-editor .CodeMirror-lines")
        self.page.keyboard.press("Control+Enter")
        self.page.wait_for_selector(".result-window .cm-property")


@pytest.fixture
def visit() -> Iterator[Visit]:
    needs("Chromium", Path(CHROMIUM).exists() and importlib.util.find_spec("playwright") is not None)
    from playwright.sync_api import sync_playwright

    with served(create(TinyGraph(), always_ready, EXAMPLES)) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        try:
            yield Visit(browser.new_page(viewport={"width": 1280, "height": 800}), address)
        finally:
            browser.close()


def test_the_console_opens_runs_a_query_and_asks_no_other_host(visit: Visit) -> None:
    page = visit.page
    assert page.title() == "crmgraph"
    assert page.inner_text(".brand") == "crmgraph"
    assert visit.tabs() == ["Greeting", "World"]
    visit.run()
    assert '"hello": "Hello, Ada"' in visit.answer()
    page.click("button[aria-label='Show Documentation Explorer']")
    page.wait_for_selector(".graphiql-doc-explorer >> text=query")
    page.click("button[aria-label='Open settings dialog']")
    page.wait_for_selector(".graphiql-dialog")
    screenshot(page)
    assert {urlsplit(url).netloc for url in visit.requested} == {urlsplit(visit.address).netloc}
    assert visit.complaints == []


def test_what_was_typed_is_there_again_after_a_reload(visit: Visit) -> None:
    page = visit.page
    page.click(".graphiql-tab >> text=World")
    page.click(".graphiql-query-editor .CodeMirror-lines")
    page.keyboard.press("Control+End")
    page.keyboard.type("# mine")
    visit.until("(localStorage.getItem('crmgraph:graphiql:tabState') || '').includes('# mine')")
    page.reload()
    page.wait_for_selector(".graphiql-query-editor .cm-comment:has-text('# mine')")
    assert all(key.startswith("crmgraph:") for key in page.evaluate("Object.keys(localStorage)"))


def test_a_reload_changes_nothing(visit: Visit) -> None:
    visit.page.reload()
    visit.page.wait_for_selector(".graphiql-query-editor .CodeMirror")
    assert visit.tabs() == ["Greeting", "World"]
    visit.run()
    assert '"hello": "Hello, Ada"' in visit.answer()


def screenshot(page: Any) -> None:
    """Kept where CRMGRAPH_SCREENSHOT says, for people who want to look."""
    if path := os.environ.get("CRMGRAPH_SCREENSHOT"):
        page.screenshot(path=path)
