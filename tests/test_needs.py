"""What a test needs is skipped by name, or failed by name when everything is required."""

import pytest
from tests.needs import REQUIRE, needs


def test_what_is_present_is_no_matter() -> None:
    needs("Chromium", True)


def test_what_is_missing_skips_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(REQUIRE, raising=False)
    with pytest.raises(pytest.skip.Exception, match=r"^needs Chromium$"):
        needs("Chromium", False)


def test_what_is_missing_fails_by_name_when_all_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(REQUIRE, "all")
    with pytest.raises(pytest.fail.Exception, match="needs Chromium, and CRMGRAPH_REQUIRE=all forbids to skip"):
        needs("Chromium", False)
